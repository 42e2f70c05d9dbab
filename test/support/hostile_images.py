"""Images that a broken or hostile publisher sends: wrong headers, wrong payloads, wrong bytes."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

import cv2
import numpy as np
from builtin_interfaces.msg import Time
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from scene_clip_ros.media.encodings import PIXEL_FORMATS

INTERESTING = (0, 1, 2, 3, 7, 8, 255, 256, 16_384, 16_385, 65_535, 2**31 - 1, 2**31, 2**32 - 1)
"""Numbers at which code goes wrong; all fit in 32 bits without sign."""

STRANGE_ENCODINGS = ("", "32FC1", "16UC1", "jpeg", "rgb8;", "RGB8", "8UC0", "💡", "x" * 5000)
STRANGE_FRAMES = ("", "other_optical", "/a/b", "é\n\t", "$(reboot)", "../../etc", "y" * 5000)
MAX_SMALL_BYTES = 3 * 48 * 64


class HostileImages:
    """Draws hostile messages, the same for the same seed.

    Args:
        seed: Of everything that is drawn.
    """

    def __init__(self, seed: int) -> None:
        """Make pictures to be spoilt."""
        self._random = random.Random(seed)
        self._files = [self._picture_file(suffix) for suffix in (".jpg", ".png")]

    def raw(self) -> Image:
        """Return an image whose fields do not fit together, or do by chance."""
        draw = self._random
        encoding = draw.choice((*PIXEL_FORMATS, *STRANGE_ENCODINGS))
        width, height = draw.randint(1, 64), draw.randint(1, 48)
        step = width * draw.choice((1, 2, 3, 4, 6, 8))
        message = Image(
            header=self._header(),
            encoding=encoding,
            width=width,
            height=height,
            step=step,
            is_bigendian=draw.choice((0, 1, 255)),
        )
        for field in draw.sample(("width", "height", "step"), k=draw.choice((0, 0, 1, 2))):
            setattr(message, field, draw.choice(INTERESTING))
        sizes = (step * height, step * height * 3 // 2, 0, 1, draw.randrange(MAX_SMALL_BYTES))
        size = min(draw.choice(sizes), MAX_SMALL_BYTES)
        message.data = (draw.randbytes(6) * (size // 6 + 1))[:size]
        return message

    def compressed(self) -> CompressedImage:
        """Return a JPEG or PNG file that is damaged, a bomb, or none at all."""
        draw = self._random
        spoil = draw.choice(
            (self._flip, self._cut, self._patch, self._repeat, self._noise, self._untouched)
        )
        return CompressedImage(
            header=self._header(),
            format=draw.choice(("jpeg", "png", "rgb8; jpeg compressed bgr8", *STRANGE_ENCODINGS)),
            data=spoil(bytearray(draw.choice(self._files))),
        )

    def wire(self, message: Image | CompressedImage) -> bytes:
        """Return a message as DDS carries it, damaged on the way."""
        spoil = self._random.choice((self._flip, self._cut, self._patch, self._repeat))
        return spoil(bytearray(serialize_message(message)))

    def _header(self) -> Header:
        draw = self._random
        stamp = Time(
            sec=draw.choice((0, -1, 1, 2**31 - 1, -(2**31), draw.randrange(1000))),
            nanosec=draw.choice((0, *[999_999_999] * 18, 10**9, 2**32 - 1)),
        )
        return Header(stamp=stamp, frame_id=draw.choice(STRANGE_FRAMES))

    def _picture_file(self, suffix: str) -> bytes:
        tiles = np.frombuffer(self._random.randbytes(3 * 4 * 3), np.uint8).reshape(3, 4, 3)
        done, file = cv2.imencode(suffix, tiles.repeat(16, axis=0).repeat(16, axis=1))
        assert done
        return file.tobytes()

    def _place(self, data: bytearray) -> int:
        """Return a place, as often among the first bytes as anywhere."""
        ends = (min(len(data), 64), len(data))
        return self._random.randrange(self._random.choice(ends))

    def _flip(self, data: bytearray) -> bytes:
        for _ in range(self._random.choice((1, 2, 16))):
            data[self._place(data)] ^= 1 << self._random.randrange(8)
        return bytes(data)

    def _cut(self, data: bytearray) -> bytes:
        return bytes(data[: self._place(data)])

    def _patch(self, data: bytearray) -> bytes:
        """Write a number at which code goes wrong where a length or a size may be."""
        layout = self._random.choice(("<I", ">I", ">H"))
        number = self._random.choice(INTERESTING)
        size = struct.calcsize(layout)
        place = self._place(data)
        data[place : place + size] = struct.pack(layout, number & (256**size - 1))
        return bytes(data)

    def _repeat(self, data: bytearray) -> bytes:
        begin, end = sorted((self._place(data), self._place(data)))
        return bytes(data[:end] + data[begin:])

    def _noise(self, data: bytearray) -> bytes:
        kept = self._random.choice((0, 3, 8))
        return bytes(data[:kept]) + self._random.randbytes(self._random.randrange(500))

    def _untouched(self, data: bytearray) -> bytes:
        return bytes(data)


Draw = Callable[[HostileImages], "Image | CompressedImage | bytes"]
