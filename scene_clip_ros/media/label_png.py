"""Labels of pixels as PNG files with a palette: exact for programs, coloured for people.

OpenCV writes no palettes, so the four chunks are put together here (PNG, third edition, W3C 2025).
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.compressed import PNG_MAGIC

_INDEXED = 3
_UP = 2
"""The filter that stores each line as its difference from the one above."""


def encode_label_png(labels: ImageArray, palette: ImageArray) -> bytes:
    """Encode labels as an indexed PNG; readers of palettes, e.g. PIL, give back the very labels.

    Args:
        labels: ``(H, W)`` uint8.
        palette: ``(C, 3)`` uint8 RGB, the colour of each label, 1 ≤ C ≤ 256.

    Raises:
        ValueError: A label has no colour.
    """
    if labels.size and int(labels.max()) >= len(palette):
        message = f"expected labels below {len(palette)}, got {int(labels.max())}"
        raise ValueError(message)
    height, width = labels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _INDEXED, 0, 0, 0)
    above = np.vstack([np.zeros((1, width), np.uint8), labels[:-1]])
    lines = np.empty((height, width + 1), np.uint8)
    lines[:, 0] = _UP
    np.subtract(labels, above, out=lines[:, 1:])
    return b"".join(
        (
            PNG_MAGIC,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", np.ascontiguousarray(palette, np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum
