"""Where somebody's feet will be, told from their way through the picture."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.polygon import Float64Array
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.time_to_contact import is_cut_vertically

_MIN_SAMPLES = 4
_MIN_SPAN_S = 0.3
_MAX_GROWTH = 3.0
_EDGE_PX = 1.5


class FootMotion:
    """Follows the feet of one person.

    How far somebody is beside the vehicle's course is measured in heights of their own box: that
    of a bystander stays the same while the vehicle approaches, although the picture moves.
    """

    def __init__(self, window_s: float) -> None:
        """Start with nothing known.

        Args:
            window_s: Length of the past that is used, seconds, > 0.
        """
        self._window_ns = round(window_s * NS_PER_S)
        self._samples: deque[tuple[int, float, float]] = deque()
        self._newest: tuple[int, Xyxy, float] | None = None

    def update(self, t_ns: int, xyxy: Xyxy, size_wh: tuple[int, int], *, course_x: float) -> None:
        """Take one sighting in; boxes cut by the picture's edges tell nothing.

        Args:
            t_ns: Stamp in nanoseconds. A stamp before the last one starts anew.
            xyxy: Pixels, left, top, right, bottom.
            size_wh: Width and height of the picture in pixels.
            course_x: Column towards which the vehicle drives, pixels.
        """
        if self._samples and t_ns < self._samples[-1][0]:
            self._samples.clear()
        height = xyxy[3] - xyxy[1]
        is_cut = xyxy[0] <= _EDGE_PX or xyxy[2] >= size_wh[0] - _EDGE_PX
        if height <= 0 or is_cut or is_cut_vertically(xyxy, size_wh):
            self._newest = None
            return
        across = ((xyxy[0] + xyxy[2]) / 2 - course_x) / height
        self._samples.append((t_ns, across, xyxy[3]))
        while t_ns - self._samples[0][0] > self._window_ns:
            self._samples.popleft()
        self._newest = (t_ns, xyxy, course_x)

    def predict(self, lookahead_s: float, *, contact_s: float) -> Xyxy | None:
        """Return the box that is to be expected, or None if too little is known.

        Args:
            lookahead_s: How far ahead, seconds, ≥ 0.
            contact_s: Time to contact in seconds; NaN if the person does not approach.
        """
        if self._newest is None or len(self._samples) < _MIN_SAMPLES:
            return None
        newest_ns, (left, top, right, bottom), course_x = self._newest
        t = np.array([(t_ns - newest_ns) / NS_PER_S for t_ns, _, _ in self._samples])
        if t[-1] - t[0] < _MIN_SPAN_S:
            return None
        _, acrosses, bottoms = map(np.array, zip(*self._samples, strict=True))
        across, drift = _draw_line(t, acrosses)
        growth, sink_px = 1.0, 0.0
        if math.isfinite(contact_s):
            growth = 1 / max(1 - lookahead_s / max(contact_s, 1e-6), 1 / _MAX_GROWTH)
            sink_px = max(0.0, _draw_line(t, bottoms)[1]) * lookahead_s * growth
        height, half = (bottom - top) * growth, (right - left) * growth / 2
        middle = course_x + (across + drift * lookahead_s) * height
        foot = bottom + sink_px
        return (middle - half, foot - height, middle + half, foot)


def _draw_line(t: Float64Array, values: Float64Array) -> tuple[float, float]:
    """Return the value of a line at 0 and its slope, drawn nearer to 0 by one standard error."""
    middle_t, middle = t.mean(), values.mean()
    spread = float(np.sum((t - middle_t) ** 2))
    slope = float(np.sum((t - middle_t) * (values - middle))) / spread
    residual = values - middle - slope * (t - middle_t)
    error = math.sqrt(float(np.sum(residual**2)) / (len(t) - 2) / spread)
    sure = math.copysign(max(0.0, abs(slope) - error), slope)
    return float(middle - slope * middle_t), sure
