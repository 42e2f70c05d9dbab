"""JPEG and PNG pictures, as ``sensor_msgs/CompressedImage`` and files carry them, to RGB.

The container is walked before any decoder sees it: decoders return partly grey pictures for
truncated data and allocate whatever a header asks for. A size that so little data cannot fill is
refused, too.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.buffers import ImageBuffer, view_bytes
from scene_clip_ros.media.limits import check_size

if TYPE_CHECKING:
    from cv2.typing import MatLike

JPEG_MAGIC = b"\xff\xd8\xff"
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

_REDUCED = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
}
"""How JPEG pictures are decoded at a fraction of their size, by its denominator."""

_SOS = 0xDA
_EOI = 0xD9
_STANDALONE_MARKERS = {0x01, *range(0xD0, 0xD8)}
_FRAME_MARKERS = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 without the tables DHT, JPG and DAC that share their range."""

_MAX_PIXELS_PER_JPEG_BIT = 256
"""Each 8x8 block has a code in one scan or another, and among 256 pixels, however coarsely colours
are sampled, lies at least one block."""

_MAX_DEFLATE_RATIO = 1032
"""Of zlib's format."""

_PNG_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by the colour type of a PNG header."""

_PNG_END = int.from_bytes(b"IEND", "big")

_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""The first marker after entropy-coded data: neither a stuffed byte, restart nor fill."""


def decode_compressed(
    data: ImageBuffer,
    *,
    format: str = "",  # noqa: A002 - the field's name
    min_side: int | None = None,
) -> ImageArray:
    """Decode one JPEG or PNG picture.

    Grey becomes RGB, alpha is dropped, 16-bit samples keep their upper byte, and a JPEG with
    an EXIF orientation is turned upright.

    Args:
        data: The whole file. Padding after its end is ignored.
        format: ``format`` of the message; only named in errors, the data itself tells.
        min_side: Shortest side that is good enough, pixels ≥ 1. A JPEG that is larger is decoded
            at a half, a quarter or an eighth of its size, rounded up, as long as its shorter side
            is no shorter: libjpeg leaves out frequencies then, and most of the work. None: in
            full.

    Returns:
        ``(H, W, 3)`` uint8 RGB, C-contiguous.

    Raises:
        ImageError: Neither JPEG nor PNG, truncated, damaged, or of a size out of bounds.
    """
    content = view_bytes(data).tobytes()
    if content.startswith(JPEG_MAGIC):
        kind, (width, height) = "JPEG", _inspect_jpeg(content)
    elif content.startswith(PNG_MAGIC):
        kind, (width, height) = "PNG", _inspect_png(content)
    else:
        message = f"expected JPEG or PNG data, got {content[:8]!r} (format {format!r})"
        raise ImageError(message)
    is_reducible = kind == "JPEG" and min_side is not None
    flag = _reducing_flag(min(width, height), min_side or 1) if is_reducible else None
    return _decode(content, flag, kind=kind, size=f"{width}x{height}")


def encode_jpeg(rgb: ImageArray, *, quality: int = 90, smallest: bool = False) -> bytes:
    """Encode a picture as JPEG.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB.
        quality: In [1, 100].
        smallest: Take twice the time to fit the code tables to the picture: some 300 bytes less,
            which is much of a thumbnail.
    """
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, int(smallest)]
    return _encode(".jpg", bgr, options)


def encode_png(pixels: ImageArray) -> bytes:
    """Encode a ``(H, W, 3)`` RGB or ``(H, W)`` grey uint8 picture as PNG, losslessly."""
    stored = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    return _encode(".png", stored, [])


def _reducing_flag(side: int, min_side: int) -> int | None:
    """Return how to decode a picture with a shorter side as small as allowed; None: in full."""
    fitting = (flag for denominator, flag in _REDUCED.items() if side >= denominator * min_side)
    return next(fitting, None)


def _decode(content: bytes, reducing_flag: int | None, *, kind: str, size: str) -> ImageArray:
    """Run the decoder on data that has been inspected."""
    # Since 4.10 OpenCV can decode to RGB, but not at a fraction of the size.
    rgb_flag = getattr(cv2, "IMREAD_COLOR_RGB", None) if reducing_flag is None else None
    flag = rgb_flag or reducing_flag or cv2.IMREAD_COLOR
    try:
        decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), flag)
    except cv2.error as err:
        message = f"expected a {size} {kind} picture, got one that cannot be decoded: {err.err}"
        raise ImageError(message) from err
    if decoded is None:
        message = f"expected a {size} {kind} picture, got one that cannot be decoded"
        raise ImageError(message)
    rgb = decoded if rgb_flag else cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)
    return np.asarray(rgb, dtype=np.uint8)


