"""Writes a contact sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from scene_clip_ros.core.errors import ParameterError, SourceError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.aside import Aside
from scene_clip_ros.media.compressed import encode_jpeg, encode_png
from scene_clip_ros.report.contact_sheet import SheetPicture, draw_contact_sheet

SHEET_ENCODERS: dict[str, Callable[[ImageArray], bytes]] = {
    ".png": encode_png,
    ".jpg": encode_jpeg,
    ".jpeg": encode_jpeg,
}


def check_sheet_name(path: Path) -> None:
    """Refuse a name of which no picture can be written, before anything is searched.

    Raises:
        ParameterError: Another ending, or a folder has this name.
    """
    if path.is_dir():
        message = f"--sheet: expected a name for a picture, got that of the folder {path}"
        raise ParameterError(message)
    if path.suffix.lower() not in SHEET_ENCODERS:
        message = f"--sheet: expected a name that ends in .png or .jpg, got {path}"
        raise ParameterError(message)


def save_sheet(path: Path, pictures: Sequence[SheetPicture], *, title: str, note: str) -> None:
    """Draw pictures on one, and write it.

    Args:
        path: Checked by `check_sheet_name`; a file that exists is replaced, a folder never.
        pictures: Best first.
        title: What was looked for.
        note: Where; or none.

    Raises:
        SourceError: The file cannot be written.
    """
    sheet = draw_contact_sheet(pictures, title=title, note=note)
    aside = Aside(path, overwrite=True)
    try:
        aside.path.write_bytes(SHEET_ENCODERS[path.suffix.lower()](sheet))
        aside.publish()
    except OSError as err:
        message = f"{path}: expected a picture that can be written, got {err.strerror}"
        raise SourceError(message) from err
    finally:
        aside.discard()
