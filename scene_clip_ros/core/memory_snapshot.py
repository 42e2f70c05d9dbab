"""What a frame memory held at one time, for searches that run while frames come and leave."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scene_clip_ros.core.frame_blocks import BlockView
from scene_clip_ros.core.running_moments import CosineSums, MomentsView
from scene_clip_ros.core.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class MemorySnapshot:
    """Frames that were in the memory at one time; embeddings and stamps do not change any more.

    Attributes:
        dim: Length D of an embedding.
        blocks: The frames: camera by camera, oldest first.
        moments: Moments of the embeddings of each camera that has frames.
        clocks_ns: What the clock of each camera that has frames showed when the newest frame of any
            camera was taken, nanoseconds.
    """

    dim: int
    blocks: tuple[BlockView, ...]
    moments: Mapping[str, MomentsView]
    clocks_ns: Mapping[str, int]

    def __len__(self) -> int:
        return sum(len(block) for block in self.blocks)

    def sum_cosines(self, query: FloatArray, cameras: Collection[str] = ()) -> CosineSums:
        """Return what the cosines of a query to all frames of some cameras add up to.

        Args:
            query: ``(D,)``, unit length.
            cameras: Names; empty: all.
        """
        parts = [
            moments.project(query)
            for camera, moments in self.moments.items()
            if not cameras or camera in cameras
        ]
        return sum(parts, CosineSums())
