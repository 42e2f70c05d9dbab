"""Scales pictures down."""

from __future__ import annotations

import cv2
import numpy as np

from scene_clip_ros.core.types import ImageArray


def fit_height(rgb: ImageArray, *, max_height: int) -> ImageArray:
    """Scale a picture down to at most ``max_height`` lines; a smaller one stays as it is.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        max_height: Lines, ≥ 1.

    Returns:
        ``(h, w, 3)`` uint8 of the same proportions, as far as whole pixels allow.
    """
    height, width, _ = rgb.shape
    if height <= max_height:
        return rgb
    size_wh = (max(1, round(width * max_height / height)), max_height)
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
