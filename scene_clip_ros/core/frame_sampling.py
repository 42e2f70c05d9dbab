"""Thins the frames of cameras out to a steady rate, each camera by itself."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.smoothing import NS_PER_S

_EARLY_SHARE = 0.25
"""How much of a period a frame may come before its time at most, and still be picked for it."""

_LEAST_SHARE = 0.5
"""Least time between two picks, as a share of a period."""

_NEW_SHARE = 0.25
"""How much the newest time between two frames counts in their mean."""


_GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, modulo 1, are spread evenly however many there are."""


@dataclass(slots=True)
class _Grid:
    """The times at which frames of one camera are due, in nanoseconds.

    Attributes:
        number: Of the camera, in the order in which they came.
        seen_ns: Stamp of the newest frame, picked or not.
        picked_ns: Stamp of the frame picked last.
        due_ns: The next time of the grid.
        interval_ns: Mean time between two frames; 0 before the second.
    """

    number: int
    seen_ns: int
    picked_ns: int
    due_ns: int = 0
    interval_ns: int = 0


class RateSampler:
    """Picks frames of every camera at a rate; cameras that are slower lose none.

    The picks keep to a grid that begins with a camera's first frame: each time of the grid gets the
    frame nearest to it, as far as the camera's own rate foretells. So neither jitter nor a rate
    that does not divide the camera's adds up: of 30 frames a second, 20 are picked where 20 are
    asked for. A frame that is late by a whole period and a stamp before the last pick start a new
    grid.
    """

    def __init__(self, rate_hz: float, *, apart: bool = False) -> None:
        """Start with no camera seen.

        Args:
            rate_hz: Most frames per second of a camera, > 0.
            apart: Whether cameras take turns: the times of their grids lie between each other's.
        """
        self._grids: dict[str, _Grid] = {}
        self.set_rate(rate_hz, apart=apart)

    def takes(self, camera: str, stamp_ns: int) -> bool:
        """Tell whether a frame is picked; call it once with each frame, in order."""
        grid = self._grids.get(camera)
        if grid is None or stamp_ns < grid.picked_ns:
            number = len(self._grids) if grid is None else grid.number
            grid = self._grids[camera] = _Grid(number, stamp_ns, stamp_ns)
            self._begin(grid)
            return True
        self._see(grid, stamp_ns)
        if stamp_ns < self._earliest_ns(grid):
            return False
        on_grid = stamp_ns < grid.due_ns + self._period_ns
        grid.picked_ns = stamp_ns
        if on_grid:
            grid.due_ns += self._period_ns
        else:
            self._begin(grid)
        return True

    def set_rate(self, rate_hz: float, *, apart: bool = False) -> None:
        """Pick at another rate, counted from the last pick of each camera.

        Args:
            rate_hz: Most frames per second of a camera, > 0.
            apart: Whether cameras take turns from now on.
        """
        self._period_ns, self._apart = round(NS_PER_S / rate_hz), apart
        for grid in self._grids.values():
            self._begin(grid)

    def forget(self, camera: str | None = None) -> None:
        """Begin anew with the next frame of one camera, or of all; an unknown one is no error."""
        if camera is None:
            self._grids.clear()
        else:
            self._grids.pop(camera, None)

    def _begin(self, grid: _Grid) -> None:
        """Begin a grid with the last pick: a period later, or when it is the camera's turn then."""
        if not self._apart:
            grid.due_ns = grid.picked_ns + self._period_ns
            return
        from_ns = grid.picked_ns + int(_LEAST_SHARE * self._period_ns)
        phase_ns = round(grid.number * _GOLDEN % 1 * self._period_ns)
        grid.due_ns = from_ns + (phase_ns - from_ns) % self._period_ns

    def _see(self, grid: _Grid, stamp_ns: int) -> None:
        """Note when a frame came; a gap says nothing about the camera's rate."""
        newest_ns = min(max(stamp_ns - grid.seen_ns, 0), self._period_ns)
        share = _NEW_SHARE if grid.interval_ns else 1.0
        grid.interval_ns += round(share * (newest_ns - grid.interval_ns))
        grid.seen_ns = stamp_ns

    def _earliest_ns(self, grid: _Grid) -> int:
        """Return the stamp from which a frame is picked for the next time of the grid.

        From then on it is nearer to that time than the frame that is to follow it.
        """
        early_ns = min(grid.interval_ns // 2, int(_EARLY_SHARE * self._period_ns))
        least_ns = grid.picked_ns + int(_LEAST_SHARE * self._period_ns)
        return max(grid.due_ns - early_ns, least_ns)
