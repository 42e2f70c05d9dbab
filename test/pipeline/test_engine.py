from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from colors import BLUE, NS, RED, color_vocabulary, picture

from scene_clip_ros.core.box_types import Proposals
from scene_clip_ros.core.errors import ImageError, ModelError
from scene_clip_ros.core.rate_governor import GovernorState, LatencyBudget
from scene_clip_ros.core.types import FloatArray, FrameResult, ImageArray
from scene_clip_ros.models.fake_encoder import INPUT_SIDE, NAN_COLOR, FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.pipeline import engine as engine_module
from scene_clip_ros.pipeline.engine import Engine, FrameJob
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.heap import release_free_heap
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.statistics import STAGES, CameraStatistics

TIMEOUT_S = 20.0


class GatedEncoder(FakeEncoder):
    """Waits in every batch until it is let on, and says when it has begun one."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.batches: list[int] = []

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        self.batches.append(len(images))
        self.begun.release()
        assert self.go_on.acquire(timeout=TIMEOUT_S)
        return super().encode_images(images)


@dataclass
class Outcome:
    """What an engine delivered and reported."""

    results: list[tuple[FrameJob, FrameResult]] = field(default_factory=list)
    errors: list[tuple[FrameJob, Exception]] = field(default_factory=list)

    @property
    def stamps(self) -> list[tuple[str, int]]:
        return [(result.camera, result.stamp_ns) for _, result in self.results]


@contextmanager
def running(
    outcome: Outcome, encoder: FakeEncoder | None = None, *, max_batch: int = 16
) -> Iterator[Engine]:
    engine = Engine(
        Pipeline(encoder or FakeEncoder(), color_vocabulary()),
        lambda job, result: outcome.results.append((job, result)),
        on_error=lambda job, error: outcome.errors.append((job, error)),
        max_batch=max_batch,
    )
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def job(
    camera: str = "front",
    stamp_ns: int = 0,
    *,
    rgb: tuple[int, int, int] = RED,
    decode: Callable[[], ImageArray] | None = None,
    context: object = None,
) -> FrameJob:
    paint = decode or (lambda: picture(rgb))
    return FrameJob(camera, stamp_ns, lambda _min_side: paint(), context)


def fail_to_decode() -> ImageArray:
    message = "expected step of at least 24, got 3"
    raise ImageError(message)


def never_decoded() -> ImageArray:
    raise AssertionError


def hold(encoder: GatedEncoder, engine: Engine) -> None:
    """Keep the engine busy with a frame of another camera until ``go_on``."""
    engine.submit(job("busy"))
    assert encoder.begun.acquire(timeout=TIMEOUT_S)


def test_result_comes_with_the_job_it_belongs_to() -> None:
    outcome = Outcome()
    with running(outcome) as engine:
        engine.submit(job("left", 7, context="header"))
        assert engine.wait_idle(TIMEOUT_S)
    [(delivered, result)] = outcome.results
    assert (delivered.context, result.camera, result.stamp_ns) == ("header", "left", 7)


def test_superseded_frame_is_dropped_undecoded() -> None:
    outcome, encoder = Outcome(), GatedEncoder()
    with running(outcome, encoder) as engine:
        hold(encoder, engine)
        engine.submit(job("front", 1, decode=never_decoded))
        engine.submit(job("front", 2, decode=never_decoded))
        engine.submit(job("front", 3))
        encoder.go_on.release(2)
        assert engine.wait_idle(TIMEOUT_S)
        front = engine.statistics().cameras["front"]
    assert outcome.stamps == [("busy", 0), ("front", 3)]
    assert outcome.errors == []
    assert (front.received, front.processed, front.dropped, front.failed) == (3, 1, 2, 0)


def run_slow(outcome: Outcome, jobs: Sequence[FrameJob]) -> CameraStatistics:
    """Submit jobs one by one to functions that get one frame a second."""
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), rates=RateLimits(1.0, 1.0, 1.0, 1.0))
    engine = Engine(pipeline, lambda job, result: outcome.results.append((job, result)))
    engine.start()
    for each in jobs:
        engine.submit(each)
        assert engine.wait_idle(TIMEOUT_S)
    engine.stop()
    return engine.statistics().cameras["front"]


def test_frame_that_no_function_gets_is_skipped_undecoded() -> None:
    outcome = Outcome()
    front = run_slow(
        outcome, [job(), job(stamp_ns=NS // 2, decode=never_decoded), job(stamp_ns=NS)]
    )
    assert outcome.stamps == [("front", 0), ("front", NS)]
    assert (front.received, front.processed, front.skipped, front.failed) == (3, 2, 1, 0)
    assert front.by_function == {"labels": 2, "embedding": 2, "memory": 2}


def test_frame_that_is_watched_is_decoded_and_nothing_else() -> None:
    outcome = Outcome()
    front = run_slow(outcome, [job(), replace(job(stamp_ns=NS // 2), is_watched=True)])
    assert outcome.stamps == [("front", 0), ("front", NS // 2)]
    watched = outcome.results[1][1]
    assert (watched.functions, watched.attributes, watched.embedding.size) == (frozenset(), (), 0)
    assert (front.processed, front.skipped, front.by_function["labels"]) == (2, 0, 1)


def test_every_camera_that_waits_is_in_the_next_batch() -> None:
    outcome, encoder = Outcome(), GatedEncoder()
    with running(outcome, encoder) as engine:
        hold(encoder, engine)
        for camera in ("a", "b", "c", "a", "a"):
            engine.submit(job(camera))
        encoder.go_on.release(2)
        assert engine.wait_idle(TIMEOUT_S)
    assert encoder.batches == [1, 3]


def test_fast_camera_does_not_starve_a_slow_one() -> None:
    outcome, encoder = Outcome(), GatedEncoder()
    with running(outcome, encoder, max_batch=1) as engine:
        hold(encoder, engine)
        engine.submit(job("slow"))
        for stamp_ns in range(3):
            engine.submit(job("fast", stamp_ns))
            encoder.go_on.release()
            assert encoder.begun.acquire(timeout=TIMEOUT_S)
        encoder.go_on.release(5)
        assert engine.wait_idle(TIMEOUT_S)
    assert [camera for camera, _ in outcome.stamps[:3]] == ["busy", "slow", "fast"]


def test_frame_that_cannot_be_decoded_is_reported_and_stops_nothing() -> None:
    outcome = Outcome()
    with running(outcome) as engine:
        engine.submit(job("bad", 1, decode=fail_to_decode))
        engine.submit(job("good", 2))
        assert engine.wait_idle(TIMEOUT_S)
        engine.submit(job("bad", 3, rgb=BLUE))
        assert engine.wait_idle(TIMEOUT_S)
        bad = engine.statistics().cameras["bad"]
    assert sorted(outcome.stamps) == [("bad", 3), ("good", 2)]
    [(reported, error)] = outcome.errors
    assert (reported.stamp_ns, type(error)) == (1, ImageError)
    assert (bad.processed, bad.failed) == (1, 1)


def test_decoder_that_returns_no_picture_is_a_failed_frame() -> None:
    outcome = Outcome()
    with running(outcome) as engine:
        engine.submit(job(decode=lambda: picture(RED)[..., 0]))
        assert engine.wait_idle(TIMEOUT_S)
    assert "expected a picture of shape (H, W, 3)" in str(outcome.errors[0][1])


def test_frame_that_breaks_the_model_does_not_take_the_batch_with_it() -> None:
    outcome, encoder = Outcome(), GatedEncoder()
    with running(outcome, encoder) as engine:
        hold(encoder, engine)
        engine.submit(job("a", 1))
        engine.submit(job("bad", 2, rgb=NAN_COLOR))
        engine.submit(job("b", 3))
        encoder.go_on.release(5)
        assert engine.wait_idle(TIMEOUT_S)
    assert outcome.stamps == [("busy", 0), ("a", 1), ("b", 3)]
    [(reported, error)] = outcome.errors
    assert (reported.camera, type(error)) == ("bad", ModelError)
    assert encoder.batches == [1, 3, 1, 1, 1]


def test_delivery_that_fails_is_reported_and_stops_nothing() -> None:
    errors: list[FrameJob] = []
    delivered: list[str] = []

    def deliver(job: FrameJob, result: FrameResult) -> None:
        if job.camera == "bad":
            raise OSError
        delivered.append(result.camera)

    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    engine = Engine(pipeline, deliver, on_error=lambda job, _: errors.append(job))
    for camera in ("bad", "good"):
        engine.submit(job(camera))
    engine.start()
    assert engine.wait_idle(TIMEOUT_S)
    engine.stop()
    assert (delivered, [job.camera for job in errors]) == (["good"], ["bad"])


def test_report_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def report(job: FrameJob, error: Exception) -> None:
        raise OSError(job.camera) from error

    outcome = Outcome()
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    engine = Engine(
        pipeline, lambda job, result: outcome.results.append((job, result)), on_error=report
    )
    engine.start()
    engine.submit(job("bad", decode=fail_to_decode))
    engine.submit(job("good"))
    assert engine.wait_idle(TIMEOUT_S)
    engine.stop()
    assert outcome.stamps == [("good", 0)]
    assert "cannot report" in caplog.text


def test_call_runs_on_the_engine_thread_between_batches() -> None:
    with running(Outcome()) as engine:
        name = engine.run(lambda: threading.current_thread().name).result(TIMEOUT_S)
    assert name == "scene_clip"


def test_call_that_fails_fails_only_its_future() -> None:
    outcome = Outcome()
    with running(outcome) as engine:
        future = engine.run(fail_to_decode)
        with pytest.raises(ImageError):
            future.result(TIMEOUT_S)
        engine.submit(job())
        assert engine.wait_idle(TIMEOUT_S)
    assert len(outcome.results) == 1


def test_vocabulary_is_swapped_between_two_frames() -> None:
    outcome = Outcome()
    vocabulary = color_vocabulary()
    pipeline = Pipeline(FakeEncoder(), vocabulary)
    engine = Engine(pipeline, lambda job, result: outcome.results.append((job, result)))
    engine.start()
    engine.submit(job(stamp_ns=1))
    assert engine.wait_idle(TIMEOUT_S)
    swapped = type(vocabulary)(hazards=vocabulary.hazards)
    engine.run(lambda: pipeline.set_vocabulary(swapped)).result(TIMEOUT_S)
    engine.submit(job(stamp_ns=2))
    assert engine.wait_idle(TIMEOUT_S)
    engine.stop()
    assert [len(result.attributes) for _, result in outcome.results] == [1, 0]


def test_stop_drops_what_waits_and_cancels_calls() -> None:
    outcome, encoder = Outcome(), GatedEncoder()
    with running(outcome, encoder) as engine:
        hold(encoder, engine)
        engine.submit(job("waiting", decode=never_decoded))
        call = engine.run(never_decoded)
        stopper = threading.Thread(target=engine.stop)
        stopper.start()
        with pytest.raises(CancelledError):
            call.result(TIMEOUT_S)
        encoder.go_on.release()
        stopper.join(TIMEOUT_S)
        assert not stopper.is_alive()
        statistics = engine.statistics()
    assert statistics.cameras["waiting"].dropped == 1
    assert statistics.cameras["busy"].processed == 1


def test_start_and_stop_may_be_called_twice_and_again() -> None:
    outcome = Outcome()
    with running(outcome) as engine:
        engine.start()
        engine.stop()
        engine.stop()
        with pytest.raises(RuntimeError, match="expected a running engine"):
            engine.run(never_decoded)
        engine.submit(job(stamp_ns=1))
        engine.start()
        assert engine.wait_idle(TIMEOUT_S)
    assert outcome.stamps == [("front", 1)]


def test_engine_stopped_by_a_delivery_ends() -> None:
    engine: Engine
    delivered = threading.Event()

    def stop_it(*_: object) -> None:
        engine.stop()
        delivered.set()

    engine = Engine(Pipeline(FakeEncoder(), color_vocabulary()), stop_it)
    engine.start()
    engine.submit(job())
    assert delivered.wait(TIMEOUT_S)
    engine.stop()
    with pytest.raises(RuntimeError, match="expected a running engine"):
        engine.run(never_decoded)


def test_stopped_engine_takes_no_calls() -> None:
    engine = Engine(Pipeline(FakeEncoder(), color_vocabulary()), lambda *_: None)
    with pytest.raises(RuntimeError, match="expected a running engine"):
        engine.run(lambda: None)


def test_wait_for_idle_gives_up_in_time() -> None:
    encoder = GatedEncoder()
    with running(Outcome(), encoder) as engine:
        hold(encoder, engine)
        assert not engine.wait_idle(0.01)
        encoder.go_on.release()


def test_latencies_are_measured_with_the_clock_that_is_given() -> None:
    ticks = iter(range(0, 10**12, 1_000_000))
    engine = Engine(
        Pipeline(FakeEncoder(), color_vocabulary()),
        lambda *_: None,
        clock_ns=lambda: next(ticks),
    )
    engine.submit(job())
    engine.start()
    assert engine.wait_idle(TIMEOUT_S)
    engine.stop()
    latency = engine.statistics().latency
    assert {stage: latency[stage].p50_ms for stage in STAGES if stage != "regions"} == {
        "decode": 1.0,
        "encode": 1.0,
        "decide": 1.0,
        "total": 7.0,
    }
    assert math.isnan(latency["regions"].p50_ms), "boxes are off"


def test_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="max_batch of 1 or more, got 0"):
        Engine(Pipeline(FakeEncoder(), color_vocabulary()), lambda *_: None, max_batch=0)


class MadeClock:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


class SlowProposer(FakeProposer):
    """Takes time of a made-up clock for every batch."""

    def __init__(self, clock: MadeClock) -> None:
        super().__init__()
        self.latency_ns = 0
        self._clock = clock

    def propose(self, images: Sequence[ImageArray]) -> list[Proposals]:
        self._clock.now_ns += self.latency_ns
        return super().propose(images)


class BudgetedDrive:
    """A camera of 10 Hz and an engine whose boxes take as long as they are told to."""

    def __init__(self, budget: LatencyBudget) -> None:
        self.outcome = Outcome()
        self._clock = MadeClock()
        self.proposer = SlowProposer(self._clock)
        pipeline = Pipeline(FakeEncoder(), color_vocabulary(), proposer=self.proposer)
        self.engine = Engine(
            pipeline,
            lambda job, result: self.outcome.results.append((job, result)),
            budget=budget,
            clock_ns=self._clock,
        )
        self.engine.start()

    def run(self, seconds: int) -> int:
        """Return how many of the last ten frames have boxes."""
        for _ in range(10 * seconds):
            self._clock.now_ns += NS // 10
            self.engine.submit(job(stamp_ns=self._clock.now_ns))
            assert self.engine.wait_idle(TIMEOUT_S)
        return sum(result.boxes is not None for _, result in self.outcome.results[-10:])

    @property
    def state(self) -> GovernorState:
        return self.engine.statistics().governor


def test_boxes_are_found_less_often_while_results_are_late_and_again_when_there_is_room() -> None:
    drive = BudgetedDrive(LatencyBudget(0.05, min_rate_hz=2.0))
    unhurried = drive.run(3)
    drive.proposer.latency_ns = NS // 5
    drive.run(20)
    lowered, while_late = drive.run(2), drive.state
    drive.proposer.latency_ns = 0
    drive.run(60)
    recovered, after = drive.run(2), drive.state
    drive.engine.stop()
    assert (unhurried, recovered) == (10, 10)
    assert 1 <= lowered <= 4
    assert (while_late.is_late, while_late.rate_hz) == (True, 2.0)
    assert (after.is_late, after.is_lowered) == (False, False)
    assert all(len(result.attributes) == 1 for _, result in drive.outcome.results)


def test_without_a_budget_every_frame_has_boxes_however_late_they_are() -> None:
    drive = BudgetedDrive(LatencyBudget())
    drive.proposer.latency_ns = NS
    assert drive.run(20) == 10
    drive.engine.stop()
    assert drive.state == GovernorState()


def test_another_budget_takes_effect_while_running() -> None:
    drive = BudgetedDrive(LatencyBudget(0.05))
    drive.proposer.latency_ns = NS // 5
    drive.run(20)
    drive.engine.set_budget(LatencyBudget())
    assert drive.run(2) == 10
    assert not drive.state.is_lowered
    drive.engine.stop()


@pytest.mark.parametrize(
    ("with_boxes", "is_watched", "expected"),
    [
        pytest.param(False, False, 2 * INPUT_SIDE, id="labels"),
        pytest.param(True, False, None, id="boxes"),
        pytest.param(False, True, None, id="watched"),
    ],
)
def test_a_picture_is_decoded_as_large_as_it_is_needed(
    *, with_boxes: bool, is_watched: bool, expected: int | None
) -> None:
    asked: list[int | None] = []

    def decode(min_side: int | None) -> ImageArray:
        asked.append(min_side)
        return picture(RED)

    proposer = FakeProposer() if with_boxes else None
    engine = Engine(Pipeline(FakeEncoder(), color_vocabulary(), proposer=proposer), lambda *_: None)
    engine.start()
    engine.submit(FrameJob("front", 0, decode, is_watched=is_watched))
    assert engine.wait_idle(TIMEOUT_S)
    engine.stop()
    assert asked == [expected]


def start_with_a_batch(engine: Engine, jobs: Sequence[FrameJob]) -> None:
    """Let what was submitted before the start wait for one batch."""
    for each in jobs:
        engine.submit(each)
    engine.start()
    assert engine.wait_idle(TIMEOUT_S)


def test_frames_of_a_batch_are_decoded_side_by_side_and_end_with_the_engine() -> None:
    outcome = Outcome()
    both = threading.Barrier(2, timeout=TIMEOUT_S)
    names: set[str] = set()

    def decode() -> ImageArray:
        names.add(threading.current_thread().name)
        both.wait()
        return picture(RED)

    engine = Engine(
        Pipeline(FakeEncoder(), color_vocabulary()),
        lambda job, result: outcome.results.append((job, result)),
        decoders=2,
    )
    start_with_a_batch(engine, [job("a", 1, decode=decode), job("b", 2, decode=decode)])
    statistics = engine.statistics()
    engine.stop()
    assert outcome.stamps == [("a", 1), ("b", 2)]
    assert statistics.batches == 1
    assert len(names) == 2
    assert names.isdisjoint(thread.name for thread in threading.enumerate())


def test_a_frame_alone_is_decoded_without_handing_over() -> None:
    names: list[str] = []

    def decode() -> ImageArray:
        names.append(threading.current_thread().name)
        return picture(RED)

    with running(Outcome()) as engine:
        engine.submit(job(decode=decode))
        assert engine.wait_idle(TIMEOUT_S)
    assert names == ["scene_clip"]


def test_frames_that_fail_side_by_side_fail_alone_and_are_reported_by_the_engine() -> None:
    outcome = Outcome()
    reported: list[tuple[str, str]] = []
    engine = Engine(
        Pipeline(FakeEncoder(), color_vocabulary()),
        lambda job, result: outcome.results.append((job, result)),
        on_error=lambda job, _: reported.append((job.camera, threading.current_thread().name)),
        decoders=2,
    )
    bad = [job(camera, decode=fail_to_decode) for camera in ("b", "d")]
    start_with_a_batch(engine, [job("a"), bad[0], job("c"), bad[1], job("e")])
    engine.stop()
    assert outcome.stamps == [("a", 0), ("c", 0), ("e", 0)]
    assert reported == [("b", "scene_clip"), ("d", "scene_clip")]


def test_memory_is_tidied_up_again_and_again_between_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "TIDY_BATCHES", 3)
    delivered, tidied = 0, []

    def deliver(_job: FrameJob, _result: FrameResult) -> None:
        nonlocal delivered
        delivered += 1

    engine = Engine(
        Pipeline(FakeEncoder(), color_vocabulary()),
        deliver,
        tidy=lambda: tidied.append(delivered),
    )
    engine.start()
    for stamp_ns in range(8):
        engine.submit(job("front", stamp_ns))
        assert engine.wait_idle(TIMEOUT_S)
    engine.stop()

    assert tidied == [3, 6]


def test_handing_back_free_memory_leaves_what_is_in_use() -> None:
    kept = [bytes([number]) * 100_000 for number in range(50)]
    release_free_heap()
    assert all(set(each) == {number} for number, each in enumerate(kept))
