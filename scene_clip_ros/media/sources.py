"""One way to open whatever a drive was recorded in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bags import STORAGE_SUFFIXES, is_bag, is_storage, recording_file
from scene_clip_ros.media.folders import PICTURE_SUFFIXES, FolderSource, is_picture, list_pictures
from scene_clip_ros.media.frame_source import DEFAULT_CAMERA, FrameSource, SourceFrame
from scene_clip_ros.media.video import VIDEO_SUFFIXES, VideoSource

__all__ = ["FrameSource", "SourceFrame", "find_recordings", "open_source", "source_files"]

SERIES_LENGTH = 10
"""Pictures whose names differ in their numbers alone are frames of a drive from so many on."""


def open_source(path: Path | str, *, cameras: Sequence[str] | None = None) -> FrameSource:
    """Open a bag, a video, a folder of pictures or a picture.

    Args:
        path: A rosbag2 folder, ``.mcap`` or ``.db3`` file, a video file, a folder of JPEG or
            PNG files, or one of them.
        cameras: Of a bag, which cameras or topics to read, all by default. Of anything else,
            the one name to give to its camera, ``front`` by default.

    Raises:
        SourceError: Nothing there, nothing of these, or damaged; names the path.
    """
    path = Path(path)
    if not path.exists():
        message = f"{path}: expected a bag, video, folder or picture, got no such path"
        raise SourceError(message)
    if is_bag(path):
        return BagSource(path, cameras=cameras)
    camera = _single_camera(path, cameras)
    if path.is_dir() or is_picture(path):
        return FolderSource(path, camera=camera)
    if _is_video(path):
        return VideoSource(path, camera=camera)
    endings = ", ".join(sorted({*STORAGE_SUFFIXES, *PICTURE_SUFFIXES, *VIDEO_SUFFIXES}))
    message = f"{path}: expected a folder or a file that ends in {endings}"
    raise SourceError(message)


def find_recordings(path: Path) -> list[Path]:
    """Return the recordings at a path: those in a folder of recordings, else the path itself.

    A folder of recordings holds bags or videos; a picture beside them, e.g. of what a search
    found, is no recording. Folders in it are not searched for more. A recording has one name only:
    of a folder without metadata that holds one storage file, it is that of the file.

    Raises:
        SourceError: Frames of a drive lie beside recordings, so that nobody knows what is meant.
    """
    if not path.is_dir() or _has_metadata(path):
        return [path]
    entries = sorted(path.iterdir())
    found = [_one_name(entry) for entry in entries if is_bag(entry) or _is_video(entry)]
    if not found:
        return [path]
    if pictures := _longest_series(entries):
        message = (
            f"{path}: expected recordings or a folder of pictures, got {len(found)} recordings "
            f"beside {pictures} numbered pictures: name the recordings, or part them"
        )
        raise SourceError(message)
    return found


def source_files(path: Path) -> tuple[Path, ...]:
    """Return the files that `open_source` reads: when they stay as they are, so does the source.

    Args:
        path: Recording, video, folder of pictures or picture.

    Returns:
        Sorted, at least one. What lies beside them in a folder is not among them.

    Raises:
        SourceError: Nothing is there, or nothing that can be read.
    """
    if not path.is_dir():
        files = [path] if path.is_file() else []
    elif _has_metadata(path):
        files = [path / "metadata.yaml", *filter(is_storage, path.iterdir())]
    else:
        files = [recording_file(path)] if is_bag(path) else list_pictures(path)
    if not files:
        message = f"{path}: expected a bag, video, folder of pictures or picture, got none of them"
        raise SourceError(message)
    return tuple(sorted(files))


def _has_metadata(folder: Path) -> bool:
    return (folder / "metadata.yaml").exists()


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES


def _one_name(path: Path) -> Path:
    return recording_file(path) if is_bag(path) else path


def _longest_series(entries: Sequence[Path]) -> int:
    """Return how many pictures are frames of one drive by their names; 0 if none are."""
    names = Counter(re.sub(r"\d+", "#", entry.name) for entry in entries if is_picture(entry))
    longest = max((count for name, count in names.items() if "#" in name), default=0)
    return longest if longest >= SERIES_LENGTH else 0


def _single_camera(path: Path, cameras: Sequence[str] | None) -> str:
    """Return the name for the only camera of a source.

    Raises:
        SourceError: Several names were given.
    """
    if cameras is None:
        return DEFAULT_CAMERA
    if len(cameras) != 1:
        message = f"{path}: expected one camera name for a video or folder, got {list(cameras)}"
        raise SourceError(message)
    return cameras[0]
