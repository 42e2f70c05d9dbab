"""What killed processes leave in shared memory is freed, and nothing else."""

from __future__ import annotations

import fcntl
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from node_process import FAKE_RUNTIME, NodeProcess
from shared_memory import is_free, make_older

from scene_clip_ros.nodes.abandoned_memory import (
    MIN_AGE_S,
    SHARED_MEMORY,
    free_abandoned_memory,
)

NAME = "fastrtps_0123456789abcdef"
NAMES = [NAME, "fastdds_0123456789abcdef"]


def leave(folder: Path, name: str = NAME, *, age_s: float = 2 * MIN_AGE_S) -> tuple[Path, Path]:
    """Make a segment with its lock, as old as is said."""
    segment, lock = folder / name, folder / f"{name}_el"
    for path in (segment, lock):
        path.write_bytes(b"x")
    make_older(lock, age_s)
    return segment, lock


@pytest.mark.parametrize("name", NAMES)
def test_a_segment_whose_lock_nobody_holds_is_removed(tmp_path: Path, name: str) -> None:
    leave(tmp_path, name)

    assert free_abandoned_memory(tmp_path) == 1
    assert not list(tmp_path.iterdir())


def test_a_segment_in_use_stays(tmp_path: Path) -> None:
    segment, lock = leave(tmp_path)
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert free_abandoned_memory(tmp_path) == 0

    assert segment.exists()
    assert lock.exists()


def test_a_segment_that_may_just_have_been_made_stays(tmp_path: Path) -> None:
    segment, _ = leave(tmp_path, age_s=0.0)

    assert free_abandoned_memory(tmp_path) == 0
    assert segment.exists()


def test_what_is_not_of_fast_dds_stays(tmp_path: Path) -> None:
    for name in ("fastrtps_port7412", "sem.mine", "fastrtps_0123"):
        leave(tmp_path, name)

    assert free_abandoned_memory(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == 6


def test_without_shared_memory_nothing_is_done(tmp_path: Path) -> None:
    assert free_abandoned_memory(tmp_path / "none") == 0


def segments() -> set[Path]:
    return {path for path in SHARED_MEMORY.glob("fast*_el") if "port" not in path.name}


def test_a_node_frees_what_one_that_was_killed_has_left(
    start_process: Callable[..., NodeProcess],
) -> None:
    before = segments()
    killed = start_process(FAKE_RUNTIME)
    killed.wait_until_said("cameras: ")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    left = {path for path in segments() - before if is_free(path)}
    for path in left:
        make_older(path, 2 * MIN_AGE_S)

    start_process(FAKE_RUNTIME).wait_until_said("cameras: ")

    assert left
    assert not left & segments()
