"""Make what every other target needs: the virtual environment, its packages, the build.

Needs nothing but Python. ROS 2 comes from the sourced installation if there is one, and else from
wheels on PyPI. Steps that are done are skipped, so that the second run takes no time.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import prerequisites
import ros_wheels
from ros_choice import Ros, constrain_to_system, find_ros
from steps import Console, Stamp, StepError, digest_files, run_command

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BUILD, INSTALL, LOG = ROOT / "build", ROOT / "install", ROOT / "log"
SETUP_LOG = LOG / "setup.log"

INTERFACES = ROOT / "test" / "interfaces"
"""Stand-ins for packages of interfaces that PyPI lacks."""

PINS = ROOT / "requirements.txt"
DEVELOPMENT_PINS = ROOT / "requirements-dev.txt"
ROS_PINS = ROOT / "requirements-ros.txt"

BASE_PYTHON: str = getattr(sys, "_base_executable", sys.executable)
"""The interpreter outside any virtual environment."""

INCLUDE_FOLDERS = """
import json, sysconfig, numpy
print(json.dumps([sysconfig.get_paths()["include"], numpy.get_include()]))
"""


def main() -> int:
    """Run every step that is not done; return the exit status."""
    ros = find_ros(BASE_PYTHON)
    missing = prerequisites.find_missing(VENV, wheels=not ros.sourced)
    if missing:
        print(prerequisites.describe(missing), file=sys.stderr)
        return 1
    setup = Setup(ros)
    try:
        setup.run()
    except StepError as err:
        setup.console.fail()
        print(f"error: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        setup.console.fail()
        print("interrupted; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


class Setup:
    """The steps, in order."""

    def __init__(self, ros: Ros) -> None:
        """Prepare for one source of ROS 2; does nothing yet."""
        self.console = Console()
        self._ros = ros
        self._begun = False

    def run(self) -> None:
        """Do what is not done.

        Raises:
            StepError: A step failed.
        """
        if not self._environment_fits():
            self._show("Create .venv", self._make_environment)
        packages = digest_files([PINS, DEVELOPMENT_PINS, ROS_PINS], extra=str(self._ros))
        self._step(
            "Install packages (PyTorch is large: minutes the first time)",
            self._install_packages,
            stamp=Stamp(VENV / "setup" / "packages"),
            digest=packages,
        )
        self._step(
            "Install the command scene-clip",
            self._install_command,
            stamp=Stamp(VENV / "setup" / "command"),
            digest=digest_files(ROOT / name for name in ("setup.py", "package.xml")),
        )
        self._step(
            "Build the messages and the package",
            self._build,
            stamp=Stamp(INSTALL / ".setup"),
            digest=digest_build_inputs(extra=packages),
        )

    def _step(self, title: str, action: Callable[[], None], *, stamp: Stamp, digest: str) -> None:
        """Do a step unless it has been done for the same inputs."""
        if not stamp.is_current(digest):
            self._show(title, action)
            stamp.write(digest)

    def _show(self, title: str, action: Callable[[], None]) -> None:
        if not self._begun:
            self._begun = True
            print(f"Setting up with {self._ros}; details in {SETUP_LOG.relative_to(ROOT)}")
        self.console.begin(title)
        action()
        self.console.end()

    def _environment_fits(self) -> bool:
        """Tell whether ``.venv`` works, with this Python and this source of ROS 2.

        Raises:
            StepError: It was made beside a ROS 2 that is not sourced now.
        """
        settings = VENV / "pyvenv.cfg"
        if not settings.is_file() or not _succeeds([PYTHON, "-m", "pip", "--version"]):
            return False
        text = settings.read_text(encoding="utf-8")
        beside_ros = "include-system-site-packages = true" in text
        if beside_ros and not self._ros.sourced:
            message = (
                "expected the ROS 2 for which .venv was made to be sourced, got none: source its "
                "setup.bash, or start over with: make distclean"
            )
            raise StepError(message)
        version = ".".join(str(part) for part in sys.version_info[:3])
        return beside_ros == self._ros.sourced and f"version = {version}\n" in text

    def _make_environment(self) -> None:
        for folder in (BUILD, INSTALL):  # what CMake has cached there names the old environment
            shutil.rmtree(folder, ignore_errors=True)
        options = ["--system-site-packages"] if self._ros.sourced else []
        self._run(BASE_PYTHON, "-m", "venv", "--clear", *options, VENV)

    def _install_packages(self) -> None:
        if self._ros.sourced:
            self._install_beside_ros()
            return
        self._pip("-r", PINS, "-r", DEVELOPMENT_PINS, "-r", ROS_PINS)
        python_include, numpy_include = _find_include_folders()
        ros_wheels.relocate(VENV, python_include=python_include, numpy_include=numpy_include)

    def _install_beside_ros(self) -> None:
        constraints = VENV / "constraints.txt"
        lines = constrain_to_system(BASE_PYTHON, PINS)
        constraints.write_text("\n".join(lines) + "\n", encoding="utf-8")
        tools = [] if shutil.which("colcon") else ["colcon-common-extensions", "empy==3.3.4"]
        tools += [] if shutil.which("cmake") else ["cmake"]
        # Ours even where the system has the same versions: the commands must be those of .venv.
        self._pip("--ignore-installed", "-r", DEVELOPMENT_PINS)
        self._pip("-c", constraints, "--editable", ROOT, *tools)

    def _install_command(self) -> None:
        self._pip("--no-deps", "--no-build-isolation", "--editable", ROOT)

    def _build(self) -> None:
        remove_dangling_links(INSTALL)
        stand_ins = find_stand_ins(self._variables().get("AMENT_PREFIX_PATH", ""))
        self._run(
            *("colcon", "--log-base", LOG, "build", "--base-paths", ROOT, *stand_ins),
            *("--build-base", BUILD, "--install-base", INSTALL, "--symlink-install"),
            *("--cmake-args", f"-DPython3_EXECUTABLE={PYTHON}"),
        )

    def _pip(self, *arguments: str | Path) -> None:
        self._run(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *arguments)

    def _run(self, *command: str | Path) -> None:
        run_command(command, log=SETUP_LOG, console=self.console, env=self._variables(), cwd=ROOT)

    def _variables(self) -> dict[str, str]:
        """Return the environment variables of every command."""
        variables = dict(os.environ)
        variables["VIRTUAL_ENV"] = str(VENV)
        variables["PATH"] = f"{VENV / 'bin'}{os.pathsep}{variables.get('PATH', os.defpath)}"
        if not self._ros.sourced:
            variables["AMENT_PREFIX_PATH"] = variables["CMAKE_PREFIX_PATH"] = str(VENV)
            variables.pop("PYTHONPATH", None)
            if variables.pop("ROS_DISTRO", None):
                variables.pop("LD_LIBRARY_PATH", None)
        return variables


def find_stand_ins(prefixes: str) -> list[Path]:
    """Return packages of interfaces that are built for tests, since the real ones are missing.

    Args:
        prefixes: ``AMENT_PREFIX_PATH``; what an earlier build has put there does not count.
    """
    index = "share/ament_index/resource_index/packages"
    installed = [
        Path(prefix) / index
        for prefix in prefixes.split(os.pathsep)
        if prefix and not Path(prefix).is_relative_to(INSTALL)
    ]
    return [
        path
        for path in sorted(INTERFACES.iterdir())
        if not any((folder / path.name).exists() for folder in installed)
    ]


def digest_build_inputs(*, extra: str) -> str:
    """Digest what the build depends on: of what it links to only the names."""
    contents = [ROOT / "CMakeLists.txt", ROOT / "package.xml", ROOT / "scripts/executable.py.in"]
    contents += [*(ROOT / "msg").iterdir(), *(ROOT / "srv").iterdir()]
    contents += [path for path in INTERFACES.rglob("*") if path.is_file()]
    linked = [
        path
        for folder in ("scene_clip_ros", "config", "launch")
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
    ]
    return digest_files(contents, extra="\n".join([extra, *_sorted_names(linked)]))


def remove_dangling_links(folder: Path) -> None:
    """Remove links to source files that are gone, which a build leaves in the install space."""
    for path in folder.rglob("*"):
        if path.is_symlink() and not path.exists():
            path.unlink()


def _sorted_names(paths: Iterable[Path]) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def _find_include_folders() -> tuple[str, str]:
    """Ask the environment for the include folders of Python and of NumPy."""
    command = [PYTHON, "-c", INCLUDE_FOLDERS]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    python_include, numpy_include = json.loads(answer.stdout)
    return python_include, numpy_include


def _succeeds(command: list[str | Path]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
