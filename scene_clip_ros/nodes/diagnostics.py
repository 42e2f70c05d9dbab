"""Publishes how the cameras, and the engine if there is one, do on ``/diagnostics``."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.frame_memory import MemoryStatistics
from scene_clip_ros.models.encoder import EncoderInfo
from scene_clip_ros.models.proposer import ProposerInfo
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.health import (
    NO_FRAMES,
    CameraRates,
    Health,
    HealthLimits,
    Level,
    judge_camera,
    judge_engine,
    judge_topics,
)
from scene_clip_ros.nodes.process import WorkingNode
from scene_clip_ros.nodes.qos import RESULT_QOS
from scene_clip_ros.nodes.topic_mismatches import find_mismatches
from scene_clip_ros.pipeline.statistics import CameraStatistics, EngineStatistics

_PAGES = Path("/proc/self/statm")
_PAGE_MB = 4096 / 1e6


class DiagnosticsReporter:
    """Compares two snapshots of the statistics at every report.

    Args:
        node: Node that publishes.
        cameras: Names of the cameras, also of those that have sent nothing.
        statistics: Takes a snapshot.
        errors: Knows what went wrong last.
        info: The loaded model; None for a node without an engine.
        detector: The loaded detector; None for none.
        held_alert: Returns what is held of a camera; None for nothing, or no alerts at all.
        alert_fault: Returns why no alert can be raised; empty for no reason.
        memory: Returns how full the memory is; None while there is none.
        mask_model_id: Returns the identity of the model of masks; empty while none is loaded.
    """

    def __init__(
        self,
        node: WorkingNode,
        *,
        cameras: Sequence[str],
        statistics: Callable[[], EngineStatistics],
        errors: FrameErrors,
        info: EncoderInfo | None = None,
        detector: ProposerInfo | None = None,
        held_alert: Callable[[str], Alert | None] = lambda _camera: None,
        alert_fault: Callable[[], str] = str,
        memory: Callable[[], MemoryStatistics | None] = lambda: None,
        mask_model_id: Callable[[], str] = str,
    ) -> None:
        """Advertise /diagnostics; nothing is published before `publish`."""
        self._node = node
        self._cameras = tuple(cameras)
        self._statistics = statistics
        self._errors = errors
        self._info = info
        self._detector = detector
        self._held_alert = held_alert
        self._alert_fault = alert_fault
        self._memory = memory
        self._mask_model_id = mask_model_id
        self._before: Mapping[str, CameraStatistics] = {}
        self._before_s = time.monotonic()
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", RESULT_QOS)

    def publish(self, limits: HealthLimits) -> None:
        """Report what happened since the last report."""
        now_s = time.monotonic()
        elapsed_s = max(now_s - self._before_s, 1e-3)
        snapshot = self._statistics()
        message = DiagnosticArray()
        message.header.stamp = self._node.get_clock().now().to_msg()
        if self._info is not None:
            message.status.append(self._engine_status(self._info, snapshot, limits))
        for camera in self._cameras:
            message.status.append(self._camera_status(camera, snapshot, limits, elapsed_s))
        if memory := self._memory():
            message.status.append(self._memory_status(memory))
        mismatches = find_mismatches(self._node)
        message.status.append(self._status("topics", judge_topics(mismatches), mismatches))
        self._publisher.publish(message)
        self._before, self._before_s = snapshot.cameras, now_s

    def _engine_status(
        self, info: EncoderInfo, snapshot: EngineStatistics, limits: HealthLimits
    ) -> DiagnosticStatus:
        governor = snapshot.governor
        failed_callbacks = self._node.failed_callbacks
        health = judge_engine(
            snapshot.latency["total"].p95_ms, limits, governor, failed_callbacks=failed_callbacks
        )
        values = {
            "model": info.model_id,
            "detector": self._detector.model_id if self._detector else "none",
            "masks": self._mask_model_id() or "none",
            "backend": info.backend,
            "backend chosen": info.backend_reason,
            "detector backend": self._detector.backend if self._detector else "",
            "detector backend chosen": self._detector.backend_reason if self._detector else "",
            "device": info.device,
            "precision": info.precision,
            "batches": str(snapshot.batches),
            "latency budget (s)": _number(governor.budget.budget_s or math.inf) or "none",
            "boxes lowered to (Hz)": _number(governor.rate_hz) or "not lowered",
            "failed callbacks": str(failed_callbacks),
        }
        for stage, latency in snapshot.latency.items():
            values[f"{stage} p50 (ms)"] = _number(latency.p50_ms)
            values[f"{stage} p95 (ms)"] = _number(latency.p95_ms)
        values["memory (MB)"] = _number(_resident_memory_mb())
        return self._status("engine", health, values)

    def _camera_status(
        self, camera: str, snapshot: EngineStatistics, limits: HealthLimits, elapsed_s: float
    ) -> DiagnosticStatus:
        now = snapshot.cameras.get(camera, NO_FRAMES)
        before = self._before.get(camera, NO_FRAMES)
        rates = CameraRates.between(before, now, elapsed_s=elapsed_s)
        last_error = self._errors.last(camera)
        values = {
            "input rate (Hz)": _number(rates.input_hz),
            "output rate (Hz)": _number(rates.output_hz),
            "received": str(now.received),
            "processed": str(now.processed),
            "dropped": str(now.dropped),
            "failed": str(now.failed),
            "last error": last_error,
            "age of last frame (s)": _number(now.last_age_s),
        }
        if self._info is not None:
            values["skipped"] = str(now.skipped)
            values |= {f"{name} (Hz)": _number(hz) for name, hz in rates.function_hz.items()}
        if alert := self._held_alert(camera):
            values |= {"alert": alert.level.name, "alert reason": alert.reason}
        health = judge_camera(
            now,
            rates,
            limits,
            last_error=last_error,
            alert=alert,
            alert_fault=self._alert_fault(),
        )
        return self._status(f"camera {camera}", health, values)

    def _memory_status(self, memory: MemoryStatistics) -> DiagnosticStatus:
        span_s = _span_s(memory)
        values = {
            "frames": str(memory.frames),
            "size (MB)": _number(memory.size_bytes / 1e6),
            "near-duplicates": str(memory.duplicates),
            "oldest frame (stamp, s)": _stamp(memory.oldest_ns),
            "newest frame (stamp, s)": _stamp(memory.newest_ns),
            "span (s)": _number(span_s),
        }
        health = Health(Level.OK, f"{memory.frames} frames of {span_s:.1f} s")
        return self._status("memory", health, values)

    def _status(self, part: str, health: Health, values: Mapping[str, str]) -> DiagnosticStatus:
        return DiagnosticStatus(
            level=bytes([health.level]),
            name=f"{self._node.get_name()}: {part}",
            message=health.message,
            hardware_id=self._node.get_fully_qualified_name(),
            values=[KeyValue(key=key, value=value) for key, value in values.items()],
        )


def _number(value: float | None) -> str:
    """Write a number for a person; empty for one that is not known yet."""
    return "" if value is None or not math.isfinite(value) else f"{value:.2f}"


def _span_s(memory: MemoryStatistics) -> float:
    """Return the time from the oldest to the newest frame kept, seconds; 0 without frames."""
    if memory.oldest_ns is None or memory.newest_ns is None:
        return 0.0
    return (memory.newest_ns - memory.oldest_ns) / 1e9


def _stamp(stamp_ns: int | None) -> str:
    """Write a stamp in seconds; empty for none."""
    return "" if stamp_ns is None else f"{stamp_ns / 1e9:.3f}"


def _resident_memory_mb() -> float:
    """Return the memory that the process holds in MB; NaN where it cannot be told."""
    try:
        return int(_PAGES.read_text().split()[1]) * _PAGE_MB
    except (OSError, IndexError, ValueError):
        return math.nan
