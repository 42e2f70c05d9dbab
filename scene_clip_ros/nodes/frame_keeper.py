"""Keeps every frame that was embedded, with a small picture of it. Free of ROS."""

from __future__ import annotations

from scene_clip_ros.core.frame_memory import FrameMemory, MemoryStatistics, StoredFrame
from scene_clip_ros.core.memory_snapshot import MemorySnapshot
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.media.scaling import fit_height
from scene_clip_ros.nodes.parameters.memory import MemoryParameters

THUMBNAIL_QUALITY = 60
"""JPEG quality: some 3.5 KB a picture of 120 lines, 1.1 KB of 54."""


class FrameKeeper:
    """The function ``memory``: one thread keeps frames, any other may look.

    Args:
        dim: Length of an embedding.
        values: Parameters as they are now.

    Raises:
        ParameterError: ``max_bytes`` is less than what one camera takes.
    """

    def __init__(self, dim: int, values: MemoryParameters) -> None:
        """Start empty."""
        self._memory = FrameMemory(dim, values.limits())
        self._values = values

    @property
    def values(self) -> MemoryParameters:
        """The parameters that hold now."""
        return self._values

    def check(self, values: MemoryParameters) -> None:
        """Refuse parameters that `apply` would refuse.

        Raises:
            ParameterError: ``max_bytes`` is less than what one camera takes.
        """
        self._memory.check_limits(values.limits())

    def apply(self, values: MemoryParameters) -> None:
        """Use other parameters from the next frame on; switched off, nothing is kept any more.

        Raises:
            ParameterError: ``max_bytes`` is less than what one camera takes; nothing has changed.
        """
        self._memory.set_limits(values.limits())
        self._values = values
        if not values.enabled:
            self.clear()

    def keep(self, result: FrameResult, rgb: ImageArray | None, *, frame_id: str) -> None:
        """Keep a frame, unless it is like the last one; a picture is encoded of no other.

        Args:
            result: What is held of the frame; one that is not for the memory is passed over.
            rgb: ``(H, W, 3)`` uint8; None: no thumbnail is kept.
            frame_id: Coordinate frame of the camera, as the header says.
        """
        camera, stamp_ns, embedding = result.camera, result.stamp_ns, result.embedding
        if not (self._values.enabled and "memory" in result.functions):
            return
        if self._memory.is_new(camera, stamp_ns, embedding):
            frame = StoredFrame(camera, stamp_ns, frame_id, self._thumbnail(rgb))
            self._memory.add(frame, embedding)

    def clear(self) -> None:
        """Forget every frame."""
        self._memory.clear()

    def snapshot(self) -> MemorySnapshot:
        """Return what is kept now."""
        return self._memory.snapshot()

    def statistics(self) -> MemoryStatistics | None:
        """Return how full the memory is; None while it is switched off."""
        return self._memory.statistics() if self._values.enabled else None

    def _thumbnail(self, rgb: ImageArray | None) -> bytes:
        """Return a small JPEG; empty if none is wanted."""
        height = self._values.thumbnail_height_px
        if rgb is None or not height:
            return b""
        small = fit_height(rgb, max_height=height)
        return encode_jpeg(small, quality=THUMBNAIL_QUALITY, smallest=True)
