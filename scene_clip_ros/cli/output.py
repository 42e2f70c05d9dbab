"""Text files that appear under their name only once they are whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from scene_clip_ros.core.errors import SourceError


@contextmanager
def written_aside(path: Path) -> Iterator[TextIO]:
    """Write a UTF-8 file beside its place, and move it there if all went well.

    Args:
        path: The file; one that exists is replaced. A special file, e.g. ``/dev/stdout``, is
            written as it comes.

    Raises:
        SourceError: The file cannot be written.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    from scene_clip_ros.media.aside import Aside

    if path.is_dir():
        message = f"{path}: expected a name for a file, got that of a folder"
        raise SourceError(message)
    aside = Aside(path, overwrite=True)
    try:
        with aside.path.open("w", encoding="utf-8") as stream:
            yield stream
        aside.publish()
    finally:
        aside.discard()
