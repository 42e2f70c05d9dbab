"""A recording is watched at a steady rate, and what was seen is in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from colors import BLUE, GREEN, NS, RED, color_vocabulary

from scene_clip_ros.core.errors import ImageError, SceneClipError
from scene_clip_ros.core.questions.types import FrameRef, Observations
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.observing import observe_recording
from scene_clip_ros.pipeline.pipeline import Pipeline


@dataclass
class Painted:
    """A recorded frame of one colour, or one that cannot be decoded."""

    camera: str
    t_s: float
    color: tuple[int, int, int] | None
    decoded: list[float] = field(default_factory=list)

    @property
    def stamp_ns(self) -> int:
        return round(self.t_s * NS)

    def decode(self) -> ImageArray:
        self.decoded.append(self.t_s)
        if self.color is None:
            message = "expected a whole picture, got half of one"
            raise ImageError(message)
        return np.full((6, 8, 3), self.color, np.uint8)


def drive(*colors: tuple[int, int, int] | None, camera: str = "front") -> list[Painted]:
    return [Painted(camera, index / 10, color) for index, color in enumerate(colors)]


def pipeline(*, with_boxes: bool = False) -> Pipeline:
    proposer = FakeProposer() if with_boxes else None
    return Pipeline(FakeEncoder(), color_vocabulary(), proposer=proposer)


def fail(frame: Painted, error: SceneClipError) -> None:
    pytest.fail(f"{frame}: {error}")


def observe(frames: Sequence[Painted], *, rate_hz: float = 5.0) -> Observations:
    return observe_recording(pipeline(), frames, rate_hz=rate_hz, on_skip=fail)


def test_frames_between_the_watched_ones_are_not_even_decoded() -> None:
    frames = drive(*[RED] * 10)

    seen = observe(frames, rate_hz=5.0)

    assert [ref.stamp_ns / NS for ref in seen.frames] == [0, 0.2, 0.4, 0.6, 0.8]
    assert [len(frame.decoded) for frame in frames] == [1, 0] * 5


def test_what_was_seen_is_embedded_and_judged() -> None:
    seen = observe(drive(RED, BLUE), rate_hz=10.0)

    np.testing.assert_array_equal(
        seen.embeddings, FakeEncoder().encode_images([frame.decode() for frame in drive(RED, BLUE)])
    )
    assert [item.stamp_ns for item in seen.facts] == [ref.stamp_ns for ref in seen.frames]
    assert seen.facts[0].labels[0].label == "red"
    assert seen.facts[0].hazards[0].active
    assert seen.facts[0].tracks is None


def test_what_is_followed_is_told_while_boxes_are_on() -> None:
    seen = observe_recording(pipeline(with_boxes=True), drive(RED), on_skip=fail)

    assert seen.facts[0].tracks == ()


def test_cameras_are_watched_each_at_the_rate_and_put_in_order() -> None:
    front, rear = drive(*[RED] * 4), drive(*[GREEN] * 4, camera="rear")

    seen = observe(front + rear)

    assert seen.frames == tuple(
        FrameRef(camera, stamp_ns) for stamp_ns in (0, NS // 5) for camera in ("front", "rear")
    )


def test_bad_frames_are_told_and_left_out() -> None:
    skipped: list[tuple[float, str]] = []

    seen = observe_recording(
        pipeline(),
        drive(RED, None, RED),
        rate_hz=10.0,
        on_skip=lambda frame, error: skipped.append((frame.t_s, str(error))),
    )

    assert skipped == [(0.1, "expected a whole picture, got half of one")]
    assert len(seen.frames) == len(seen.embeddings) == len(seen.facts) == 2


def test_every_frame_that_is_read_counts_as_progress() -> None:
    read: list[float] = []

    observe_recording(
        pipeline(),
        drive(*[RED] * 4),
        rate_hz=5.0,
        on_skip=fail,
        on_progress=lambda frame: read.append(frame.t_s),
    )

    assert read == [0, 0.1, 0.2, 0.3]


def test_a_small_picture_is_left_of_each_frame_in_the_order_of_the_frames() -> None:
    frames = drive(RED, GREEN) + drive(BLUE, camera="rear")

    seen = observe_recording(
        pipeline(), frames, rate_hz=10.0, on_skip=fail, shrink=lambda rgb: bytes(rgb[0, 0])
    )

    assert seen.picture is not None
    pictures = {ref: seen.picture(row) for row, ref in enumerate(seen.frames)}
    assert pictures == {
        FrameRef("front", 0): bytes(RED),
        FrameRef("rear", 0): bytes(BLUE),
        FrameRef("front", NS // 10): bytes(GREEN),
    }
    assert all(len(frame.decoded) == 1 for frame in frames)
    assert observe(frames).picture is None


def test_an_empty_recording_shows_nothing() -> None:
    seen = observe([])

    assert seen.frames == seen.facts == ()
    assert seen.embeddings.shape == (0, 32)


def test_what_functions_get_at_rates_of_their_own_is_seen_apart() -> None:
    rates = RateLimits(labels=5.0, embedding=0.5, memory=0.5)
    watcher = Pipeline(FakeEncoder(), color_vocabulary(), rates=rates)
    watcher.set_enabled("labels", False)

    seen = observe_recording(watcher, drive(*[RED] * 41), on_skip=fail)

    assert [ref.stamp_ns / NS for ref in seen.frames] == [0, 2, 4]
    assert seen.embeddings.shape == (3, 32)
    assert seen.facts == ()


def test_frames_with_boxes_alone_have_facts_and_no_embedding() -> None:
    watcher = pipeline(with_boxes=True)
    watcher.set_rates(RateLimits(labels=1.0, embedding=1.0, memory=1.0))

    seen = observe_recording(watcher, drive(*[RED] * 10), on_skip=fail, shrink=lambda _: b"jpeg")

    assert [ref.stamp_ns / NS for ref in seen.frames] == [0]
    assert [item.stamp_ns / NS for item in seen.facts] == [0, 0.2, 0.4, 0.6, 0.8]
    assert [len(item.labels) for item in seen.facts] == [1, 0, 0, 0, 0]
