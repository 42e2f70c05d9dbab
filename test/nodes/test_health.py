"""How counts and latencies are judged, and how failed frames are reported."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.rate_governor import GovernorState, LatencyBudget
from scene_clip_ros.nodes.frame_errors import LOG_PERIOD_S, FrameErrors
from scene_clip_ros.nodes.health import (
    NO_FRAMES,
    CameraRates,
    HealthLimits,
    Level,
    judge_camera,
    judge_engine,
)
from scene_clip_ros.pipeline.statistics import CameraStatistics

LIMITS = HealthLimits(timeout_s=2.0, max_latency_s=0.5, max_error_rate=0.05)
BUSY = CameraStatistics(
    received=100, processed=90, dropped=9, failed=1, last_stamp_ns=0, last_age_s=0.1
)
FINE = CameraRates(input_hz=30.0, output_hz=30.0, error_rate=0.0)


@pytest.mark.parametrize(
    ("statistics", "rates", "level", "words"),
    [
        pytest.param(BUSY, FINE, Level.OK, "30.0 results per second", id="fine"),
        pytest.param(NO_FRAMES, FINE, Level.ERROR, "no frame received yet", id="never"),
        pytest.param(
            replace(BUSY, last_age_s=2.5), FINE, Level.ERROR, "no frame for 2.5 s", id="timed out"
        ),
        pytest.param(
            BUSY, replace(FINE, error_rate=0.5), Level.ERROR, "50.0% of the frames", id="many fail"
        ),
        pytest.param(
            BUSY, replace(FINE, error_rate=0.01), Level.WARN, "short data", id="some fail"
        ),
    ],
)
def test_a_camera_is_judged_by_its_gravest_fault(
    statistics: CameraStatistics, rates: CameraRates, level: Level, words: str
) -> None:
    health = judge_camera(statistics, rates, LIMITS, last_error="short data")

    assert health.level == level
    assert words in health.message


def test_an_alert_that_can_never_be_raised_is_a_warning() -> None:
    fault = "no alert can be raised"

    health = judge_camera(BUSY, FINE, LIMITS, last_error="", alert_fault=fault)

    assert (health.level, health.message) == (Level.WARN, fault)


@pytest.mark.parametrize(
    ("level", "expected"),
    [(AlertLevel.STALE, Level.WARN), (AlertLevel.WARNING, Level.OK)],
    ids=["stale", "warning"],
)
def test_an_alert_that_cannot_be_told_is_a_warning(level: AlertLevel, expected: Level) -> None:
    alert = Alert("front", 0, level, "boxes come every 1.5 s", (), (), math.nan, 0)

    health = judge_camera(BUSY, FINE, LIMITS, last_error="", alert=alert)

    assert health.level == expected
    assert ("boxes come every 1.5 s" in health.message) == (level == AlertLevel.STALE)


def test_rates_are_those_between_two_snapshots() -> None:
    later = replace(BUSY, received=160, processed=118, failed=3, by_function={"boxes": 5})

    rates = CameraRates.between(BUSY, later, elapsed_s=2.0)

    assert (rates.input_hz, rates.output_hz, rates.error_rate) == (30.0, 14.0, 2 / 30)
    assert rates.function_hz == {"labels": 0.0, "embedding": 0.0, "boxes": 2.5, "memory": 0.0}


def test_no_frames_are_no_errors() -> None:
    assert CameraRates.between(BUSY, BUSY, elapsed_s=1.0).error_rate == 0.0


@pytest.mark.parametrize(
    ("p95_ms", "level"),
    [(499.0, Level.OK), (501.0, Level.WARN), (float("nan"), Level.OK)],
    ids=["fast", "slow", "no result yet"],
)
def test_an_engine_is_judged_by_its_latency(p95_ms: float, level: Level) -> None:
    assert judge_engine(p95_ms, LIMITS).level == level


BUDGET = LatencyBudget(0.1, min_rate_hz=2.0)


@pytest.mark.parametrize(
    ("governor", "message"),
    [
        pytest.param(GovernorState(), "running", id="no budget"),
        pytest.param(GovernorState(BUDGET, p95_s=0.09), "running", id="kept"),
        pytest.param(
            GovernorState(BUDGET, rate_hz=3.14, p95_s=0.09),
            "boxes lowered to 3.1 Hz to keep the latency within 0.10 s",
            id="kept with fewer boxes",
        ),
        pytest.param(
            GovernorState(BUDGET, rate_hz=2.0, p95_s=0.31),
            "latency p95 0.31 s over the budget of 0.10 s with boxes at their least rate",
            id="not kept",
        ),
        pytest.param(
            GovernorState(BUDGET, p95_s=0.31),
            "latency p95 0.31 s over the budget of 0.10 s",
            id="not kept, and no boxes to lower",
        ),
    ],
)
def test_an_engine_says_what_a_latency_budget_costs(governor: GovernorState, message: str) -> None:
    health = judge_engine(90.0, LIMITS, governor)

    assert health.message == message
    assert health.level == (Level.OK if message == "running" else Level.WARN)


def test_an_engine_that_is_slow_and_over_its_budget_says_both() -> None:
    health = judge_engine(501.0, LIMITS, GovernorState(BUDGET, rate_hz=2.0, p95_s=0.5))

    assert "with boxes at their least rate; slow: latency p95 501 ms" in health.message


def test_an_engine_whose_node_has_failed_callbacks_says_how_many() -> None:
    health = judge_engine(90.0, LIMITS, failed_callbacks=3)

    assert health.level == Level.WARN
    assert "3 callbacks have failed" in health.message


def test_failed_frames_of_a_camera_are_logged_now_and_then_and_counted() -> None:
    now_s = 0.0
    lines: list[str] = []
    errors = FrameErrors(lines.append, lambda: now_s)

    for _ in range(3):
        errors.report("front", 1_500_000_000, ValueError("short\n data"))
    errors.report("rear", 0, ValueError("other"))
    now_s = LOG_PERIOD_S
    errors.report("front", 2_000_000_000, ValueError("late"))

    assert lines == [
        "camera front, frame at 1.500 s: short data",
        "camera rear, frame at 0.000 s: other",
        "camera front, frame at 2.000 s: late (2 more since the last report)",
    ]


def test_the_last_error_of_each_camera_is_kept() -> None:
    errors = FrameErrors(lambda _: None, lambda: 0.0)

    errors.report("front", 0, ValueError("first"))
    errors.report("front", 0, ValueError())

    assert errors.last("front") == "ValueError"
    assert errors.last("rear") == ""
