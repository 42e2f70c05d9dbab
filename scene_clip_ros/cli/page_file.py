"""Writes drawn pages: heat maps and sheets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.core.errors import ParameterError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scene_clip_ros.report.page import Page

PAGE_SUFFIXES = (".png", ".svg")


def check_page_name(option: str, path: Path, *, inputs: Iterable[Path]) -> None:
    """Refuse a name of which no page can be written, before a model is loaded.

    Args:
        option: That gave the name, for the message.
        path: The name; a file that exists may be replaced.
        inputs: Files and folders that the page must not touch.

    Raises:
        ParameterError: Another ending, or a folder has this name.
        SourceError: One of the inputs is this file, or the folder where it would be.
    """
    from scene_clip_ros.media.output_check import check_output

    if path.is_dir():
        message = f"{option}: expected a name for a picture, got that of the folder {path}"
        raise ParameterError(message)
    if path.suffix.lower() not in PAGE_SUFFIXES:
        message = f"{option}: expected a name that ends in .png or .svg, got {path}"
        raise ParameterError(message)
    check_output(path, recordings=inputs, overwrite=True)


def save_page(path: Path, page: Page) -> None:
    """Write a page; a file that bears the name is replaced when the new one is whole.

    Args:
        path: Checked by `check_page_name`.
        page: Drawn as SVG if the name ends so, else as PNG.

    Raises:
        SourceError: The file cannot be written.
    """
    from scene_clip_ros.media.aside import Aside

    data = page.to_svg() if path.suffix.lower() == ".svg" else page.to_png()
    aside = Aside(path, overwrite=True)
    try:
        aside.path.write_bytes(data)
        aside.publish()
    except OSError as err:
        message = f"{path}: expected a picture that can be written, got {err.strerror}"
        raise SourceError(message) from err
    finally:
        aside.discard()
