"""Child processes of the demo."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scene_clip_ros.core.errors import ProcessError
from scene_clip_ros.demo.processes import Child

WAIT_FOREVER = "import signal; print('up', flush=True); signal.pause()"


def start(code: str, log: Path) -> Child:
    return Child("the child", [sys.executable, "-c", code], log=log, env=os.environ)


def wait(child: Child) -> None:
    while child.exit_code is None:
        os.sched_yield()


def test_a_child_is_ended_when_its_block_is_left(tmp_path: Path) -> None:
    with start(WAIT_FOREVER, tmp_path / "log") as child:
        child.check_running()
    assert child.exit_code is not None


def test_a_failed_child_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with start("raise SystemExit('no camera here')", tmp_path / "log") as child:
        wait(child)
        with pytest.raises(ProcessError, match=r"exit code 1: no camera here \(all of its output"):
            child.check()


def test_a_child_that_ends_well_passes_the_check_but_does_not_run(tmp_path: Path) -> None:
    with start("", tmp_path / "log") as child:
        wait(child)
        child.check()
        with pytest.raises(ProcessError, match="exit code 0: no output"):
            child.check_running()


def test_stopping_twice_does_nothing_more(tmp_path: Path) -> None:
    child = start(WAIT_FOREVER, tmp_path / "log")
    child.stop()
    code = child.exit_code
    child.stop()
    assert child.exit_code == code


def test_a_program_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="expected to start the child"):
        Child("the child", ["/no/such/program"], log=tmp_path / "log", env={})