def _encode(suffix: str, pixels: MatLike, options: list[int]) -> bytes:
    """Run the encoder of a file type."""
    done, encoded = cv2.imencode(suffix, pixels, options)
    if not done:
        message = f"expected a picture that can be written as {suffix}, got {pixels.shape}"
        raise ImageError(message)
    return encoded.tobytes()


def _inspect_jpeg(content: bytes) -> tuple[int, int]:
    """Walk the segments of a JPEG file up to its end.

    Returns:
        Width and height in pixels.

    Raises:
        ImageError: A segment or the end-of-image marker is missing, there are two frames, or the
            size cannot be.
    """
    position = 2
    size_wh: tuple[int, int] | None = None
    while True:
        position, marker = _next_marker(content, position)
        if marker == _EOI:
            break
        if marker in _STANDALONE_MARKERS:
            continue
        (length,) = _unpack(">H", content, position)
        if marker in _FRAME_MARKERS:
            if size_wh is not None:  # decoders take the first
                message = "expected a JPEG picture with one frame header, got another"
                raise ImageError(message)
            height, width = _unpack(">HH", content, position + 3)
            size_wh = (width, height)
        position += length
        if marker == _SOS:
            position = _skip_scan(content, position)
    if size_wh is None:
        message = "expected a JPEG picture with a frame header, got none before its end"
        raise ImageError(message)
    width, height = size_wh
    _check_size(size_wh, content, least=width * height // (8 * _MAX_PIXELS_PER_JPEG_BIT))
    return size_wh


def _next_marker(content: bytes, position: int) -> tuple[int, int]:
    """Return the position behind the marker at ``position``, and its code; skips fill bytes."""
    (prefix,) = _unpack("B", content, position)
    if prefix != 0xFF:
        message = f"expected a JPEG marker at byte {position}, got 0x{prefix:02x}"
        raise ImageError(message)
    while prefix == 0xFF:
        position += 1
        (prefix,) = _unpack("B", content, position)
    return position + 1, prefix


def _skip_scan(content: bytes, position: int) -> int:
    """Return the position of the marker that ends the entropy-coded data."""
    end = _SCAN_END.search(content, position)
    if end is None:
        message = f"expected an end-of-image marker, got a JPEG truncated at {len(content)} bytes"
        raise ImageError(message)
    return end.start()


def _inspect_png(content: bytes) -> tuple[int, int]:
    """Walk the chunks of a PNG file up to its end.

    Returns:
        Width and height in pixels.

    Raises:
        ImageError: The header comes not first, a chunk is missing, or the size cannot be.
    """
    if content[12:16] != b"IHDR":
        message = f"expected a PNG header chunk, got {content[12:16]!r}"
        raise ImageError(message)
    width, height, depth, colour = _unpack(">IIBB", content, 16)
    row_bits = width * depth * _PNG_SAMPLES.get(colour, 1)
    _check_size((width, height), content, least=height * row_bits // (8 * _MAX_DEFLATE_RATIO))
    position, kind = len(PNG_MAGIC), 0
    while kind != _PNG_END:
        length, kind = _unpack(">II", content, position)
        position += 12 + length
        if position > len(content):
            message = f"expected a PNG of at least {position} bytes, got {len(content)}: truncated"
            raise ImageError(message)
    return width, height


def _check_size(size_wh: tuple[int, int], content: bytes, *, least: int) -> None:
    """Refuse a size before anything is allocated for it.

    Args:
        size_wh: Pixels, as the header says.
        content: The whole file.
        least: Bytes that the smallest file of this size has.

    Raises:
        ImageError: It is out of bounds, or so little data cannot fill it.
    """
    width, height = size_wh
    check_size(width, height)
    if len(content) < least:
        message = (
            f"expected at least {least} bytes of data for a picture of {width}x{height}, "
            f"got {len(content)}"
        )
        raise ImageError(message)


def _unpack(layout: str, content: bytes, position: int) -> tuple[int, ...]:
    """Unpack big-endian fields.

    Raises:
        ImageError: The data ends before them.
    """
    try:
        return struct.unpack_from(layout, content, position)
    except struct.error as err:
        message = (
            f"expected more data at byte {position}, "
            f"got a picture truncated at {len(content)} bytes"
        )
        raise ImageError(message) from err
