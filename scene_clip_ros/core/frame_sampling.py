"""Thins the frames of cameras out to a steady rate, each camera by itself."""

from __future__ import annotations

from scene_clip_ros.core.smoothing import NS_PER_S

_JITTER_SHARE = 0.25
"""How much of a period a frame may come before or after its time and still be on the grid."""


class RateSampler:
    """Picks frames of every camera at a rate; cameras that are slower lose none.

    The picks keep to a grid that begins with a camera's first frame, so that jitter does not add
    up. A stamp before the last pick, and one that is late, start a new grid.
    """

    def __init__(self, rate_hz: float) -> None:
        """Start with no camera seen.

        Args:
            rate_hz: Most frames per second of a camera, > 0.
        """
        self._period_ns = round(NS_PER_S / rate_hz)
        self._picked_ns: dict[str, int] = {}
        self._due_ns: dict[str, int] = {}

    def takes(self, camera: str, stamp_ns: int) -> bool:
        """Tell whether a frame is picked; call it once with each frame, in order."""
        due_ns = self._due_ns.get(camera)
        jitter_ns = int(_JITTER_SHARE * self._period_ns)
        if due_ns is not None and self._picked_ns[camera] <= stamp_ns < due_ns - jitter_ns:
            return False
        on_grid = due_ns is not None and abs(stamp_ns - due_ns) <= jitter_ns
        grid_ns = due_ns if due_ns is not None and on_grid else stamp_ns
        self._picked_ns[camera], self._due_ns[camera] = stamp_ns, grid_ns + self._period_ns
        return True
