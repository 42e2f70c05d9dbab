"""Labelling of recorded drives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from scene_clip_ros.core.errors import ImageError, SceneClipError
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.core.vocabulary import AttributeSpec, LabelSpec, Vocabulary
from scene_clip_ros.models.fake_encoder import NAN_COLOR, FakeEncoder
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.offline import BATCH, embed_recording, label_recording
from scene_clip_ros.pipeline.pipeline import Pipeline

RED, BLUE = (255, 0, 0), (0, 0, 255)
TRUNCATED = (-1, -1, -1)
COLOUR = AttributeSpec("colour", (LabelSpec("red", ("red",)), LabelSpec("blue", ("blue",))))


@dataclass(frozen=True)
class PaintedFrame:
    """A recorded frame of one colour; ``TRUNCATED`` cannot be decoded."""

    camera: str
    stamp_ns: int
    colour: tuple[int, int, int]

    def decode(self) -> ImageArray:
        if self.colour == TRUNCATED:
            message = "expected a whole picture, got half of one"
            raise ImageError(message)
        return np.full((4, 4, 3), self.colour, np.uint8)


def record(*colours: tuple[int, int, int]) -> list[PaintedFrame]:
    return [PaintedFrame("front", i * 100_000_000, colour) for i, colour in enumerate(colours)]


def label(frames: Sequence[PaintedFrame]) -> tuple[list[FrameResult], list[tuple[int, str]]]:
    skipped: list[tuple[int, str]] = []

    def on_skip(frame: PaintedFrame, err: SceneClipError) -> None:
        skipped.append((frame.stamp_ns, str(err)))

    pipeline = Pipeline(FakeEncoder(), Vocabulary(attributes=(COLOUR,)))
    labelled = label_recording(pipeline, frames, on_skip=on_skip)
    return [result for _, result in labelled], skipped


def fail(frame: PaintedFrame, error: SceneClipError) -> None:
    pytest.fail(f"{frame}: {error}")


def test_every_frame_is_labelled_in_order() -> None:
    results, skipped = label(record(*[RED] * (2 * BATCH + 1)))
    assert [result.stamp_ns for result in results] == [i * 10**8 for i in range(2 * BATCH + 1)]
    assert {result.attributes[0].label for result in results} == {"red"}
    assert skipped == []


def test_no_frames_give_no_results() -> None:
    assert label([]) == ([], [])


@pytest.mark.parametrize("bad", [TRUNCATED, NAN_COLOR], ids=["not decodable", "not embeddable"])
def test_a_bad_frame_is_reported_and_the_others_are_labelled(bad: tuple[int, int, int]) -> None:
    results, skipped = label(record(RED, bad, RED))
    assert [result.stamp_ns for result in results] == [0, 2 * 10**8]
    assert [stamp_ns for stamp_ns, _ in skipped] == [10**8]


def test_a_recording_of_bad_frames_only_gives_no_results() -> None:
    results, skipped = label(record(NAN_COLOR, TRUNCATED))
    assert results == []
    assert len(skipped) == 2


def test_frames_that_no_function_gets_are_not_even_decoded() -> None:
    frames = record(*[RED, TRUNCATED, TRUNCATED] * BATCH, RED)
    rates = RateLimits(labels=10 / 3, embedding=10 / 3, memory=10 / 6)
    pipeline = Pipeline(FakeEncoder(), Vocabulary(attributes=(COLOUR,)), rates=rates)
    results = [result for _, result in label_recording(pipeline, frames, on_skip=fail)]
    assert [result.stamp_ns for result in results] == [i * 3 * 10**8 for i in range(BATCH + 1)]
    assert all(len(result.attributes) == 1 for result in results)
    assert ["memory" in result.functions for result in results] == [True, False] * 4 + [True]


def test_two_runs_agree_to_the_bit() -> None:
    frames = record(*[RED, BLUE] * BATCH)
    first, second = label(frames)[0], label(frames)[0]
    assert [r.attributes for r in first] == [r.attributes for r in second]
    assert all(np.array_equal(a.embedding, b.embedding) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("bad", [TRUNCATED, NAN_COLOR], ids=["not decodable", "not embeddable"])
def test_frames_are_embedded_as_they_are_for_labels(bad: tuple[int, int, int]) -> None:
    skipped: list[PaintedFrame] = []
    frames = record(*[RED, BLUE] * BATCH, bad)
    embedded = list(
        embed_recording(FakeEncoder(), frames, on_skip=lambda frame, _: skipped.append(frame))
    )
    assert [frame for frame, _ in embedded] == frames[:-1]
    assert skipped == frames[-1:]
    labelled, _ = label(frames)
    for (_, embedding), result in zip(embedded, labelled, strict=True):
        np.testing.assert_array_equal(embedding, result.embedding)
