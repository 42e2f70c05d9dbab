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
    Manifest,
    SegmentHeader,
    check_model,
    least_recall,
    read_header,
    read_manifest,
    segment_names,
    to_json,
)
from scene_clip_ros.search.archive_segment import Segment
from scene_clip_ros.search.durable_files import (
    PARTIAL_SUFFIX,
    partial_path,
    publish,
    remove_folder,
    remove_partials,
    sealed,
    sync_folder,
    write_file,
)
from scene_clip_ros.search.segment_merge import count_merged, merge
from scene_clip_ros.search.segment_rows import SegmentContent
from scene_clip_ros.search.segment_writer import write_segment
from scene_clip_ros.search.source_progress import SourceProgress


class ArchiveFolder:
    """An archive that is locked for one writer: what is in it, and how something is added.

    Attributes:
        progress: Of every source, as far as segments are whole.
        problems: Damaged and missing parts, in words; what they held counts as missing.
    """

    def __init__(self, path: Path, *, model_id: str, dim: int, verify: bool = False) -> None:
        """Lock an archive, or start one, and see what it holds.

        What killed runs left behind is removed, and the manifest is made anew if it does not say
        what there is.

        Args:
            path: The archive; created if it does not exist.
            model_id: Model that makes the embeddings.
            dim: Length D of an embedding.
            verify: Read every embedding; segments that are damaged count as missing.

        Raises:
            ArchiveError: Another writer is at it, the embeddings there are another model's, the
                folder is something else or of another format, or it cannot be written.
        """
        self.path = path
        self.progress = SourceProgress()
        self.problems: list[str] = []
        self._model = Manifest(model_id, dim)
        self._written: Manifest | None = None
        self._whole: dict[str, SegmentHeader] = {}
        self._replaced: tuple[str, ...] = ()
        self._damaged: dict[str, SegmentHeader | None] = {}
        _create(path)
        self._lock = WriterLock(path / LOCK_NAME)
        try:
            remove_partials(path, is_ours=lambda name: name == MANIFEST_NAME)
            remove_partials(path / SEGMENTS_NAME, is_ours=str.isdecimal)
            self._names = self._take_stock(verify=verify)
            self.write_manifest()
        except OSError as err:
            self.release()
            message = f"{path}: expected an archive that can be written, got {err}"
            raise ArchiveError(message) from err
        except BaseException:
            self.release()
            raise

    @property
    def recall_at_10(self) -> float:
        """Least share of the ten best frames that a search of a segment finds, as measured."""
        return least_recall(self._whole.values())

    def add_segment(self, content: SegmentContent, *, most_rows: int) -> None:
        """Write a segment, which takes over small ones; the manifest does not list it yet.

        Args:
            content: What it shall hold beside what it takes over.
            most_rows: Rows that it may have.

        Raises:
            ArchiveError: The disk is full or cannot be written; nothing has changed.
        """
        number = max([0, *(int(name) for name in self._names)]) + 1
        merged, replaced = self._merge(content, most_rows=most_rows)
        self._whole[f"{number:06d}"] = write_segment(
            self.path / SEGMENTS_NAME / f"{number:06d}",
            merged,
            model_id=self._model.model_id,
            replaces=replaced,
        )
        self._names = [*(each for each in self._names if each not in replaced), f"{number:06d}"]
        for each in replaced:
            del self._whole[each]
        self._replaced += replaced

    def write_manifest(self) -> None:
        """Write what there is, unless the manifest says so, and remove what is replaced.

        Raises:
            ArchiveError: The disk is full or cannot be written; the manifest is as it was.
        """
        self._forget_what_is_made_anew()
        manifest = replace(
            self._model, segments=tuple(self._names), finished=self.progress.finished
        )
        target = self.path / MANIFEST_NAME
        partial = partial_path(target)
        try:
            if manifest != self._written:
                partial.unlink(missing_ok=True)
                write_file(partial, [sealed(to_json(manifest))])
                publish(partial, target)
                self._written = manifest
            while self._replaced:
                remove_folder(self.path / SEGMENTS_NAME / self._replaced[-1])
                self._replaced = self._replaced[:-1]
        except OSError as err:
            message = f"{target}: expected a place that can be written, got {err}"
            raise ArchiveError(message) from err

    def release(self) -> None:
        """Let the next writer in; may be called again."""
        self._lock.release()

    def _merge(
        self, content: SegmentContent, *, most_rows: int
    ) -> tuple[SegmentContent, tuple[str, ...]]:
        """Add the content of the small segments before; return their names, too."""
        whole = [name for name in self._names if name in self._whole]
        sizes = [self._whole[name].rows for name in whole]
        rows = len(content.rows.stamps_ns)
        names = whole[len(whole) - count_merged(sizes, rows=rows, most=most_rows) :]
        contents = [content]
        for name in reversed(names):
            try:
                segment = Segment(self.path / SEGMENTS_NAME / name, archive=self._model)
                contents.insert(0, segment.content())
            except ArchiveError as err:
                self.problems.append(str(err))
                del self._whole[name]
                break
        taken = len(contents) - 1
        return merge(contents), tuple(names[len(names) - taken :])

    def _take_stock(self, *, verify: bool) -> list[str]:
        """Return the names of the segments, having looked at each."""
        names = segment_names(self.path)
        self._written = self._read_manifest(expected=bool(names))
        listed = self._written or self._model
        looked = {name: self._look_at(name, is_verified=verify) for name in names}
        whole = {name: header for name, (header, problem) in looked.items() if not problem}
        replaced = {name for header in whole.values() if header for name in header.replaces}
        for name, (header, problem) in looked.items():
            if name in replaced:
                self._replaced += (name,)
            elif problem or header is None:
                self.problems.append(problem)
                self._damaged[name] = header
            else:
                self._whole[name] = header
                self.progress.add_rows(header.sources)
                self.progress.add_finished(header.finished)
        for name in listed.segments:
            if name not in {*names, *replaced}:
                self.problems.append(
                    f"{self.path / SEGMENTS_NAME / name}: expected a segment, got none"
                )
        self.progress.add_finished(listed.finished)
        return [name for name in names if name not in replaced]

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

    def _look_at(self, name: str, *, is_verified: bool) -> tuple[SegmentHeader | None, str]:
        """Return what a segment says, if it can be read, and what is wrong with it, if anything.

        Raises:
            ArchiveError: There is no manifest, and its embeddings are another model's.
        """
        folder = self.path / SEGMENTS_NAME / name
        header: SegmentHeader | None = None
        try:
            header = read_header(folder)
            segment = Segment(folder, archive=self._model if self._written else header.manifest)
            if is_verified:
                segment.check()
        except ArchiveError as err:
            return header, str(err)
        check_model(self.path, header, self._model)
        return header, ""

    def _forget_what_is_made_anew(self) -> None:
        """Take damaged segments as replaced, once others hold all that was in them."""
        for name, header in list(self._damaged.items()):
            if header is not None and self.progress.holds(header.sources):
                del self._damaged[name]
                self._names.remove(name)
                self._replaced += (name,)


def _create(path: Path) -> None:
    """Make sure that there is a folder that is an archive, or may become one.

    Raises:
        ArchiveError: There is something else of that name, or it cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not _is_ours(path):
            message = f"{path}: expected an archive or a free name, got a folder of other things"
            raise ArchiveError(message)
        (path / SEGMENTS_NAME).mkdir(exist_ok=True)
        sync_folder(path)
        sync_folder(path.parent)
    except OSError as err:
        message = f"{path}: expected an archive or a free name, got {err}"
        raise ArchiveError(message) from err


def _is_ours(path: Path) -> bool:
    """Tell whether a folder has a manifest, damaged or not, or nothing but parts of an archive."""
    manifest = path / MANIFEST_NAME
    if manifest.exists():
        return True
    known = {LOCK_NAME, SEGMENTS_NAME, partial_path(manifest).name}
    return all(entry.name in known for entry in path.iterdir()) and all(
        entry.name.removesuffix(PARTIAL_SUFFIX).removeprefix(".").isdecimal()
        for entry in (path / SEGMENTS_NAME).glob("*")
    )
