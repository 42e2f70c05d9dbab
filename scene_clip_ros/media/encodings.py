"""Raw camera images, as ``sensor_msgs/Image`` carries them, to RGB.

Encodings are the strings of ``sensor_msgs/image_encodings``, taken in any case. Colours
follow OpenCV (and so cv_bridge): ``8UC3`` is BGR, YUV is BT.601 with limited range, 16-bit
samples are scaled from [0, 65535] to [0, 255], alpha is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.buffers import ImageBuffer, view_bytes
from scene_clip_ros.media.cv_bridge_fallback import decode_with_cv_bridge
from scene_clip_ros.media.limits import check_size

_U16_TO_U8 = 255.0 / 65535.0


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How the pixels of one encoding lie in memory and become RGB.

    Attributes:
        samples: Samples per pixel in a row.
        sample_bytes: 1 or 2.
        conversion: OpenCV code from 8-bit samples to RGB; ``None`` if they are RGB.
        even_width: Two neighbours share their chroma, so that the width must be even.
        semi_planar: ``height / 2`` rows of chroma pairs follow the rows of luma (NV12, NV21);
            height must be even too.
        min_side: Fewest pixels per side; demosaicing needs neighbours.
    """

    samples: int
    sample_bytes: int = 1
    conversion: int | None = None
    even_width: bool = False
    semi_planar: bool = False
    min_side: int = 1

    def row_bytes(self, width: int) -> int:
        """Return the bytes of a row that carry pixels."""
        return width * self.samples * self.sample_bytes

    def row_count(self, height: int) -> int:
        """Return the rows in memory, chroma rows included."""
        return height * 3 // 2 if self.semi_planar else height


def _bayer(conversion: int, *, sample_bytes: int = 1) -> PixelFormat:
    """Return the format of a colour filter array."""
    return PixelFormat(1, sample_bytes, conversion, min_side=3)


_UYVY = PixelFormat(2, conversion=cv2.COLOR_YUV2RGB_UYVY, even_width=True)
_YUYV = PixelFormat(2, conversion=cv2.COLOR_YUV2RGB_YUY2, even_width=True)
_NV12 = PixelFormat(1, conversion=cv2.COLOR_YUV2RGB_NV12, even_width=True, semi_planar=True)
_NV21 = PixelFormat(1, conversion=cv2.COLOR_YUV2RGB_NV21, even_width=True, semi_planar=True)

PIXEL_FORMATS: dict[str, PixelFormat] = {
    "rgb8": PixelFormat(3),
    "bgr8": PixelFormat(3, conversion=cv2.COLOR_BGR2RGB),
    "rgba8": PixelFormat(4, conversion=cv2.COLOR_RGBA2RGB),
    "bgra8": PixelFormat(4, conversion=cv2.COLOR_BGRA2RGB),
    "rgb16": PixelFormat(3, 2),
    "bgr16": PixelFormat(3, 2, cv2.COLOR_BGR2RGB),
    "rgba16": PixelFormat(4, 2, cv2.COLOR_RGBA2RGB),
    "bgra16": PixelFormat(4, 2, cv2.COLOR_BGRA2RGB),
    "mono8": PixelFormat(1, conversion=cv2.COLOR_GRAY2RGB),
    "mono16": PixelFormat(1, 2, cv2.COLOR_GRAY2RGB),
    "8UC1": PixelFormat(1, conversion=cv2.COLOR_GRAY2RGB),
    "8UC3": PixelFormat(3, conversion=cv2.COLOR_BGR2RGB),
    "8UC4": PixelFormat(4, conversion=cv2.COLOR_BGRA2RGB),
    "yuv422": _UYVY,
    "uyvy": _UYVY,
    "yuv422_yuy2": _YUYV,
    "yuyv": _YUYV,
    "nv12": _NV12,
    "nv21": _NV21,
    "bayer_rggb8": _bayer(cv2.COLOR_BayerRGGB2RGB),
    "bayer_bggr8": _bayer(cv2.COLOR_BayerBGGR2RGB),
    "bayer_gbrg8": _bayer(cv2.COLOR_BayerGBRG2RGB),
    "bayer_grbg8": _bayer(cv2.COLOR_BayerGRBG2RGB),
    "bayer_rggb16": _bayer(cv2.COLOR_BayerRGGB2RGB, sample_bytes=2),
    "bayer_bggr16": _bayer(cv2.COLOR_BayerBGGR2RGB, sample_bytes=2),
    "bayer_gbrg16": _bayer(cv2.COLOR_BayerGBRG2RGB, sample_bytes=2),
    "bayer_grbg16": _bayer(cv2.COLOR_BayerGRBG2RGB, sample_bytes=2),
}
"""Every encoding decoded here, by its name in ``sensor_msgs``.

``16UC1`` and ``32FC1`` are not among them: drivers use them for depth, which is no picture.
"""

_BY_LOWER_CASE = {name.lower(): pixel_format for name, pixel_format in PIXEL_FORMATS.items()}


