"""Smooths the box of one object without falling behind it."""

from __future__ import annotations

import math

import numpy as np

from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.polygon import Float64Array

_RATE_PRIOR = 20.0
"""How fast a new object may move, in standard deviations of one measurement per second."""

_MAX_GROWTH_PER_S = 3.0
_MIN_SHRINK = 0.5
_MIN_FORGETTING = 1e-9
_MIN_SIDE_PX = 1.0


class BoxMotion:
    """Follows centre and log size with their rates.

    A line is fitted to the past, whose weight fades with age (recursive least squares with
    exponential forgetting: Ljung, "System Identification", 2nd ed., 1999, section 11.2), so that
    steady motion is followed without lag at any frame rate.
    Between frames, motion speeds up as that of something does which is approached at a constant
    speed: with the growth g = d log(height) / dt, sizes grow by 1 / (1 - g dt).
    """

    def __init__(self, xyxy: Xyxy, *, tau_s: float) -> None:
        """Start at rest.

        Args:
            xyxy: Pixels, left, top, right, bottom.
            tau_s: Time constant of the fading in seconds, ≥ 0; 0 follows every measurement.
        """
        self._tau_s = tau_s
        self._state = _measure(xyxy)
        self._rate = np.zeros(4)
        self._covariance = np.diag((1.0, _RATE_PRIOR**2))
        self._unseen_s = 0.0

    @property
    def xyxy(self) -> Float64Array:
        """``(4,)`` pixels, not clipped to the picture; as predicted since the last `advance`."""
        half = np.exp(self._state[2:]) / 2
        return np.concatenate([self._state[:2] - half, self._state[:2] + half])

    def advance(self, elapsed_s: float) -> None:
        """Predict where the object is later on.

        Args:
            elapsed_s: Seconds since the last call, ≥ 0.
        """
        growth = float(np.clip(self._rate[3], -_MAX_GROWTH_PER_S, _MAX_GROWTH_PER_S))
        stretch = 1 / max(1 - growth * elapsed_s, _MIN_SHRINK)
        self._state[:2] += self._rate[:2] * elapsed_s * stretch
        self._state[2:] += np.clip(self._rate[2:], -_MAX_GROWTH_PER_S, _MAX_GROWTH_PER_S) * (
            elapsed_s * math.sqrt(stretch)
        )
        self._rate[:2] *= stretch**2
        self._rate[2:] *= stretch
        step = np.array(((1.0, elapsed_s), (0.0, 1.0)))
        self._covariance = step @ self._covariance @ step.T
        self._unseen_s += elapsed_s

    def correct(self, xyxy: Xyxy) -> None:
        """Take a measurement of the present moment in.

        Args:
            xyxy: Pixels, left, top, right, bottom.
        """
        covariance = self._covariance / self._forgetting()
        gain = covariance[0] / (covariance[0, 0] + 1)
        error = _measure(xyxy) - self._state
        self._state += gain[0] * error
        self._rate += gain[1] * error
        covariance = covariance - np.outer(gain, covariance[0])
        # Forgetting would let the rounding that makes it unsymmetric grow without bound.
        self._covariance = (covariance + covariance.T) / 2
        self._unseen_s = 0.0

    def _forgetting(self) -> float:
        if self._tau_s == 0:
            return _MIN_FORGETTING
        return max(math.exp(-self._unseen_s / self._tau_s), _MIN_FORGETTING)


def _measure(xyxy: Xyxy) -> Float64Array:
    """Return ``(4,)`` centre x, y in pixels, log width, log height."""
    left, top, right, bottom = xyxy
    width, height = max(right - left, _MIN_SIDE_PX), max(bottom - top, _MIN_SIDE_PX)
    return np.array(((left + right) / 2, (top + bottom) / 2, math.log(width), math.log(height)))
