"""Scales pictures down, and what was found in them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scene_clip_ros.core.types import FloatArray, ImageArray

if TYPE_CHECKING:
    from cv2.typing import MatLike

_OVERSAMPLING = 2


def fit_height(rgb: ImageArray, *, max_height: int) -> ImageArray:
    """Scale a picture down to at most ``max_height`` lines; a smaller one stays as it is.

    One that is four times as high, or more, is thinned out before it is averaged: that takes an
    eighth of the time, and shows in no thumbnail.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        max_height: Lines, ≥ 1.

    Returns:
        ``(h, w, 3)`` uint8 of the same proportions, as far as whole pixels allow.
    """
    height, width, _ = rgb.shape
    if height <= max_height:
        return rgb
    thinned: MatLike = rgb
    if (step := height // (_OVERSAMPLING * max_height)) > 1:
        thinned_wh = (max(1, width // step), height // step)
        thinned = cv2.resize(rgb, thinned_wh, interpolation=cv2.INTER_NEAREST)
    size_wh = (max(1, round(width * max_height / height)), max_height)
    return np.asarray(cv2.resize(thinned, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def fit_short_side(rgb: ImageArray, *, max_px: int) -> ImageArray:
    """Scale a picture down until its shorter side has at most ``max_px`` pixels.

    Every pixel counts, as in the resizing of a model.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        max_px: Pixels, ≥ 1.

    Returns:
        ``(h, w, 3)`` uint8 of the same proportions; the picture itself if it is small enough.
    """
    height, width, _ = rgb.shape
    scale = max_px / min(height, width)
    if scale >= 1:
        return rgb
    size_wh = (round(width * scale), round(height * scale))
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def resize_picture(rgb: ImageArray, size_wh: tuple[int, int]) -> ImageArray:
    """Scale a picture to a size, whatever that does to its proportions.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        size_wh: Width and height of the new one, ≥ 1.

    Returns:
        ``(h, w, 3)`` uint8; the picture itself if it has that size.
    """
    height, width, _ = rgb.shape
    if (width, height) == size_wh:
        return rgb
    is_smaller = size_wh[0] <= width and size_wh[1] <= height
    kernel = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=kernel), np.uint8)


def stretch_plane(plane: FloatArray, size_wh: tuple[int, int]) -> FloatArray:
    """Scale a plane of numbers bilinearly, its corners to the corners of the new one.

    Args:
        plane: ``(h, w)`` float32.
        size_wh: Width and height of the new one, ≥ 1.

    Returns:
        ``(H, W)`` float32.
    """
    return np.asarray(cv2.resize(plane, size_wh, interpolation=cv2.INTER_LINEAR), np.float32)
