"""Where somebody's feet will be, told from their way through the picture."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.boxes import is_cut
from scene_clip_ros.core.line import Line, fit_line
from scene_clip_ros.core.smoothing import NS_PER_S

_MIN_SAMPLES = 4
_MIN_SPAN_S = 0.3
_MAX_GROWTH = 3.0
"""Factor up to which somebody may grow within the time that is looked ahead."""


@dataclass(frozen=True, slots=True)
class FootWay:
    """The way that somebody's feet are expected to take.

    Attributes:
        xyxy: The newest box, pixels, left, top, right, bottom.
        course_x: Column towards which the vehicle drives, pixels.
        across: How far beside it the middle of the box is, in heights of the box.
        across_per_s: Change of that.
        sink_px_per_s: How fast the feet come down in the picture, ≥ 0; 0 without an approach.
        contact_s: Time to contact in seconds; infinity without an approach.
    """

    xyxy: Xyxy
    course_x: float
    across: float
    across_per_s: float
    sink_px_per_s: float
    contact_s: float

    def at(self, ahead_s: float) -> Xyxy:
        """Return the box that is to be expected.

        Args:
            ahead_s: How far ahead, seconds, ≥ 0.
        """
        left, top, right, bottom = self.xyxy
        growth = 1 / max(1 - ahead_s / max(self.contact_s, 1e-6), 1 / _MAX_GROWTH)
        height, half = (bottom - top) * growth, (right - left) * growth / 2
        middle = self.course_x + (self.across + self.across_per_s * ahead_s) * height
        foot = bottom + self.sink_px_per_s * ahead_s * growth
        return (middle - half, foot - height, middle + half, foot)


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
        if height <= 0 or is_cut(xyxy, size_wh, axis=0) or is_cut(xyxy, size_wh, axis=1):
            self._newest = None
            return
        across = ((xyxy[0] + xyxy[2]) / 2 - course_x) / height
        self._samples.append((t_ns, across, xyxy[3]))
        while t_ns - self._samples[0][0] > self._window_ns:
            self._samples.popleft()
        self._newest = (t_ns, xyxy, course_x)

    def way(self, *, contact_s: float) -> FootWay | None:
        """Return the way that is to be expected, or None if too little is known.

        Args:
            contact_s: Time to contact in seconds; NaN if the person does not approach.
        """
        if self._newest is None or len(self._samples) < _MIN_SAMPLES:
            return None
        newest_ns, xyxy, course_x = self._newest
        t = np.array([(t_ns - newest_ns) / NS_PER_S for t_ns, _, _ in self._samples])
        if t[-1] - t[0] < _MIN_SPAN_S:
            return None
        _, acrosses, bottoms = map(np.array, zip(*self._samples, strict=True))
        across = fit_line(t, acrosses)
        approaches = math.isfinite(contact_s)
        return FootWay(
            xyxy=xyxy,
            course_x=course_x,
            across=across.now,
            across_per_s=_sure_slope(across),
            sink_px_per_s=max(0.0, _sure_slope(fit_line(t, bottoms))) if approaches else 0.0,
            contact_s=contact_s if approaches else math.inf,
        )


def _sure_slope(line: Line) -> float:
    """Return the slope, nearer to 0 by its standard error."""
    return math.copysign(max(0.0, abs(line.slope) - line.slope_error), line.slope)
