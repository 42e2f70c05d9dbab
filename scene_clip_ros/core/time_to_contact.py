"""When something is reached, told from the growth of its box alone; no distance is needed."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.boxes import is_cut
from scene_clip_ros.core.line import fit_line
from scene_clip_ros.core.smoothing import NS_PER_S

_MIN_SAMPLES = 4
_MIN_SPAN_S = 0.3
_MIN_SIGNIFICANCE = 2.0
"""Standard errors by which the growth must exceed none."""

_MIN_NOISE_PX = 0.7
"""Noise of a height that is taken for granted, however well the samples agree."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """A straight line through 1 / height.

    Attributes:
        t_ns: Where the line is held, nanoseconds.
        seconds: Until it reaches 0 from there.
    """

    t_ns: int
    seconds: float


class TimeToContact:
    """Follows the height of one object.

    At a constant speed of approach the distance falls linearly, and so does 1 / height, which is
    proportional to it. A line is fitted to the samples of the window, each weighted by its
    height⁴, because the noise of a height in pixels is the same for all; where the line crosses 0
    is the contact. The time until then is height over growth: tau (Lee, "A theory of visual
    control of braking based on information about time-to-collision", Perception 5, 1976).
    """

    def __init__(self, window_s: float) -> None:
        """Start with nothing known.

        Args:
            window_s: Length of the past that is used, seconds, > 0.
        """
        self._window_ns = round(window_s * NS_PER_S)
        self._samples: deque[tuple[int, float]] = deque()
        self._fit: _Fit | None = None
        self._t_ns = 0

    @property
    def seconds(self) -> float:
        """Seconds from the newest update until contact, ≥ 0; NaN if none can be told."""
        if self._fit is None or self._t_ns - self._fit.t_ns > self._window_ns:
            return math.nan
        return max(0.0, self._fit.seconds - (self._t_ns - self._fit.t_ns) / NS_PER_S)

    def update(self, t_ns: int, xyxy: Xyxy, size_wh: tuple[int, int]) -> None:
        """Take one sighting in.

        While the box is cut by the picture's top or bottom edge, the last line is drawn on, for
        at most the length of the window.

        Args:
            t_ns: Stamp in nanoseconds. A stamp before the last one starts anew.
            xyxy: Pixels, left, top, right, bottom.
            size_wh: Width and height of the picture in pixels.
        """
        if t_ns < self._t_ns:
            self._samples.clear()
            self._fit = None
        self._t_ns = t_ns
        height = xyxy[3] - xyxy[1]
        if height <= 0 or is_cut(xyxy, size_wh, axis=1):
            return
        if self._samples and self._samples[-1][0] == t_ns:
            self._samples.pop()
        self._samples.append((t_ns, height))
        while t_ns - self._samples[0][0] > self._window_ns:
            self._samples.popleft()
        self._fit = self._draw_line()

    def _draw_line(self) -> _Fit | None:
        """Return the line through the samples; None if it does not clearly fall."""
        newest_ns = self._samples[-1][0]
        t = np.array([(t_ns - newest_ns) / NS_PER_S for t_ns, _ in self._samples])
        if len(t) < _MIN_SAMPLES or t[-1] - t[0] < _MIN_SPAN_S:
            return None
        height = np.array([height for _, height in self._samples])
        line = fit_line(t, 1 / height, noise=height**-2, min_noise=_MIN_NOISE_PX)
        if -line.slope < _MIN_SIGNIFICANCE * line.slope_error:
            return None
        return _Fit(newest_ns, max(0.0, line.now / -line.slope))
