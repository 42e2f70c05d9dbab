from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_frames import DIM, EXACT_UNITS, keep, stamps_of, turned

from scene_clip_ros.core.byte_pages import stored_bytes
from scene_clip_ros.core.camera_frames import least_bytes
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_blocks import row_bytes
from scene_clip_ros.core.frame_memory import (
    BLOCK_ROWS,
    MAX_DISORDER_NS,
    MAX_LEAVING,
    MAX_SKEW_NS,
    FrameMemory,
    MemoryLimits,
    StoredFrame,
)
from scene_clip_ros.core.memory_snapshot import MemorySnapshot
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import FloatArray

MS = NS_PER_S // 1000
ROWS = 3
CAMERA_BYTES = least_bytes(DIM, ROWS)
FRAME_BYTES = row_bytes(DIM)

Row = tuple[str, int, int, bytes]
"""Camera, stamp, number of the unit vector, thumbnail."""


@dataclass
class NaiveMemory:
    """What a memory should do, with plain lists."""

    limits: MemoryLimits
    rows: dict[str, list[Row]] = field(default_factory=dict)
    shift_ns: dict[str, int] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        camera, stamp_ns, _, _ = row
        if camera in self.rows:
            elapsed_ns = stamp_ns - self.rows[camera][-1][1]
            if -MAX_DISORDER_NS <= elapsed_ns < 0:
                return
            if elapsed_ns < 0:
                self._forget_if(self.time_ns, above=stamp_ns + self.shift_ns[camera])
        shift_ns = self.shift_ns.get(camera, 0) if camera in self.rows else 0
        if self.rows and stamp_ns + shift_ns < self.newest_ns - MAX_SKEW_NS:
            shift_ns = self.newest_ns - stamp_ns
        self.shift_ns[camera] = shift_ns
        first_ns = stamp_ns + shift_ns - round(self.limits.max_age_s * NS_PER_S)
        self._forget_if(lambda row: -self.time_ns(row), above=-first_ns)
        if self._make_room(row, first_ns):
            self.rows.setdefault(camera, []).append(row)

    def clear(self, camera: str | None) -> None:
        for name in [camera] if camera else list(self.rows):
            self.rows.pop(name, None)

    def time_ns(self, row: Row) -> int:
        return row[1] + self.shift_ns[row[0]]

    @property
    def newest_ns(self) -> int:
        return max(self.time_ns(row) for row in self.all)

    @property
    def all(self) -> list[Row]:
        return [row for rows in self.rows.values() for row in rows]

    @property
    def size_bytes(self) -> int:
        return CAMERA_BYTES * len(self.rows) + sum(map(size_of, self.all))

    def _make_room(self, row: Row, first_ns: int) -> bool:
        if CAMERA_BYTES + size_of(row) > self.limits.max_bytes:
            return False
        for _ in range(MAX_LEAVING):
            if not self.rows:
                break
            oldest = min((rows[0] for rows in self.rows.values()), key=self.time_ns)
            if self.time_ns(oldest) >= first_ns and self._has_room(row):
                break
            self.rows[oldest[0]].pop(0)
            if not self.rows[oldest[0]]:
                del self.rows[oldest[0]]
        return self._has_room(row)

    def _has_room(self, row: Row) -> bool:
        size_bytes = self.size_bytes + size_of(row) + CAMERA_BYTES * (row[0] not in self.rows)
        return size_bytes <= self.limits.max_bytes and len(self.all) < self.limits.max_frames

    def _forget_if(self, key: Callable[[Row], int], *, above: int) -> None:
        for camera in [name for name, rows in self.rows.items() if key(rows[-1]) > above]:
            del self.rows[camera]


def size_of(row: Row) -> int:
    return FRAME_BYTES + stored_bytes(len(row[3]))


def rows_of(snapshot: MemorySnapshot) -> list[Row]:
    """Return every row, the embedding as the number of its unit vector."""
    return [
        (frame.camera, frame.stamp_ns, number_of(embedding), frame.thumbnail)
        for block in snapshot.blocks
        for row, embedding in enumerate(block.embeddings)
        for frame in [block.frame(row)]
    ]


def number_of(embedding: Any) -> int:
    return next(n for n, unit in enumerate(EXACT_UNITS) if np.array_equal(unit, embedding))


def without_thumbnails(rows: list[Row]) -> list[tuple[str, int, int]]:
    return [row[:3] for row in rows]