def decode_raw(
    data: ImageBuffer,
    *,
    encoding: str,
    width: int,
    height: int,
    step: int,
    is_bigendian: bool = False,
) -> ImageArray:
    """Decode one raw image.

    ``rgb8`` without row padding is returned as a view of ``data``, read-only where ``data``
    is; everything else is a new array. ``data`` may be longer than the picture (drivers with
    aligned buffers send the surplus along), never shorter.

    Args:
        data: Pixels, ``step`` bytes a row. NV12 and NV21: ``height`` rows of luma, then
            ``height / 2`` rows of chroma pairs with the same step.
        encoding: Name of the encoding; where it is not one of ``PIXEL_FORMATS``, cv_bridge
            is asked if it is installed.
        width: Pixels, in [1, 16384].
        height: Pixels, in [1, 16384].
        step: Bytes from one row to the next, padding included.
        is_bigendian: Byte order of 16-bit samples.

    Returns:
        ``(H, W, 3)`` uint8 RGB, C-contiguous. Do not write to it.

    Raises:
        ImageError: The encoding is unknown, or size, step and data do not fit together.
    """
    check_size(width, height)
    pixel_format = _BY_LOWER_CASE.get(encoding.lower())
    if pixel_format is None:
        return decode_with_cv_bridge(
            data,
            encoding=encoding,
            width=width,
            height=height,
            step=step,
            is_bigendian=is_bigendian,
            known=tuple(PIXEL_FORMATS),
        )
    _check_sides(pixel_format, width, height, encoding=encoding)
    buffer = view_bytes(data)
    _check_fit(pixel_format, width, height, encoding=encoding, step=step, size=buffer.size)
    shape = (pixel_format.row_count(height), width, pixel_format.samples)
    byte_order = ">" if is_bigendian else "<"
    samples = _view_samples(buffer, pixel_format, shape, step=step, byte_order=byte_order)
    if pixel_format.sample_bytes == 2:
        samples = _scale_to_8_bit(samples)
    if pixel_format.conversion is not None:
        samples = cv2.cvtColor(samples, pixel_format.conversion)
    return np.ascontiguousarray(samples)


def _check_sides(pixel_format: PixelFormat, width: int, height: int, *, encoding: str) -> None:
    """Refuse sizes that an encoding cannot have.

    Raises:
        ImageError: An odd side where chroma is shared, or too few pixels to demosaic.
    """
    size = f"{width}x{height}"
    if min(width, height) < pixel_format.min_side:
        least = pixel_format.min_side
        message = f"expected sides of at least {least} pixels for {encoding}, got {size}"
        raise ImageError(message)
    if pixel_format.even_width and width % 2:
        message = f"expected an even width for {encoding}, got {size}"
        raise ImageError(message)
    if pixel_format.semi_planar and height % 2:
        message = f"expected an even height for {encoding}, got {size}"
        raise ImageError(message)


def _check_fit(
    pixel_format: PixelFormat, width: int, height: int, *, encoding: str, step: int, size: int
) -> None:
    """Refuse a step or a number of bytes that cannot hold the picture.

    Raises:
        ImageError: A row is longer than ``step``, or ``size`` is less than all rows take.
    """
    row_bytes = pixel_format.row_bytes(width)
    if step < row_bytes:
        message = (
            f"expected a step of at least {row_bytes} bytes for {width} pixels of {encoding}, "
            f"got {step}"
        )
        raise ImageError(message)
    rows = pixel_format.row_count(height)
    if size < rows * step:
        message = (
            f"expected {rows * step} bytes of data for {width}x{height} {encoding} "
            f"({rows} rows of {step} bytes), got {size}"
        )
        raise ImageError(message)


def _view_samples(
    buffer: npt.NDArray[np.uint8],
    pixel_format: PixelFormat,
    shape: tuple[int, int, int],
    *,
    step: int,
    byte_order: str,
) -> npt.NDArray[Any]:
    """View the samples in place, without the padding.

    Args:
        buffer: ``(N,)`` uint8, as long as all rows.
        pixel_format: How the samples lie in a row.
        shape: Rows in memory, pixels a row, samples a pixel.
        step: Bytes from one row to the next.
        byte_order: ``<`` or ``>``, as numpy writes it.

    Returns:
        ``shape``, without its last axis if that is 1; uint8 or uint16 of the source's order.
    """
    depth = pixel_format.sample_bytes
    dtype = np.dtype(f"{byte_order}u{depth}")
    strides = (step, depth * pixel_format.samples, depth)
    samples: npt.NDArray[Any] = np.ndarray(shape, dtype, buffer=buffer, strides=strides)
    return samples[..., 0] if pixel_format.samples == 1 else samples


def _scale_to_8_bit(samples: npt.NDArray[Any]) -> ImageArray:
    """Scale 16-bit samples to [0, 255] and round.

    They are copied first only if their byte order or alignment is not the machine's.
    """
    native = np.require(samples, dtype=np.uint16, requirements=["ALIGNED"])
    return np.asarray(cv2.convertScaleAbs(native, alpha=_U16_TO_U8), dtype=np.uint8)
