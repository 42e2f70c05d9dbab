"""Fits a straight line to samples in time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.polygon import Float64Array


@dataclass(frozen=True, slots=True)
class Line:
    """A line through samples.

    Attributes:
        now: Value at time 0.
        slope: Change of the value per second.
        slope_error: Standard error of ``slope``.
    """

    now: float
    slope: float
    slope_error: float


def fit_line(
    t: Float64Array,
    values: Float64Array,
    *,
    noise: Float64Array | None = None,
    min_noise: float = 0.0,
) -> Line:
    """Fit a line by weighted least squares.

    Args:
        t: ``(N,)`` seconds, N ≥ 3, not all equal.
        values: ``(N,)``.
        noise: ``(N,)`` standard deviations of the values in any unit, > 0; None: all equal to 1.
        min_noise: What one such unit amounts to at least, however well the line fits.
    """
    weight = np.ones(len(t)) if noise is None else noise**-2.0
    middle_t, middle = np.average(t, weights=weight), np.average(values, weights=weight)
    offset = t - middle_t
    spread = float(np.sum(weight * offset**2))
    slope = float(np.sum(weight * offset * (values - middle))) / spread
    residual = values - middle - slope * offset
    unit = math.sqrt(float(np.sum(weight * residual**2)) / (len(t) - 2))
    return Line(
        now=float(middle - slope * middle_t),
        slope=slope,
        slope_error=max(unit, min_noise) / math.sqrt(spread),
    )
