"""A question is about the frames of a window, in order of time, and no more than it may be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from recordings import axis

from scene_clip_ros.core.frame_memory import FrameMemory, MemoryLimits, StoredFrame
from scene_clip_ros.core.frame_query import FrameFilter
from scene_clip_ros.core.questions.types import FrameFacts, FrameRef
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.nodes.observed_window import MAX_OFFSET_NS, ObservedWindow

DIM = 32

Moment = tuple[str, float]
"""Camera and seconds."""


def at(camera: str, t_s: float) -> FrameRef:
    return FrameRef(camera, round(t_s * NS_PER_S))


def window_of(moments: Sequence[Moment], **wanted: object) -> ObservedWindow:
    memory = FrameMemory(DIM, MemoryLimits(max_gap_s=0.0))
    for number, (camera, t_s) in enumerate(moments):
        stamp_ns = at(camera, t_s).stamp_ns
        jpeg = f"{camera} {t_s:g}".encode()
        memory.add(StoredFrame(camera, stamp_ns, f"{camera}_optical", jpeg), axis(number))
    return ObservedWindow(memory.snapshot(), FrameFilter(**wanted))


TWO_CAMERAS: tuple[Moment, ...] = (
    ("front", 1),
    ("rear", 1.5),
    ("front", 2),
    ("rear", 2.5),
    ("front", 3),
)


def test_frames_of_all_cameras_are_in_order_of_time_with_their_embeddings_and_pictures() -> None:
    facts = (FrameFacts("front", 5),)

    seen = window_of(TWO_CAMERAS).observe(facts, max_frames=100)

    assert seen.frames == tuple(at(*moment) for moment in TWO_CAMERAS)
    np.testing.assert_array_equal(seen.embeddings, [axis(number) for number in range(5)])
    assert seen.facts == facts
    assert seen.picture is not None
    assert [seen.picture(number) for number in range(5)] == [
        b"front 1",
        b"rear 1.5",
        b"front 2",
        b"rear 2.5",
        b"front 3",
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"window_s": 1.0}, [2, 2.5, 3]),
        ({"end_ns": 2 * NS_PER_S}, [1, 1.5, 2]),
        ({"end_ns": 2 * NS_PER_S, "window_s": 0.5}, [1.5, 2]),
        ({"cameras": ("rear",)}, [1.5, 2.5]),
        ({"end_ns": NS_PER_S // 2}, []),
    ],
    ids=["newest", "until", "between", "camera", "before"],
)
def test_a_window_has_the_frames_of_its_time_and_cameras(
    wanted: dict[str, object], expected: list[float]
) -> None:
    window = window_of(TWO_CAMERAS, **wanted)

    seen = window.observe((), max_frames=100)

    assert [ref.stamp_ns / NS_PER_S for ref in seen.frames] == expected
    assert seen.embeddings.shape == (len(expected), DIM)
    assert len(window) == len(expected)


def test_of_more_frames_than_may_be_looked_at_some_are_taken_at_even_distances() -> None:
    window = window_of([("front", t_s) for t_s in range(101)])

    stamps = [ref.stamp_ns // NS_PER_S for ref in window.observe((), max_frames=5).frames]

    assert stamps == [0, 25, 50, 75, 100]


def test_embeddings_are_of_unit_length_although_they_are_kept_in_half_precision() -> None:
    memory = FrameMemory(3)
    row = np.array([0.6123, 0.7321, 0.2987], np.float32)
    memory.add(StoredFrame("front", 0, "", b""), row / np.linalg.norm(row))

    seen = ObservedWindow(memory.snapshot(), FrameFilter()).observe((), max_frames=9)

    assert np.linalg.norm(seen.embeddings[0]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("ref", "shown"),
    [
        (at("front", 2), b"front 2"),
        (at("front", 2.4), b"front 2"),
        (at("front", 2.6), b"front 3"),
        (at("front", 3 + MAX_OFFSET_NS / NS_PER_S), b"front 3"),
        (at("front", 3.01 + MAX_OFFSET_NS / NS_PER_S), None),
        (at("rear", 2), b"rear 1.5"),
        (at("moon", 2), None),
    ],
    ids=["kept", "after one", "before one", "just near", "too far", "other camera", "no camera"],
)
def test_the_nearest_kept_frame_of_the_camera_stands_for_a_moment(
    ref: FrameRef, shown: bytes | None
) -> None:
    found = window_of(TWO_CAMERAS).find(ref)

    assert (found and found.thumbnail) == shown


@pytest.mark.parametrize(
    ("moments", "wanted", "reason"),
    [
        ([], {}, "no frame is in memory"),
        (TWO_CAMERAS, {"cameras": ("moon",)}, "no frame of moon is in memory"),
        (TWO_CAMERAS, {"end_ns": 1}, "none of the 5 frames in memory is of the time asked for"),
        (TWO_CAMERAS, {}, ""),
    ],
    ids=["empty", "camera", "time", "something"],
)
def test_a_window_without_frames_says_why(
    moments: Sequence[Moment], wanted: dict[str, object], reason: str
) -> None:
    assert window_of(moments, **wanted).say_why_empty() == reason
