"""Frames for a memory whose cosines are exact in half precision."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.frame_memory import FrameMemory, StoredFrame
from scene_clip_ros.core.types import FloatArray

DIM = 4

EXACT_UNITS: tuple[FloatArray, ...] = tuple(
    np.asarray(unit, np.float32)
    for unit in (
        *np.eye(DIM),
        *-np.eye(DIM),
        (0.5, 0.5, 0.5, 0.5),
        (0.5, -0.5, 0.5, -0.5),
        (0.5, 0.5, -0.5, -0.5),
        (-0.5, -0.5, -0.5, -0.5),
    )
)
"""Unit vectors whose cosines to each other are sums without rounding; many of them are equal."""


def keep(
    memory: FrameMemory,
    camera: str,
    stamp_ns: int,
    embedding: FloatArray,
    *,
    thumbnail: bytes = b"",
) -> None:
    """Add one frame whose optical frame is named after its camera."""
    memory.add(StoredFrame(camera, stamp_ns, f"{camera}_optical", thumbnail), embedding)


def stamps_of(memory: FrameMemory, camera: str) -> list[int]:
    """Return the stamps of the frames that are kept of a camera, nanoseconds."""
    blocks = memory.snapshot().blocks
    return [stamp for block in blocks if block.camera == camera for stamp in block.stamps_ns]


def turned(degrees: float, dim: int = DIM) -> FloatArray:
    """Return a unit vector in the plane of the first two axes."""
    unit = np.zeros(dim, np.float32)
    unit[:2] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return unit