def assert_consistent(snapshot: MemorySnapshot) -> None:
    """Check what a snapshot says twice: stamps, frames, counts and moments."""
    cosines: list[float] = []
    query = turned(30, snapshot.dim)
    for block in snapshot.blocks:
        stamps = block.stamps_ns.tolist()
        assert stamps == sorted(stamps)
        assert stamps == [block.frame(row).stamp_ns for row in range(len(block))]
        cosines += (block.embeddings.astype(np.float64) @ query).tolist()
    sums = snapshot.sum_cosines(query)
    assert len(snapshot) == sums.count == len(cosines)
    assert sums.mean == pytest.approx(np.mean(cosines) if cosines else 0.0, abs=1e-9)
    assert sums.deviation == pytest.approx(np.std(cosines) if cosines else 0.0, abs=1e-6)
    assert snapshot.moments.keys() == snapshot.clocks_ns.keys() == cameras_of(snapshot)


def cameras_of(snapshot: MemorySnapshot) -> set[str]:
    return {block.camera for block in snapshot.blocks}


ADDITIONS = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from([0, 5, 10, 10, 10, 60, 200, -30, -1500, 20_000, -20_000]),
    st.integers(0, len(EXACT_UNITS) - 1),
    st.integers(0, 40),
)
CLEARINGS = st.sampled_from(["a", "b", None])
STEPS = st.lists(ADDITIONS | ADDITIONS | ADDITIONS | CLEARINGS | st.just("look"), max_size=80)
LIMITS = st.builds(
    MemoryLimits,
    max_age_s=st.sampled_from([0.1, 0.5]),
    max_frames=st.sampled_from([3, 10, 1000]),
    max_bytes=st.sampled_from([2 * CAMERA_BYTES + 6 * FRAME_BYTES, 10**6]),
)


@given(STEPS, LIMITS)
def test_snapshots_are_those_of_plain_lists_and_stay_as_they_are(
    steps: list[Any], limits: MemoryLimits
) -> None:
    memory, naive = FrameMemory(DIM, limits, block_rows=ROWS), NaiveMemory(limits)
    taken: list[tuple[MemorySnapshot, list[Row]]] = []
    now_ns = 1000 * MS
    for step in steps:
        if step == "look":
            taken.append((memory.snapshot(), naive.all))
        elif isinstance(step, tuple):
            camera, elapsed_ms, unit, size = step
            now_ns += elapsed_ms * MS
            keep(memory, camera, now_ns, EXACT_UNITS[unit], thumbnail=bytes(size))
            naive.add((camera, now_ns, unit, bytes(size)))
        else:
            memory.clear(step)
            naive.clear(step)
        snapshot = memory.snapshot()
        assert rows_of(snapshot) == naive.all
        assert_consistent(snapshot)
        assert memory.statistics().frames == len(naive.all) <= limits.max_frames
        assert memory.statistics().size_bytes == naive.size_bytes <= limits.max_bytes

    for snapshot, rows in taken:
        assert without_thumbnails(rows_of(snapshot)) == without_thumbnails(rows)
        assert_consistent(snapshot)


def a_memory(**limits: Any) -> FrameMemory:
    return FrameMemory(DIM, MemoryLimits(**limits), block_rows=ROWS)


def test_empty_memory_has_nothing() -> None:
    memory = a_memory()
    statistics = memory.statistics()

    assert_consistent(memory.snapshot())
    assert cameras_of(memory.snapshot()) == set()
    assert (statistics.frames, statistics.size_bytes) == (0, 0)
    assert (statistics.oldest_ns, statistics.newest_ns) == (None, None)


def test_old_frames_leave_when_another_camera_goes_on() -> None:
    memory = a_memory(max_age_s=2.0)
    for second in range(4):
        keep(memory, "front", second * NS_PER_S, turned(second))
    keep(memory, "left", 4 * NS_PER_S, turned(0))

    assert stamps_of(memory, "front") == [2 * NS_PER_S, 3 * NS_PER_S]


def test_frames_that_became_too_old_in_a_pause_leave_a_few_at_a_time() -> None:
    memory = a_memory(max_age_s=10.0)
    for step in range(100):
        keep(memory, "front", step * 100 * MS, turned(step))
    pause_ns = 19 * NS_PER_S + 800 * MS
    keep(memory, "left", pause_ns, turned(0))
    assert len(stamps_of(memory, "front")) == 100 - MAX_LEAVING
    for _ in range(3):
        keep(memory, "left", pause_ns, turned(0))

    assert stamps_of(memory, "front") == [9 * NS_PER_S + 800 * MS, 9 * NS_PER_S + 900 * MS]


