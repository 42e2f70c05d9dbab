"""Find out what the machine lacks, and say how to install it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PYTHON_VERSIONS = ((3, 10), (3, 13))
"""Oldest and newest minor version for which every pin and every ROS 2 wheel exists."""

FREE_GIB = 9
"""Disk space that a new environment and its downloads take, most of it PyTorch's."""


@dataclass(frozen=True)
class Missing:
    """One thing that the machine lacks.

    Attributes:
        what: What it is and what needs it, for a person.
        packages: Debian and Ubuntu packages that bring it; empty if none does.
    """

    what: str
    packages: tuple[str, ...] = ()


def find_missing(environment: Path, *, wheels: bool) -> list[Missing]:
    """Check the machine.

    Args:
        environment: Folder of the virtual environment; need not exist.
        wheels: ROS 2 is to come from PyPI, because none is sourced.

    Returns:
        What is missing, in the order in which it would be needed; empty if all is there.
    """
    missing = [*_missing_python(), *_missing_compiler()]
    if wheels:
        missing += _missing_platform()
    if not environment.exists():
        missing += _missing_space(environment.parent)
    return missing


def describe(missing: list[Missing]) -> str:
    """Write what is missing and the command that installs it, one line each."""
    lines = [f"missing: {item.what}" for item in missing]
    packages = sorted({package for item in missing for package in item.packages})
    if packages:
        sudo = "" if os.geteuid() == 0 else "sudo "
        lines.append(f"install: {sudo}apt-get install -y {' '.join(packages)}")
    return "\n".join(lines)


def _missing_python() -> Iterator[Missing]:
    oldest, newest = PYTHON_VERSIONS
    version = sys.version_info[:2]
    if not oldest <= version <= newest:
        expected = f"{oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}"
        got = f"{version[0]}.{version[1]}"
        yield Missing(f"Python {expected}, got {got} (choose with: make PYTHON=python3.12 …)")
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        yield Missing("Python's venv module", ("python3-venv",))
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        yield Missing("Python's headers, to build the messages", ("python3-dev",))


def _missing_compiler() -> Iterator[Missing]:
    compilers = (("C", "CC", "cc", "gcc"), ("C++", "CXX", "c++", "g++"))
    for language, variable, generic, package in compilers:
        if shutil.which(os.environ.get(variable, generic)) is None:
            yield Missing(f"a {language} compiler, to build the messages", (package,))
    if shutil.which("make") is None:
        yield Missing("make, to build the messages", ("make",))


def _missing_platform() -> Iterator[Missing]:
    machine = (platform.system(), platform.machine())
    if machine != ("Linux", "x86_64"):
        yield Missing(
            f"ROS 2 for {' '.join(machine)}: the wheels on PyPI are for Linux x86_64. "
            "Install ROS 2 Humble, Jazzy or Kilted and source its setup.bash first"
        )


def _missing_space(folder: Path) -> Iterator[Missing]:
    free_gib = shutil.disk_usage(folder).free / 2**30
    if free_gib < FREE_GIB:
        yield Missing(f"{FREE_GIB} GiB of disk space in {folder}, got {free_gib:.1f} GiB")
