"""Pictures of files, folders and recordings, embedded, each with a name that people know."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scene_clip_ros.cli.command import PROGRAM
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.core.errors import ParameterError, SceneClipError, SourceError
from scene_clip_ros.core.frame_sampling import RateSampler
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.media.bags import is_bag
from scene_clip_ros.media.folders import is_picture, list_pictures
from scene_clip_ros.media.frame_source import SourceFrame
from scene_clip_ros.media.scaling import fit_height
from scene_clip_ros.media.sources import find_recordings, open_source
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.pipeline.offline import embed_recording
from scene_clip_ros.report.hits import format_stamp

MAX_PICTURES = 50_000
"""Most pictures that are compared."""

DEFAULT_EVERY_S = 1.0

THUMBNAIL_HEIGHT_PX = 270


@dataclass(frozen=True, slots=True)
class NamedPictures:
    """N pictures.

    Attributes:
        names: For people: of the file, or camera and time of the frame.
        embeddings: ``(N, D)`` float32, rows of unit length.
        thumbnails: The first of them, small, ``(h, w, 3)`` uint8 RGB.
    """

    names: tuple[str, ...]
    embeddings: FloatArray
    thumbnails: tuple[ImageArray, ...]


def embed_pictures(
    encoder: Encoder,
    paths: Sequence[Path],
    *,
    every_s: float | None = None,
    cameras: Sequence[str] | None = None,
    thumbnails: int = 0,
    most: int = MAX_PICTURES,
) -> NamedPictures:
    """Read and embed pictures.

    Frames of a recording that are damaged are left out, and named on stderr.

    Args:
        encoder: Embeds them.
        paths: Pictures, folders of pictures, bags, videos, folders of recordings; may be empty.
        every_s: Seconds from one frame to the next; None: all pictures of folders, and of
            recordings one every `DEFAULT_EVERY_S`.
        cameras: Which cameras of bags; None: all.
        thumbnails: Of how many a small picture is kept.
        most: Pictures above which to give up.

    Raises:
        SourceError: A path cannot be read, or has no picture.
        ImageError: A picture in a file is damaged.
        ParameterError: There are more than ``most``.
        ModelError: The model failed on a picture in a file.
    """
    if every_s is None:
        _require_few(paths, most)
    names: list[str] = []
    rows: list[FloatArray] = []
    small: list[ImageArray] = []
    for path in paths:
        for part in _parts(path):
            frames = _named_frames(
                part, every_s=every_s, cameras=cameras, is_alone=len(paths) == 1 and part == path
            )
            before = len(names)
            for frame, row in embed_recording(encoder, frames, on_skip=_on_skip(part)):
                if len(names) >= most:
                    raise _too_many(path, most)
                names.append(frame.name)
                rows.append(row)
                if len(small) < thumbnails and frame.small is not None:
                    small.append(frame.small)
                frame.small = None
            if len(names) == before:
                message = f"{part}: expected pictures, got none that can be used"
                raise SourceError(message)
    embeddings = np.stack(rows) if rows else np.empty((0, encoder.info.dim), np.float32)
    return NamedPictures(tuple(names), embeddings, tuple(small))


@dataclass(slots=True)
class _NamedFrame:
    """A frame that is not read yet, and what people call it.

    Attributes:
        name: For people.
        source: The frame.
        small: Of at most `THUMBNAIL_HEIGHT_PX` lines, once it has been decoded.
    """

    name: str
    source: SourceFrame
    small: ImageArray | None = None

    @property
    def camera(self) -> str:
        """Name of the camera."""
        return self.source.camera

    @property
    def stamp_ns(self) -> int:
        """Stamp in nanoseconds."""
        return self.source.stamp_ns

    def decode(self) -> ImageArray:
        """Return the ``(H, W, 3)`` uint8 RGB picture; raises ``ImageError`` if it is bad."""
        rgb = self.source.decode()
        self.small = fit_height(rgb, max_height=THUMBNAIL_HEIGHT_PX)
        return rgb


def _require_few(paths: Sequence[Path], most: int) -> None:
    """Count the pictures in folders before any is read; frames are counted as they come."""
    known = 0
    for path in paths:
        if path.exists() and not is_bag(path) and (path.is_dir() or is_picture(path)):
            known += len(list_pictures(path)) if find_recordings(path) == [path] else 0
            if known > most:
                raise _too_many(path, most)


def _too_many(path: Path, most: int) -> ParameterError:
    message = f"{path}: expected at most {most} pictures, got more: try --every"
    return ParameterError(message)


def _parts(path: Path) -> list[Path]:
    """Return the recordings of a folder of recordings, else the path itself."""
    return find_recordings(path) if path.exists() else [path]


def _named_frames(
    path: Path, *, every_s: float | None, cameras: Sequence[str] | None, is_alone: bool
) -> Iterator[_NamedFrame]:
    """Yield the frames that are wanted of a path."""
    is_recording = not (path.is_dir() or is_picture(path)) or is_bag(path)
    period_s = every_s or (DEFAULT_EVERY_S if is_recording else None)
    sampler = RateSampler(1 / period_s) if period_s else None
    with open_source(path, cameras=cameras if is_bag(path) else None) as source:
        for frame in with_progress(source, total=source.frame_count, label=path.name):
            if sampler is None or sampler.takes(frame.camera, frame.stamp_ns):
                name = frame.file_name or _frame_name(frame, path, is_alone=is_alone)
                yield _NamedFrame(name, frame)


def _frame_name(frame: SourceFrame, path: Path, *, is_alone: bool) -> str:
    name = f"{frame.camera} {format_stamp(frame.stamp_ns)}"
    return name if is_alone else f"{path.name} {name}"


def _on_skip(path: Path) -> Callable[[_NamedFrame, SceneClipError], None]:
    def skip(frame: _NamedFrame, err: SceneClipError) -> None:
        if path.is_dir() or is_picture(path):
            raise err
        print(f"{PROGRAM}: skipped {frame.name}: {err}", file=sys.stderr)

    return skip
