"""Keeps what is written away from what was recorded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scene_clip_ros.core.errors import SourceError


def check_output(output: Path, *, recordings: Iterable[Path], overwrite: bool) -> None:
    """Refuse a name whose use would destroy or change a recording, before anything is written.

    Args:
        output: File or folder to be.
        recordings: Files and folders, which need not exist any more.
        overwrite: Whether something else that bears the name may be replaced.

    Raises:
        SourceError: The output is a recording, contains one or lies in one, by whatever path; or
            the name is taken.
    """
    place = output.resolve()
    for recording in recordings:
        if _are_entangled(place, recording.resolve()):
            message = (
                f"{output}: expected a place apart from the recordings, got that of {recording}"
            )
            raise SourceError(message)
    if output.exists() and not overwrite:
        message = f"{output}: expected a name that is free, got one that exists"
        raise SourceError(message)


def _are_entangled(place: Path, recording: Path) -> bool:
    """Tell whether two resolved paths are one, or one is in the other."""
    if place.is_relative_to(recording) or recording.is_relative_to(place):
        return True
    return place.exists() and recording.exists() and place.samefile(recording)
