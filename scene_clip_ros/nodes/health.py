"""Judges counts and latencies: what /diagnostics reports and how grave it is. Free of ROS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.functions import FUNCTIONS, Function
from scene_clip_ros.core.rate_governor import GovernorState
from scene_clip_ros.pipeline.statistics import CameraStatistics


class Level(IntEnum):
    """Gravity, with the values of diagnostic_msgs/DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """What is still in order.

    Attributes:
        timeout_s: Longest time without a frame, seconds.
        max_latency_s: Largest 95th percentile from receipt to result, seconds.
        max_error_rate: Largest share of failed frames since the last report, in [0, 1].
        may_drop: Whether frames may be dropped because newer ones come first.
    """

    timeout_s: float
    max_latency_s: float
    max_error_rate: float
    may_drop: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """A verdict: how grave, and one line for a person."""

    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class CameraRates:
    """What happened to the frames of one camera between two reports.

    Attributes:
        input_hz: Frames received per second.
        output_hz: Results published per second.
        error_rate: Share of failed frames, in [0, 1]; 0 without frames.
        dropped: Frames dropped.
        function_hz: Of the results, those that each function had a part in, per second.
    """

    input_hz: float
    output_hz: float
    error_rate: float
    dropped: int = 0
    function_hz: Mapping[Function, float] = field(default_factory=dict)

    @classmethod
    def between(
        cls, before: CameraStatistics, after: CameraStatistics, *, elapsed_s: float
    ) -> CameraRates:
        """Compare two snapshots that are ``elapsed_s`` > 0 seconds apart."""
        received = after.received - before.received
        failed = after.failed - before.failed
        finished = failed + after.processed - before.processed
        return cls(
            input_hz=received / elapsed_s,
            output_hz=(after.processed - before.processed) / elapsed_s,
            error_rate=failed / finished if finished else 0.0,
            dropped=after.dropped - before.dropped,
            function_hz={
                name: (after.by_function.get(name, 0) - before.by_function.get(name, 0)) / elapsed_s
                for name in FUNCTIONS
            },
        )


NO_FRAMES = CameraStatistics(
    received=0, processed=0, dropped=0, failed=0, last_stamp_ns=None, last_age_s=None
)
"""A camera that has never sent a frame."""


def judge_camera(
    statistics: CameraStatistics,
    rates: CameraRates,
    limits: HealthLimits,
    *,
    last_error: str,
    alert: Alert | None = None,
    alert_fault: str = "",
) -> Health:
    """Judge one camera; the gravest fault gives the message.

    Args:
        statistics: Its counts now.
        rates: What happened since the last report.
        limits: What is still in order.
        last_error: What went wrong with its last failed frame; empty for nothing yet.
        alert: What is held of the people before it; None if nobody judges them.
        alert_fault: Why no alert can be raised at all; empty for no reason.
    """
    if statistics.last_age_s is None:
        return Health(Level.ERROR, "no frame received yet")
    if statistics.last_age_s > limits.timeout_s:
        return Health(Level.ERROR, f"no frame for {statistics.last_age_s:.1f} s")
    if rates.error_rate > 0:
        level = Level.ERROR if rates.error_rate > limits.max_error_rate else Level.WARN
        return Health(level, f"{rates.error_rate:.1%} of the frames failed: {last_error}")
    if rates.dropped and not limits.may_drop:
        return Health(Level.WARN, f"{rates.dropped} frames dropped: too many wait to be processed")
    if alert is not None and alert.level == AlertLevel.STALE:
        alert_fault = alert_fault or f"stale alert: {alert.reason}"
    if alert_fault:
        return Health(Level.WARN, alert_fault)
    return Health(Level.OK, f"{rates.output_hz:.1f} results per second")


def judge_engine(
    total_p95_ms: float,
    limits: HealthLimits,
    governor: GovernorState | None = None,
    *,
    failed_callbacks: int = 0,
) -> Health:
    """Judge the engine by its latency, and the node by its callbacks.

    Args:
        total_p95_ms: 95th percentile from receipt to result, milliseconds; NaN before a result.
        limits: What is still in order.
        governor: How far boxes are held down to keep a latency budget; None: nobody does.
        failed_callbacks: Of the node, since its start.
    """
    faults = [_budget_fault(governor)] if governor is not None else []
    if failed_callbacks:
        faults.append(f"{failed_callbacks} callbacks have failed, see the log")
    if total_p95_ms > limits.max_latency_s * 1e3:
        allowed_ms = limits.max_latency_s * 1e3
        faults.append(f"slow: latency p95 {total_p95_ms:.0f} ms, limit {allowed_ms:.0f} ms")
    message = "; ".join(filter(None, faults))
    return Health(Level.WARN, message) if message else Health(Level.OK, "running")


def judge_topics(mismatches: Mapping[str, str]) -> Health:
    """Judge who is at the other ends of the topics.

    Args:
        mismatches: By topic, what keeps messages from passing.
    """
    if not mismatches:
        return Health(Level.OK, "everybody can talk to everybody")
    (topic, reason), *others = mismatches.items()
    more = f" (and {len(others)} more)" if others else ""
    return Health(Level.WARN, f"{topic}: {reason}{more}")


def _budget_fault(governor: GovernorState) -> str:
    """Say what a latency budget costs, or that it is not kept; empty if neither."""
    budget_s = governor.budget.budget_s
    over = f"latency p95 {governor.p95_s:.2f} s over the budget of {budget_s:.2f} s"
    if governor.is_late and governor.is_at_least_rate:
        return f"{over} with boxes at their least rate"
    if governor.is_lowered:
        rate_hz = governor.rate_hz
        return f"boxes lowered to {rate_hz:.1f} Hz to keep the latency within {budget_s:.2f} s"
    return over if governor.is_late else ""
