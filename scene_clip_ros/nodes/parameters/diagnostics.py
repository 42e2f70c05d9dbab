"""What is reported on /diagnostics, and from when on it is grave."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scene_clip_ros.nodes.health import HealthLimits
from scene_clip_ros.nodes.parameter_table import parameter


@dataclass(frozen=True, slots=True)
class DiagnosticsParameters:
    """Reports on /diagnostics."""

    period_s: float = parameter(
        1.0,
        "Time between two messages on /diagnostics.",
        unit="s",
        minimum=0.1,
        maximum=60.0,
        live=True,
    )
    timeout_s: float = parameter(
        2.0,
        "A camera without a frame for so long is reported as an error.",
        unit="s",
        minimum=0.1,
        maximum=600.0,
        live=True,
    )
    max_error_rate: float = parameter(
        0.05,
        "A larger share of malformed messages since the last report is reported as an error.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )

    def limits(self) -> HealthLimits:
        """Return what is still in order."""
        return HealthLimits(
            timeout_s=self.timeout_s,
            max_latency_s=math.inf,
            max_error_rate=self.max_error_rate,
        )


@dataclass(frozen=True, slots=True)
class EngineDiagnosticsParameters(DiagnosticsParameters):
    """Reports of a node that runs models."""

    max_latency_s: float = parameter(
        0.5,
        "A 95th percentile of the time from receipt to result above this is reported as a warning.",
        unit="s",
        minimum=0.001,
        maximum=60.0,
        live=True,
    )

    def limits(self) -> HealthLimits:
        """Return what is still in order."""
        # super() does not work in a class with slots.
        limits = DiagnosticsParameters.limits(self)
        return replace(limits, max_latency_s=self.max_latency_s)
