"""Pictures with captions: where they lie, and how a picture is read."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.caption_entries import one_line
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.media.limits import check_size

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MOST_TEXT_BYTES = 1 << 20
"""Of the captions of one picture."""


@dataclass(frozen=True, slots=True)
class PictureBytes:
    """A picture that is a file, or a part of one.

    Attributes:
        path: The file.
        start: Offset of the picture in it, bytes.
        length: Of the picture, bytes; None: up to the file's end.
    """

    path: Path
    start: int = 0
    length: int | None = None

    def decode(self) -> ImageArray:
        """Read the picture.

        Returns:
            ``(H, W, 3)`` uint8 RGB.

        Raises:
            ImageError: The file cannot be read, or is no whole picture.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                data = file.read(-1 if self.length is None else self.length)
        except OSError as err:
            message = f"expected a picture, got {err.strerror}"
            raise ImageError(message) from err
        return _decode_webp(data) if data[8:12] == b"WEBP" else decode_compressed(data)


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture and what is said of it.

    Attributes:
        name: What people call it: its path within the data.
        picture: Where it lies.
        captions: One or more, none of them empty.
    """

    name: str
    picture: PictureBytes
    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairList:
    """What was found.

    Attributes:
        pairs: Sorted by name.
        problems: What could not be used, as sentences that name it.
    """

    pairs: tuple[Pair, ...]
    problems: tuple[str, ...] = ()

    def digest(self) -> str:
        """Return a short text that differs for other names or captions."""
        digest = hashlib.sha256()
        for pair in self.pairs:
            digest.update(json.dumps([pair.name, *pair.captions]).encode())
        return digest.hexdigest()[:12]


@dataclass(slots=True)
class PairCollector:
    """Gathers pairs; captions of the same picture come together.

    Attributes:
        problems: What could not be used.
    """

    problems: list[str] = field(default_factory=list)
    _pictures: dict[str, PictureBytes] = field(default_factory=dict)
    _captions: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, picture: PictureBytes, captions: Iterable[str]) -> None:
        """Take captions of a picture; blank ones say nothing, and none is a problem."""
        said = [line for caption in captions if (line := one_line(caption))]
        if not said:
            self.problems.append(f"{name}: expected a caption, got none")
            return
        self._pictures.setdefault(name, picture)
        self._captions.setdefault(name, []).extend(said)

    def listed(self) -> PairList:
        """Return what was gathered, sorted by name."""
        pairs = (
            Pair(name, self._pictures[name], tuple(dict.fromkeys(self._captions[name])))
            for name in sorted(self._pictures)
        )
        return PairList(tuple(pairs), tuple(self.problems))


def caption_text(data: bytes) -> str:
    """Return what a file of captions says.

    Raises:
        ValueError: Not UTF-8, or too long.
    """
    if len(data) > MOST_TEXT_BYTES:
        message = f"expected captions of at most {MOST_TEXT_BYTES} bytes, got {len(data)}"
        raise ValueError(message)
    return data.decode("utf-8-sig")


def _decode_webp(data: bytes) -> ImageArray:
    try:
        with Image.open(io.BytesIO(data), formats=["WEBP"]) as image:
            check_size(*image.size)
            return np.asarray(image.convert("RGB"), np.uint8)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
    ) as err:
        message = f"expected a whole WebP picture, got {err}"
        raise ImageError(message) from err
