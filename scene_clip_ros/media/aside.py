"""Recordings that appear under their name only once they are whole."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from scene_clip_ros.core.errors import SourceError


class Aside:
    """A hidden folder beside a file or folder to be, where it is written first.

    A run that is killed leaves the hidden folder behind and whatever bore the name before.
    """

    def __init__(self, target: Path, *, overwrite: bool) -> None:
        """Create the hidden folder.

        Args:
            target: Name of the finished file or folder; its parents are created.
            overwrite: Whether something that bears the name already may be replaced.

        Raises:
            SourceError: The name is taken, or the folder cannot be created.
        """
        if target.exists() and not overwrite:
            message = f"{target}: expected a name that is free, got one that exists"
            raise SourceError(message)
        self.target = target
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            folder = tempfile.mkdtemp(
                prefix=f".{target.name}.", suffix=".partial", dir=target.parent
            )
        except OSError as err:
            message = f"{target}: expected a place that can be written, got {err}"
            raise SourceError(message) from err
        self.folder = Path(folder)

    @property
    def path(self) -> Path:
        """Where to write: inside the hidden folder, under the final name."""
        return self.folder / self.target.name

    def publish(self, built: Path | None = None) -> None:
        """Move what was written to its name, and remove the hidden folder.

        A file replaces a file in one step. A folder makes way for a folder only.

        Args:
            built: What to move, inside the hidden folder; ``path`` if not given.

        Raises:
            OSError: What bears the name cannot be replaced.
        """
        built = built or self.path
        replaced = self.folder / "replaced"
        if self.target.is_dir() and built.is_dir():
            self.target.rename(replaced)
        try:
            built.replace(self.target)
        except OSError:
            if replaced.exists():
                replaced.rename(self.target)
            raise
        self.discard()

    def discard(self) -> None:
        """Remove the hidden folder and everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
