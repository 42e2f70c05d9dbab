"""Folders of pictures, and single pictures, as sources of frames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from scene_clip_ros.core.errors import ImageError, SourceError
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.media.frame_source import DEFAULT_CAMERA, SourceFrame, optical_frame

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
"""Name endings that are taken for pictures."""

DEFAULT_RATE_HZ = 10.0

_STAMP_NAME = re.compile(r"\d{16,19}")
"""Nanoseconds as the whole name; at least 16 digits, which no frame counter has."""


class FolderSource:
    """Iterates over pictures in files; see ``FrameSource``.

    If every name is a whole number of 16 digits or more, the names are the stamps in
    nanoseconds (``stamp_file_name`` writes them); else the pictures are sorted as people do
    (``frame9`` before ``frame10``) and get stamps at a steady rate from 0 on.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        camera: str = DEFAULT_CAMERA,
        rate_hz: float = DEFAULT_RATE_HZ,
    ) -> None:
        """List the pictures.

        Args:
            path: Folder with JPEG or PNG files, whose subfolders are ignored, or one file.
            camera: Name of the camera.
            rate_hz: Pictures per second where names are no stamps, > 0.

        Raises:
            SourceError: No such folder, or no pictures in it.
        """
        self._path = Path(path)
        self._camera = camera
        self._pictures = sorted(list_pictures(self._path), key=natural_key)
        if not self._pictures:
            endings = ", ".join(sorted(PICTURE_SUFFIXES))
            message = f"{path}: expected pictures that end in {endings}, got none"
            raise SourceError(message)
        self._stamps_ns = _stamps_ns(self._pictures, rate_hz)

    @property
    def name(self) -> str:
        """Path of the folder or file."""
        return str(self._path)

    @property
    def cameras(self) -> tuple[str, ...]:
        """The one camera."""
        return (self._camera,)

    @property
    def frame_count(self) -> int:
        """Number of pictures."""
        return len(self._pictures)

    def __iter__(self) -> Iterator[SourceFrame]:
        """Yield the pictures in the order of their stamps; files are read when decoded."""
        for picture, stamp_ns in zip(self._pictures, self._stamps_ns, strict=True):
            yield self._frame(picture, stamp_ns)

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def __enter__(self) -> FolderSource:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _frame(self, picture: Path, stamp_ns: int) -> SourceFrame:
        """Wrap a picture that is read when somebody wants it."""

        def decode() -> ImageArray:
            return read_picture(picture)

        return SourceFrame(
            self._camera,
            stamp_ns,
            optical_frame(self._camera),
            decode,
            file_name=picture.name,
        )


def read_picture(path: Path) -> ImageArray:
    """Read a JPEG or PNG file.

    Returns:
        ``(H, W, 3)`` uint8 RGB.

    Raises:
        ImageError: The file cannot be read, or is no whole picture; names the file.
    """
    try:
        return decode_compressed(path.read_bytes(), format=path.suffix)
    except OSError as err:
        message = f"{path}: expected a picture, got {err.strerror}"
        raise ImageError(message) from err
    except ImageError as err:
        message = f"{path}: {err}"
        raise ImageError(message) from err


def stamp_file_name(stamp_ns: int, suffix: str) -> str:
    """Return a name from which ``FolderSource`` reads the stamp, e.g. ``….jpg``."""
    return f"{stamp_ns:019d}{suffix}"


def is_picture(path: Path) -> bool:
    """Tell by its name whether a file is a picture."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def list_pictures(path: Path) -> list[Path]:
    """Return the pictures at a path, a folder or a picture; unsorted, and empty for none.

    Raises:
        SourceError: Nothing is there.
    """
    if path.is_dir():
        return [entry for entry in path.iterdir() if entry.is_file() and is_picture(entry)]
    if path.is_file():
        return [path] if is_picture(path) else []
    message = f"{path}: expected a folder of pictures or a picture, got no such path"
    raise SourceError(message)


def natural_key(path: Path) -> list[tuple[bool, int, str]]:
    """Return a key that sorts the numbers in names by value."""
    parts = re.split(r"(\d+)", path.name)
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def _stamps_ns(pictures: Sequence[Path], rate_hz: float) -> list[int]:
    """Return the stamp of each picture, nanoseconds."""
    if all(_STAMP_NAME.fullmatch(picture.stem) for picture in pictures):
        return [int(picture.stem) for picture in pictures]
    return [round(index * NS_PER_S / rate_hz) for index in range(len(pictures))]
