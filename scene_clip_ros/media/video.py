"""Video files in and out, through OpenCV."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.aside import Aside
from scene_clip_ros.media.frame_source import DEFAULT_CAMERA, SourceFrame, optical_frame

VIDEO_CODECS = {".mp4": "mp4v", ".mkv": "mp4v", ".avi": "MJPG", ".webm": "VP80"}
"""Name endings of the videos that can be written, and the codec used: those that OpenCV's
wheels contain."""

VIDEO_SUFFIXES = frozenset({*VIDEO_CODECS, ".mov", ".m4v", ".mpg", ".mpeg", ".ts", ".wmv"})
"""Name endings that are taken for videos when reading."""

_NS_PER_MS = 1_000_000

_STEADY_NS = 1_000_000
"""A container's time this close to a steady rate is that rate: containers round to 1 ms."""

_FALLBACK_RATE_HZ = 25.0

_TOLERATED_LOSS = 0.05
"""Fraction of the announced frames that may be missing: some containers only estimate."""


def steady_stamp_ns(index: int, rate_hz: float) -> int:
    """Return the time of a frame from the start of a video of constant rate, nanoseconds."""
    return round(index * NS_PER_S / rate_hz)


class VideoSource:
    """Iterates over the frames of a video file; see ``FrameSource``.

    Stamps count from the start of the video: multiples of the frame time where the rate is
    constant, else the container's timestamps. They rise strictly.
    """

    def __init__(self, path: Path | str, *, camera: str = DEFAULT_CAMERA) -> None:
        """Open a video to see what it is.

        Args:
            path: Any file that OpenCV's video readers take.
            camera: Name of the camera.

        Raises:
            SourceError: No such file, or not a video; names the file.
        """
        self._path = Path(path)
        self._camera = camera
        capture = self._open()
        rate_hz = capture.get(cv2.CAP_PROP_FPS)
        count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        capture.release()
        self.rate_hz = rate_hz if math.isfinite(rate_hz) and rate_hz > 0 else _FALLBACK_RATE_HZ
        """Frames per second: the container's, 25 where it gives none."""
        self._frame_count = int(count) if math.isfinite(count) and count > 0 else None

    @property
    def name(self) -> str:
        """Path of the video."""
        return str(self._path)

    @property
    def cameras(self) -> tuple[str, ...]:
        """The one camera."""
        return (self._camera,)

    @property
    def frame_count(self) -> int | None:
        """Frames that the container announces."""
        return self._frame_count

    def __iter__(self) -> Iterator[SourceFrame]:
        """Yield the frames from the first on.

        Raises:
            SourceError: Frames are missing at the end.
        """
        capture = self._open()
        try:
            index, stamp_ns = 0, -1
            while True:
                is_read, bgr = capture.read()
                if not is_read:
                    break
                position_ms = capture.get(cv2.CAP_PROP_POS_MSEC)
                stamp_ns = max(self._stamp_ns(index, position_ms), stamp_ns + 1)
                yield self._frame(np.asarray(bgr, dtype=np.uint8), stamp_ns)
                index += 1
        finally:
            capture.release()
        self._check_length(index)

    def close(self) -> None:
        """Do nothing: each iteration opens and closes the file itself."""

    def __enter__(self) -> VideoSource:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> cv2.VideoCapture:
        """Open the file.

        Raises:
            SourceError: No such file, or not a video.
        """
        if not self._path.is_file():
            message = f"{self._path}: expected a video file, got no such file"
            raise SourceError(message)
        capture = cv2.VideoCapture(str(self._path))
        if not capture.isOpened():
            message = f"{self._path}: expected a whole video file, got one that cannot be opened"
            raise SourceError(message)
        return capture

    def _stamp_ns(self, index: int, position_ms: float) -> int:
        """Return the time of a frame, from the container unless that is no time."""
        steady_ns = steady_stamp_ns(index, self.rate_hz)
        if not math.isfinite(position_ms) or (position_ms <= 0 and index > 0):
            return steady_ns
        container_ns = round(position_ms * _NS_PER_MS)
        return steady_ns if abs(container_ns - steady_ns) < _STEADY_NS else container_ns

    def _frame(self, bgr: ImageArray, stamp_ns: int) -> SourceFrame:
        """Wrap a frame; its channels are swapped only if somebody wants it."""

        def decode() -> ImageArray:
            return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)

        return SourceFrame(self._camera, stamp_ns, optical_frame(self._camera), decode)

    def _check_length(self, count: int) -> None:
        """Refuse a video that ended early.

        Raises:
            SourceError: Many fewer frames than announced, or none.
        """
        announced = self._frame_count or 1
        if count < announced * (1 - _TOLERATED_LOSS):
            message = f"{self._path}: expected {announced} frames, got {count}: truncated"
            raise SourceError(message)


class VideoWriter:
    """Writes a video of constant rate, which appears under its name when it is closed."""

    def __init__(self, path: Path | str, *, rate_hz: float, overwrite: bool = False) -> None:
        """Start a video.

        Args:
            path: File that ends in one of ``VIDEO_CODECS``.
            rate_hz: Frames per second, > 0.
            overwrite: Whether to replace a file of the same name.

        Raises:
            SourceError: The ending is not among them, or the name is taken.
        """
        self._path = Path(path)
        codec = VIDEO_CODECS.get(self._path.suffix.lower())
        if codec is None:
            message = f"{path}: expected a name that ends in {', '.join(VIDEO_CODECS)}"
            raise SourceError(message)
        if self._path.is_dir():
            message = f"{path}: expected a name for a file, got that of a folder"
            raise SourceError(message)
        self._fourcc = cv2.VideoWriter.fourcc(*codec)
        self._rate_hz = rate_hz
        self._aside = Aside(self._path, overwrite=overwrite)
        self._writer: cv2.VideoWriter | None = None
        self._size_wh = (0, 0)
        self._is_open = True

    def write(self, rgb: ImageArray) -> None:
        """Append a ``(H, W, 3)`` uint8 picture; an odd last column or row may be cut off.

        Raises:
            SourceError: Not of the first picture's size, or the video cannot be written.
        """
        size_wh = (rgb.shape[1], rgb.shape[0])
        if self._writer is None:
            self._writer = self._start(size_wh)
        if size_wh != self._size_wh:
            message = f"{self._path}: expected pictures of {self._size_wh} pixels, got {size_wh}"
            raise SourceError(message)
        self._writer.write(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))

    def close(self) -> None:
        """Finish the video and give it its name; may be called again.

        Raises:
            SourceError: Nothing was written.
        """
        if not self._is_open:
            return
        if self._writer is None:
            self.abort()
            message = f"{self._path}: expected at least one picture for a video, got none"
            raise SourceError(message)
        self._is_open = False
        self._writer.release()
        self._aside.publish()

    def abort(self) -> None:
        """Throw away what was written; may be called again."""
        if not self._is_open:
            return
        self._is_open = False
        if self._writer is not None:
            self._writer.release()
        self._aside.discard()

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self.close()
        else:
            self.abort()

    def _start(self, size_wh: tuple[int, int]) -> cv2.VideoWriter:
        """Open the encoder for pictures of a size.

        Raises:
            SourceError: OpenCV has no such encoder, or cannot write there.
        """
        writer = cv2.VideoWriter(str(self._aside.path), self._fourcc, self._rate_hz, size_wh)
        if not writer.isOpened():
            message = f"{self._path}: expected an encoder for this video, got none in OpenCV"
            raise SourceError(message)
        self._size_wh = size_wh
        return writer
