"""Tells of frames that cannot be used."""

from __future__ import annotations

import sys
from typing import Protocol

from scene_clip_ros.cli.command import PROGRAM
from scene_clip_ros.core.errors import SceneClipError

MAX_REPORTED = 5
"""Bad frames of a recording that are reported one by one; further ones are only counted."""


class SkippedFrame(Protocol):
    """A frame that is left out."""

    @property
    def camera(self) -> str:
        """Name of the camera."""

    @property
    def stamp_ns(self) -> int:
        """Stamp in nanoseconds."""


class SkipReport:
    """Counts the bad frames of a recording, and names the first of them on stderr.

    Attributes:
        count: Bad frames so far.
    """

    def __init__(self) -> None:
        """Start with no bad frame."""
        self.count = 0

    def report(self, frame: SkippedFrame, err: SceneClipError) -> None:
        """Count a bad frame, and report it unless there are too many."""
        self.count += 1
        if self.count > MAX_REPORTED:
            return
        more = " (further ones are only counted)" if self.count == MAX_REPORTED else ""
        where = f"{frame.camera} at {frame.stamp_ns} ns"
        print(f"{PROGRAM}: skipped {where}: {err}{more}", file=sys.stderr)
