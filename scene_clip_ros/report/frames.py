"""How results and truth find each other: by camera and stamp."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

Key = tuple[str, int]
"""What identifies a frame: its camera's name and its stamp in nanoseconds."""

Said = TypeVar("Said")


def rename_single_camera(said: Mapping[Key, Said], true_keys: Collection[Key]) -> dict[Key, Said]:
    """Give results the truth's camera name if there is only one camera on either side.

    A video has no camera names.
    """
    true_cameras = {camera for camera, _ in true_keys}
    if len(true_cameras) != 1 or len({camera for camera, _ in said}) != 1:
        return dict(said)
    (camera,) = true_cameras
    return {(camera, stamp_ns): one for (_, stamp_ns), one in said.items()}
