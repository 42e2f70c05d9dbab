from __future__ import annotations

import math

import pytest

from scene_clip_ros.pipeline.statistics import LATENCY_WINDOW, StatisticsRecorder


def test_age_is_counted_from_the_newest_submission() -> None:
    recorder = StatisticsRecorder()
    recorder.count_received("front", stamp_ns=5, now_ns=1_000_000_000)
    recorder.count_received("front", stamp_ns=9, now_ns=2_000_000_000)
    camera = recorder.snapshot(2_500_000_000).cameras["front"]
    assert (camera.received, camera.last_stamp_ns, camera.last_age_s) == (2, 9, 0.5)


def test_latency_without_a_frame_is_nan() -> None:
    assert math.isnan(StatisticsRecorder().snapshot(0).latency["total"].p50_ms)


def test_percentiles_are_of_the_newest_latencies_only() -> None:
    recorder = StatisticsRecorder()
    recorder.add_latency("encode", 10_000_000_000)
    for _ in range(LATENCY_WINDOW):
        recorder.add_latency("encode", 3_000_000)
    latency = recorder.snapshot(0).latency["encode"]
    assert (latency.p50_ms, latency.p95_ms, latency.max_ms) == (3.0, 3.0, 3.0)


def test_percentiles_are_those_of_a_known_distribution() -> None:
    recorder = StatisticsRecorder()
    for latency_ms in range(101):
        recorder.add_latency("decode", latency_ms * 1_000_000)
    latency = recorder.snapshot(0).latency["decode"]
    assert (latency.p50_ms, latency.p95_ms, latency.max_ms) == pytest.approx((50, 95, 100))


def test_snapshot_does_not_change_afterwards() -> None:
    recorder = StatisticsRecorder()
    recorder.count_received("front", stamp_ns=0, now_ns=0)
    before = recorder.snapshot(0)
    recorder.count_failed("front")
    assert before.cameras["front"].failed == 0
