"""Names for files that are made of frames, one for each frame."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from scene_clip_ros.media.folders import FolderSource, stamp_file_name
from scene_clip_ros.media.frame_source import FrameSource, SourceFrame


class FrameNames:
    """Names the frames of a source: as the picture's file, or by the stamp.

    Stamps are in a folder of their camera if there are several. No two frames have one name.
    """

    def __init__(self, source: FrameSource) -> None:
        """Look at the cameras, and at the files if there are any."""
        self._names = _Apart()
        self._folders: dict[str, str] = {}
        if len(source.cameras) > 1:
            folders = _Apart()
            self._folders = {
                camera: f"{folders.take(_plain(camera))}/" for camera in source.cameras
            }
        self._with_endings = isinstance(source, FolderSource) and _has_equal_stems(source)

    def name(self, frame: SourceFrame) -> str:
        """Return the name of the next frame's files, without a suffix; may begin with a folder."""
        if frame.file_name:
            path = Path(frame.file_name)
            return self._names.take(path.name if self._with_endings else path.stem)
        folder = self._folders.get(frame.camera, "")
        return self._names.take(f"{folder}{stamp_file_name(frame.stamp_ns, '')}")


class _Apart:
    """Gives names out, with a number if they are taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._wanted = Counter[str]()

    def take(self, name: str) -> str:
        free = name
        while free in self._taken:
            self._wanted[name] += 1
            free = f"{name}-{self._wanted[name] + 1}"
        self._taken.add(free)
        return free


def _plain(camera: str) -> str:
    """Return a name for a folder: a recording must not say where files are written."""
    return re.sub(r"[^\w-]+", "_", camera) or "_"


def _has_equal_stems(source: FolderSource) -> bool:
    """Tell whether pictures differ in the ending of their name alone."""
    stems = [Path(frame.file_name).stem for frame in source]
    return len(set(stems)) < len(stems)
