"""Nodes as processes of their own, and what they say and take up."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMEOUT_S = 120.0
"""Longer than anything takes on a busy machine; only a failing test waits for it."""

RUNTIME = "from scene_clip_ros.nodes.runtime import main; raise SystemExit(main())"
FAKE_RUNTIME = """
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.models.fake_segmenter import FakeSegmenter
from scene_clip_ros.nodes.process import run_node
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode

make = lambda: SceneClipNode(
    load_encoder=lambda _: FakeEncoder(),
    load_proposer=lambda _: FakeProposer(),
    find_segmenter=lambda _: FakeSegmenter,
)
raise SystemExit(run_node(make))
"""
"""The node with models that know colours."""
PLAYER = "from scene_clip_ros.nodes.drive_player import main; raise SystemExit(main())"
MONITOR = "from scene_clip_ros.nodes.scene_monitor import main; raise SystemExit(main())"
ALERTS = "from scene_clip_ros.nodes.pedestrian_alerts import main; raise SystemExit(main())"


INSTALLED = """
import runpy, sys
from ament_index_python.packages import get_package_prefix

path = f"{get_package_prefix('scene_clip_ros')}/lib/scene_clip_ros/EXECUTABLE"
sys.argv[0] = path
runpy.run_path(path, run_name="__main__")
"""
"""One of the executables as users start it; put its name in."""


class NodeProcess:
    """Python with ROS parameters, started at once.

    Args:
        code: What Python runs.
        parameters: Each as ``name:=value``.
        domain_id: DDS domain.
        folder: Where it runs: outside the source tree, whose package has no messages. Its cache
            is there, too.
        environment: Variables beside those of this process.
    """

    def __init__(
        self,
        code: str,
        parameters: Sequence[str] = (),
        *,
        domain_id: int,
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it."""
        given = [word for parameter in parameters for word in ("-p", parameter)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *(["--ros-args", *given] if given else [])],
            cwd=folder,
            env={
                **os.environ,
                "ROS_DOMAIN_ID": str(domain_id),
                "SCENE_CLIP_CACHE": str(folder / "cache"),
                **(environment or {}),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._is_silent = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        """What it has written to stderr so far."""
        with self._changed:
            return "".join(self._lines)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def wait_until_said(self, words: str) -> None:
        """Wait for words on stderr.

        Raises:
            TimeoutError: They do not come, or it ends without them.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_silent or any(words in line for line in self._lines), TIMEOUT_S
            )
        if words not in self.said:
            message = f"expected {words!r}, got {self.said!r}"
            raise TimeoutError(message)

    def children(self) -> list[int]:
        """Return the numbers of the processes that it has started and that have not ended."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return [int(word) for task in tasks for word in (task / "children").read_text().split()]

    def resident_mb(self) -> float:
        """Return the memory that it holds, in megabytes."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * resource.getpagesize() / 1e6

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal; without effect if it has ended."""
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for its end and return the exit status."""
        status = self._process.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        return status

    def wait_at_most(self, seconds: float) -> None:
        """Let it go on for a while, unless it ends."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def wait_until_handling(self, number: signal.Signals) -> None:
        """Wait until it has a handler for a signal, or has ended."""
        status = Path(f"/proc/{self.pid}/status")

        def is_handling() -> bool:
            (line,) = [it for it in status.read_text().splitlines() if it.startswith("SigCgt")]
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)

        while self.is_running and not is_handling():
            self.wait_at_most(0.001)

    def kill(self) -> None:
        """End it, and what it has started, without warning; without effect if all has ended."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                with self._changed:
                    self._lines.append(line)
                    self._changed.notify_all()
        with self._changed:
            self._is_silent = True
            self._changed.notify_all()