def test_camera_whose_frames_are_all_too_old_is_forgotten_at_once() -> None:
    memory = a_memory(max_age_s=1.0)
    for step in range(5 * MAX_LEAVING):
        keep(memory, "front", step, turned(step))
    keep(memory, "left", 9 * NS_PER_S, turned(0))

    assert cameras_of(memory.snapshot()) == {"left"}


def test_oldest_frame_of_any_camera_makes_room() -> None:
    memory = a_memory(max_frames=3)
    keep(memory, "left", 1, turned(0))
    keep(memory, "front", 2, turned(0))
    keep(memory, "left", 3, turned(0))
    keep(memory, "front", 4, turned(0))

    assert (stamps_of(memory, "left"), stamps_of(memory, "front")) == ([3], [2, 4])


def test_frame_larger_than_the_memory_is_not_kept_and_drives_out_no_other() -> None:
    memory = a_memory(max_bytes=CAMERA_BYTES + 1000)
    keep(memory, "front", 1, turned(0))
    keep(memory, "front", 2, turned(0), thumbnail=bytes(2000))

    assert stamps_of(memory, "front") == [1]


def test_thumbnail_is_gone_with_its_frame_even_for_an_earlier_snapshot() -> None:
    memory = a_memory(max_frames=1)
    keep(memory, "front", 1, turned(0), thumbnail=b"jpeg")
    view = memory.snapshot().blocks[0]
    assert view.frame(0) == StoredFrame("front", 1, "front_optical", b"jpeg")
    keep(memory, "front", 2, turned(0))

    assert view.frame(0) == StoredFrame("front", 1, "front_optical", b"")


def test_frames_of_one_stamp_are_all_kept() -> None:
    memory = a_memory()
    for degrees in (0, 90):
        keep(memory, "front", 7, turned(degrees))

    assert stamps_of(memory, "front") == [7, 7]


def test_snapshots_share_the_embeddings() -> None:
    memory = a_memory()
    keep(memory, "front", 1, turned(0))
    first, second = (memory.snapshot().blocks[0].embeddings for _ in range(2))

    assert np.shares_memory(first, second)


@pytest.mark.parametrize(
    ("stamp_ms", "degrees", "is_new"),
    [
        pytest.param(100, 1.0, False, id="alike and soon after"),
        pytest.param(100, 20.0, True, id="different"),
        pytest.param(499, 1.0, False, id="alike just within the gap"),
        pytest.param(500, 1.0, True, id="alike after the gap"),
        pytest.param(-100, 1.0, True, id="before the last"),
        pytest.param(0, 0.0, False, id="the same again"),
    ],
)
def test_near_duplicate_is_told(stamp_ms: int, degrees: float, *, is_new: bool) -> None:
    memory = a_memory(duplicate_cosine=0.995, max_gap_s=0.5)
    keep(memory, "front", 0, turned(0))

    assert memory.is_new("front", stamp_ms * MS, turned(degrees)) is is_new
    assert memory.is_new("left", stamp_ms * MS, turned(degrees))
    assert memory.statistics().duplicates == (not is_new)


def test_frame_is_new_after_its_camera_was_cleared() -> None:
    memory = a_memory()
    keep(memory, "front", 0, turned(0))
    memory.clear("front")

    assert memory.is_new("front", 1, turned(0))


def test_slow_change_is_told_from_the_last_frame_kept() -> None:
    memory = a_memory(duplicate_cosine=0.995, max_gap_s=60.0)
    kept = []
    for degree in range(21):
        if memory.is_new("front", degree * MS, turned(degree)):
            keep(memory, "front", degree * MS, turned(degree))
            kept.append(degree)

    assert kept == [0, 6, 12, 18]


