from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.pipeline.frame_job import EveryFrame, FrameJob, NewestPerCamera, WaitingJob


def never_decoded() -> ImageArray:
    raise AssertionError


def waiting(camera: str, stamp_ns: int = 0, *, size_bytes: int = 0) -> WaitingJob:
    job = FrameJob(camera, stamp_ns, never_decoded, size_bytes=size_bytes)
    return WaitingJob(job, submitted_ns=stamp_ns)


def test_newer_frame_replaces_the_older_and_keeps_its_turn() -> None:
    slots = NewestPerCamera()
    slots.put(waiting("left", 1))
    slots.put(waiting("right", 2))
    superseded = slots.put(waiting("left", 3))
    assert superseded is not None
    assert superseded.stamp_ns == 1
    assert [(w.job.camera, w.job.stamp_ns) for w in slots.take(9)] == [("left", 3), ("right", 2)]


def test_taken_frames_leave_their_slots() -> None:
    slots = NewestPerCamera()
    slots.put(waiting("left"))
    assert len(slots.take(1)) == 1
    assert len(slots) == 0
    assert slots.take(1) == []


@given(st.lists(st.sampled_from("abcde"), max_size=40), st.integers(1, 6))
def test_every_frame_is_taken_or_superseded_and_at_most_one_waits_per_camera(
    cameras: list[str], count: int
) -> None:
    slots = NewestPerCamera()
    superseded = 0
    for stamp_ns, camera in enumerate(cameras):
        superseded += slots.put(waiting(camera, stamp_ns)) is not None
    assert len(slots) == len(set(cameras))
    taken = []
    while batch := slots.take(count):
        assert len(batch) <= count
        taken += batch
    assert len(taken) + superseded == len(cameras)


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=60))
def test_camera_that_waits_is_served_before_any_other_twice(busy: list[str]) -> None:
    slots = NewestPerCamera()
    slots.put(waiting("quiet"))
    served = []
    for camera in busy:
        slots.put(waiting(camera))
        served += [taken.job.camera for taken in slots.take(1)]
    assert served[0] == "quiet"


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 50)), max_size=60),
    st.integers(1, 200),
    st.integers(1, 4),
)
def test_every_frame_comes_out_in_order_but_those_for_which_there_is_no_room(
    frames: list[tuple[str, int]], max_bytes: int, every: int
) -> None:
    queue = EveryFrame(max_bytes)
    kept, taken, bytes_waiting = [], [], 0
    for stamp_ns, (camera, size_bytes) in enumerate(frames):
        is_alone = len(queue) == 0
        dropped = queue.put(waiting(camera, stamp_ns, size_bytes=size_bytes))
        fits = is_alone or bytes_waiting + size_bytes <= max_bytes
        assert (dropped is None) == fits
        if fits:
            kept.append((camera, stamp_ns))
            bytes_waiting += size_bytes
        if stamp_ns % every == 0:
            out = queue.take(1)
            bytes_waiting -= sum(each.job.size_bytes for each in out)
            taken += out
    taken += queue.take(len(frames))
    assert [(each.job.camera, each.job.stamp_ns) for each in taken] == kept
    assert len(queue) == 0
