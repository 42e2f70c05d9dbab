"""One way to open whatever a drive was recorded in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bags import STORAGE_SUFFIXES, is_bag
from scene_clip_ros.media.folders import PICTURE_SUFFIXES, FolderSource, is_picture
from scene_clip_ros.media.frame_source import DEFAULT_CAMERA, FrameSource, SourceFrame
from scene_clip_ros.media.video import VIDEO_SUFFIXES, VideoSource

__all__ = ["FrameSource", "SourceFrame", "find_recordings", "open_source"]


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
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return VideoSource(path, camera=camera)
    endings = ", ".join(sorted({*STORAGE_SUFFIXES, *PICTURE_SUFFIXES, *VIDEO_SUFFIXES}))
    message = f"{path}: expected a folder or a file that ends in {endings}"
    raise SourceError(message)


def find_recordings(path: Path) -> list[Path]:
    """Return the recordings at a path: those in a folder of recordings, else the path itself.

    A folder of recordings holds bags or videos, and no pictures. Folders in it are not searched
    for more.
    """
    if not path.is_dir() or (path / "metadata.yaml").exists():
        return [path]
    entries = sorted(path.iterdir())
    if any(is_picture(entry) for entry in entries):
        return [path]
    found = [each for each in entries if is_bag(each) or each.suffix.lower() in VIDEO_SUFFIXES]
    return found or [path]


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
