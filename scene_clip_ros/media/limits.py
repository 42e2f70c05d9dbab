"""How large a picture may be before its size is taken for damage."""

from __future__ import annotations

from scene_clip_ros.core.errors import ImageError

MAX_SIDE_PX = 16_384
"""Longest side of a picture, pixels."""

MAX_PIXELS = 1 << 26
"""Most pixels of a picture (8192 x 8192): 192 MiB as RGB."""


def check_size(width: int, height: int) -> None:
    """Refuse a picture's size before anything is allocated for it.

    Args:
        width: Pixels.
        height: Pixels.

    Raises:
        ImageError: A side is outside [1, 16384], or there are more than 2**26 pixels.
    """
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        message = f"expected sides of 1 to {MAX_SIDE_PX} pixels, got {width}x{height}"
        raise ImageError(message)
    if width * height > MAX_PIXELS:
        message = f"expected at most {MAX_PIXELS} pixels, got {width}x{height}"
        raise ImageError(message)
