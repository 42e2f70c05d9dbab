from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from colors import BLUE, RED, color_vocabulary, frame

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.fake_encoder import NAN_COLOR, FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.stage_clock import StageClock, TimedPipeline


def make_pipeline(*, boxes: bool = False) -> Pipeline:
    proposer = FakeProposer() if boxes else None
    return Pipeline(FakeEncoder(), color_vocabulary(), proposer=proposer)


def test_a_timed_pipeline_says_what_the_pipeline_says() -> None:
    frames = [frame(RED, 0.0), frame(BLUE, 0.2)]
    timed = TimedPipeline(make_pipeline(), StageClock()).process(frames)
    for result, expected in zip(timed, make_pipeline().process(frames), strict=True):
        assert (result.attributes, result.hazards) == (expected.attributes, expected.hazards)
        np.testing.assert_array_equal(result.embedding, expected.embedding)


@pytest.mark.parametrize(
    ("pipeline", "stages"),
    [
        (make_pipeline(), ["encode", "decide"]),
        (make_pipeline(boxes=True), ["encode", "regions", "decide"]),
    ],
    ids=["labels only", "with boxes"],
)
def test_each_stage_that_runs_is_measured(pipeline: Pipeline, stages: list[str]) -> None:
    clock = StageClock()
    TimedPipeline(pipeline, clock).process([frame(RED)])
    latencies = clock.latencies()
    assert list(latencies) == stages
    assert all(0 <= each.p50_ms <= each.p95_ms <= each.max_ms for each in latencies.values())


def test_the_time_of_a_batch_is_shared_by_its_frames() -> None:
    clock = StageClock()
    with clock.measure("encode"):
        sum(range(10_000))
    one_ms = clock.latencies()["encode"].max_ms
    with clock.measure("encode", frames=1000):
        pass
    assert clock.latencies()["encode"].p50_ms < one_ms


def test_what_fails_is_not_measured() -> None:
    clock = StageClock()
    with pytest.raises(ModelError):
        TimedPipeline(make_pipeline(), clock).process([frame(NAN_COLOR)])
    assert clock.latencies() == {}


def test_a_stage_is_measured_for_the_frames_that_get_there() -> None:
    clock = StageClock()
    timed = TimedPipeline(make_pipeline(boxes=True), clock)
    labelled = replace(frame(RED), due=frozenset({"labels"}))
    idle = replace(frame(RED), due=frozenset())
    timed.process([labelled, idle])
    assert list(clock.latencies()) == ["encode", "decide"]


def test_a_timed_pipeline_gives_turns_as_the_pipeline_does() -> None:
    pipeline = make_pipeline()
    pipeline.set_rates(RateLimits(1.0, 1.0, 1.0, 1.0))
    timed = TimedPipeline(pipeline, StageClock())
    assert timed.take_turn("front", 0) == {"labels", "embedding", "memory"}
    assert timed.take_turn("front", 1) is None