@pytest.mark.parametrize(
    ("embedding", "message"),
    [
        pytest.param(
            np.ones(3, np.float32), r"expected an embedding of shape \(4,\), got \(3,\)", id="size"
        ),
        pytest.param(
            np.ones(4, np.float32),
            "expected an embedding of unit length, got length 2",
            id="length",
        ),
        pytest.param(
            np.full(4, np.nan, np.float32),
            "expected an embedding of unit length, got length nan",
            id="NaN",
        ),
    ],
)
def test_memory_refuses_what_is_no_unit_vector(embedding: FloatArray, message: str) -> None:
    memory = a_memory()

    with pytest.raises(ValueError, match=message):
        keep(memory, "front", 0, embedding)
    with pytest.raises(ValueError, match=message):
        memory.is_new("front", 0, embedding)
    assert memory.statistics().frames == 0


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        pytest.param(
            {"max_age_s": 0.0}, "max_age_s: expected a number in [0.1, 86400], got 0", id="age"
        ),
        pytest.param(
            {"max_frames": 0},
            "max_frames: expected a whole number in [1, 10000000], got 0",
            id="frames",
        ),
        pytest.param(
            {"max_bytes": 1e6},
            "max_bytes: expected a whole number in [1, 1000000000000], got 1000000.0",
            id="bytes",
        ),
        pytest.param(
            {"duplicate_cosine": 2.0},
            "duplicate_cosine: expected a number in [-1, 1], got 2",
            id="duplicates",
        ),
        pytest.param(
            {"max_gap_s": -1.0}, "max_gap_s: expected a number in [0, 3600], got -1", id="gap"
        ),
    ],
)
def test_limits_refuse_bad_values(limits: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        MemoryLimits(**limits)

    assert str(refusal.value) == message


def test_memory_refuses_a_limit_that_holds_nothing() -> None:
    with pytest.raises(ParameterError, match=r"max_bytes: expected at least \d+ .*, got 1000"):
        FrameMemory(512, MemoryLimits(max_bytes=1000))


def test_other_limits_hold_from_the_next_frame() -> None:
    memory = FrameMemory(DIM, MemoryLimits(max_gap_s=0.0))
    for second in range(5):
        keep(memory, "front", second * NS_PER_S, EXACT_UNITS[0])

    memory.set_limits(MemoryLimits(max_frames=3, max_age_s=100.0))
    kept = len(memory.snapshot())
    keep(memory, "front", 5 * NS_PER_S, EXACT_UNITS[1])

    assert (kept, len(memory.snapshot())) == (5, 3)
    assert not memory.is_new("front", 5 * NS_PER_S, EXACT_UNITS[1])


def test_limits_that_hold_nothing_leave_the_old_ones() -> None:
    memory = FrameMemory(DIM, MemoryLimits(), block_rows=ROWS)
    with pytest.raises(ParameterError, match=f"max_bytes: expected at least {CAMERA_BYTES}"):
        memory.set_limits(MemoryLimits(max_bytes=CAMERA_BYTES - 1))
    keep(memory, "front", 0, EXACT_UNITS[0])
    assert len(memory.snapshot()) == 1


def test_most_frames_of_two_cameras_with_small_thumbnails_fit_into_the_default_bytes() -> None:
    limits = MemoryLimits()
    cameras, frame_bytes = 2, row_bytes(512) + stored_bytes(1024)

    size = cameras * least_bytes(512, BLOCK_ROWS) + limits.max_frames * frame_bytes

    assert size <= limits.max_bytes


def run_beside(writer: Callable[[], None], look: Callable[[], None]) -> None:
    """Call ``look`` again and again until ``writer`` is done, and once more."""
    started = threading.Event()

    def write() -> None:
        started.set()
        writer()

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        started.wait()
        while not written.done():
            look()
        written.result()
    look()


def test_snapshots_are_consistent_while_frames_come_and_leave() -> None:
    memory = FrameMemory(8, MemoryLimits(max_frames=200, max_age_s=0.9), block_rows=32)

    def write() -> None:
        for step in range(3000):
            camera = ("front", "left", "right")[step % 3]
            keep(memory, camera, step * 5 * MS, turned(step, 8), thumbnail=bytes(step % 7))
            if step % 500 == 499:
                memory.clear("left")

    def look() -> None:
        snapshot = memory.snapshot()
        assert_consistent(snapshot)
        assert len(snapshot) <= 200
        for block in snapshot.blocks:
            steps = block.stamps_ns // (5 * MS)
            shown = np.stack([turned(step, 8) for step in steps.tolist()])
            assert np.abs(block.embeddings - shown).max() < 1e-3

    run_beside(write, look)


def test_writers_of_several_cameras_do_not_lose_frames() -> None:
    memory = FrameMemory(8, MemoryLimits(), block_rows=16)

    def write(camera: str) -> None:
        for step in range(400):
            assert memory.is_new(camera, step * MS, turned(13 * step, 8))
            keep(memory, camera, step * MS, turned(13 * step, 8))

    cameras = ["front", "left", "rear", "right"]
    with ThreadPoolExecutor(len(cameras)) as pool:
        list(pool.map(write, cameras))

    assert_consistent(memory.snapshot())
    assert {name: len(stamps_of(memory, name)) for name in cameras} == dict.fromkeys(cameras, 400)
