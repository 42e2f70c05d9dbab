"""The folder of an archive, as its one writer finds and keeps it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.search.archive_lock import WriterLock
from scene_clip_ros.search.archive_records import (
    LOCK_NAME,
    MANIFEST_NAME,
    SEGMENTS_NAME,
    ArchiveFormatError,
    FinishedSource,
    Manifest,
    SourceRows,
    check_model,
    read_manifest,
    segment_names,
    to_json,
)
from scene_clip_ros.search.archive_segment import check_files
from scene_clip_ros.search.durable_files import (
    partial_path,
    publish,
    remove_partials,
    sealed,
    sync_folder,
    write_file,
)
from scene_clip_ros.search.segment_rows import SegmentRows
from scene_clip_ros.search.segment_writer import write_segment
from scene_clip_ros.search.source_progress import SourceProgress


class ArchiveFolder:
    """An archive that is locked for one writer: what is in it, and how something is added.

    Attributes:
        progress: Of every source, as far as segments are whole.
        problems: Damaged and missing parts, in words; what they held counts as missing.
    """

    def __init__(self, path: Path, *, model_id: str, dim: int) -> None:
        """Lock an archive, or start one, and see what it holds.

        What killed runs left behind is removed, and the manifest is made anew if it does not say
        what there is.

        Args:
            path: The archive; created if it does not exist.
            model_id: Model that makes the embeddings.
            dim: Length D of an embedding.

        Raises:
            ArchiveError: Another writer is at it, the embeddings there are another model's, the
                folder is something else or of another format, or it cannot be written.
        """
        self.path = path
        self.progress = SourceProgress()
        self.problems: list[str] = []
        self._model = Manifest(model_id, dim)
        self._written: Manifest | None = None
        _create(path)
        self._lock = WriterLock(path / LOCK_NAME)
        try:
            remove_partials(path)
            remove_partials(path / SEGMENTS_NAME)
            self._names = self._take_stock()
            self.write_manifest()
        except OSError as err:
            self.release()
            message = f"{path}: expected an archive that can be written, got {err}"
            raise ArchiveError(message) from err
        except BaseException:
            self.release()
            raise

    def add_segment(
        self,
        rows: SegmentRows,
        *,
        sources: tuple[SourceRows, ...],
        finished: tuple[FinishedSource, ...],
    ) -> None:
        """Write a segment; see `write_segment`. The manifest does not list it yet.

        Raises:
            ArchiveError: The disk is full or cannot be written; nothing has changed.
        """
        number = max([0, *(int(name) for name in self._names if name.isdecimal())]) + 1
        name = f"{number:06d}"
        write_segment(
            self.path / SEGMENTS_NAME / name,
            rows,
            model_id=self._model.model_id,
            sources=sources,
            finished=finished,
        )
        self._names.append(name)

    def write_manifest(self) -> None:
        """Write what there is, unless the manifest says so.

        Raises:
            ArchiveError: The disk is full or cannot be written; the manifest is as it was.
        """
        manifest = replace(
            self._model, segments=tuple(self._names), finished=self.progress.finished
        )
        if manifest == self._written:
            return
        target = self.path / MANIFEST_NAME
        partial = partial_path(target)
        try:
            partial.unlink(missing_ok=True)
            write_file(partial, [sealed(to_json(manifest))])
            publish(partial, target)
        except OSError as err:
            message = f"{target}: expected a place that can be written, got {err}"
            raise ArchiveError(message) from err
        self._written = manifest

    def release(self) -> None:
        """Let the next writer in; may be called again."""
        self._lock.release()

    def _take_stock(self) -> list[str]:
        """Return the names of the segments, having looked at each."""
        names = segment_names(self.path)
        self._written = self._read_manifest(expected=bool(names))
        listed = self._written or self._model
        for name in names:
            self._take_in(self.path / SEGMENTS_NAME / name)
        for name in listed.segments:
            if name not in names:
                self.problems.append(
                    f"{self.path / SEGMENTS_NAME / name}: expected a segment, got none"
                )
        self.progress.add_finished(listed.finished)
        return names

    def _read_manifest(self, *, expected: bool) -> Manifest | None:
        try:
            manifest = read_manifest(self.path)
        except ArchiveFormatError:
            raise
        except ArchiveError as err:
            if expected or (self.path / MANIFEST_NAME).exists():
                self.problems.append(str(err))
            return None
        check_model(self.path, manifest, self._model)
        return manifest

    def _take_in(self, folder: Path) -> None:
        """Count what a segment holds, if it is whole; without a manifest, it says the model."""
        try:
            header = check_files(folder)
            if self._written is not None:
                check_model(folder, header, self._model)
        except ArchiveError as err:
            self.problems.append(str(err))
            return
        check_model(self.path, header, self._model)
        self.progress.add_rows(header.sources)
        self.progress.add_finished(header.finished)


def _create(path: Path) -> None:
    """Make sure that there is a folder that is an archive, or may become one.

    Raises:
        ArchiveError: There is something else of that name, or it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        inside = {entry.name for entry in path.iterdir()}
        if inside and not inside & {MANIFEST_NAME, SEGMENTS_NAME, LOCK_NAME}:
            message = f"{path}: expected an archive or a free name, got a folder of other things"
            raise ArchiveError(message)
        (path / SEGMENTS_NAME).mkdir(exist_ok=True)
        sync_folder(path)
        sync_folder(path.parent)
    except OSError as err:
        message = f"{path}: expected an archive or a free name, got {err}"
        raise ArchiveError(message) from err
