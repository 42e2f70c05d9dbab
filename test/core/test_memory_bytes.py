"""A memory takes no more than it says, and no frame waits long for room."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest
from memory_frames import keep, stamps_of, turned

from scene_clip_ros.core.camera_frames import least_bytes
from scene_clip_ros.core.frame_memory import MAX_LEAVING, FrameMemory, MemoryLimits
from scene_clip_ros.core.memory_snapshot import MemorySnapshot

DIM = 64
ROWS, MANY_ROWS = 128, 1024
EMBEDDING = turned(0, DIM)
SIZES = {"no": [0], "small": [700, 3500], "large": [9000, 30_000], "mixed": [0, 8192, 8193, 1]}


@pytest.fixture(name="traced")
def _traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def traced_bytes() -> int:
    """Return what was allocated by the memory, or here for it, and is still there."""
    found = tracemalloc.take_snapshot().statistics("filename")
    sizes = {each.traceback[0].filename: each.size for each in found}
    return sum(sizes[file] for file in sizes if file == __file__ or "/scene_clip_ros/core/" in file)


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("is_looked_at", [False, True], ids=["unseen", "seen"])
def test_memory_takes_no_more_bytes_than_it_says(sizes: list[int], *, is_looked_at: bool) -> None:
    most = 2 * least_bytes(512, MANY_ROWS) + 10_000_000
    limits = MemoryLimits(max_bytes=most, max_frames=5 * MANY_ROWS // 2)
    before = traced_bytes()
    memory, embedding = FrameMemory(512, limits, block_rows=MANY_ROWS), turned(0, 512)
    snapshots: list[MemorySnapshot] = []
    for step in range(6 * MANY_ROWS):
        thumbnail = bytes(sizes[step % len(sizes)])
        keep(memory, ("front", "rear")[step % 2], step, embedding, thumbnail=thumbnail)
        if step % 199 == 0:
            said = memory.statistics().size_bytes
            assert traced_bytes() - before <= said <= most
            snapshots = [memory.snapshot()] if is_looked_at else []
    assert memory.statistics().frames > 100
    del snapshots


@pytest.mark.usefixtures("traced")
def test_memory_takes_nothing_for_cameras_without_frames() -> None:
    memory = FrameMemory(DIM, block_rows=ROWS)
    keep(memory, "first", 0, EMBEDDING)
    memory.clear()
    before = traced_bytes()
    for step in range(20):
        keep(memory, f"camera{step}", step, EMBEDDING)
        memory.clear()

    assert memory.statistics().size_bytes == 0
    assert traced_bytes() - before < 10_000


def test_frames_of_a_new_camera_wait_until_there_is_room() -> None:
    most = 2 * least_bytes(DIM, ROWS) + 300_000
    memory = FrameMemory(DIM, MemoryLimits(max_bytes=most), block_rows=ROWS)
    for step in range(10 * ROWS):
        keep(memory, "front", step, EMBEDDING)
    assert len(stamps_of(memory, "front")) > 2 * MAX_LEAVING

    for step in range(10 * ROWS, 11 * ROWS):
        for camera in ("front", "rear"):
            before = memory.statistics().frames
            keep(memory, camera, step, EMBEDDING)
            assert before - MAX_LEAVING <= memory.statistics().frames
            assert memory.statistics().size_bytes <= most

    assert stamps_of(memory, "front")[-1] == stamps_of(memory, "rear")[-1] == 11 * ROWS - 1


def test_narrower_limits_are_reached_a_few_frames_at_a_time() -> None:
    memory = FrameMemory(DIM, MemoryLimits(), block_rows=ROWS)
    for step in range(1000):
        keep(memory, "front", step, EMBEDDING)

    memory.set_limits(MemoryLimits(max_frames=100))
    counts = []
    for step in range(1000, 1050):
        keep(memory, "front", step, EMBEDDING)
        counts.append(memory.statistics().frames)

    assert counts[0] == 1000 - MAX_LEAVING
    assert counts[-1] == 100
    assert stamps_of(memory, "front")[-1] == 1049
