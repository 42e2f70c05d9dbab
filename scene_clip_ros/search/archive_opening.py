"""Opens the segments of an archive, whatever a writer adds and removes meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.search.archive_records import (
    LOCK_NAME,
    MANIFEST_NAME,
    SEGMENTS_NAME,
    ArchiveFormatError,
    Manifest,
    read_header,
    read_manifest,
    segment_names,
)
from scene_clip_ros.search.archive_segment import Segment


@dataclass(frozen=True, slots=True)
class OpenedArchive:
    """An archive as it was at one time.

    Attributes:
        manifest: What it is; of no model and size 0 if nothing tells.
        segments: The whole ones, in the order in which they were written.
        problems: What is damaged or missing, in words that name the file.
    """

    manifest: Manifest
    segments: tuple[Segment, ...]
    problems: tuple[str, ...]


def open_archive(path: Path, *, model_id: str | None, executor: Executor) -> OpenedArchive:
    """Open an archive.

    Args:
        path: The archive, a folder.
        model_id: Model that makes the queries; None: not known yet.
        executor: Opens segments, some at once.

    Raises:
        ArchiveError: There is no archive, it is of another format, or its embeddings are another
            model's.
    """
    while True:
        written = _read_manifest(path)
        # What a writer adds after the manifest was read is listed; what the manifest lists is
        # missing only if it is gone and the manifest still lists it.
        names = segment_names(path)
        manifest, problems = _identify(path, written, names)
        _check_model(path, manifest, model_id)
        opened = _open_segments(path, names, manifest=manifest, executor=executor)
        archive = OpenedArchive(manifest, opened.segments, (*problems, *opened.problems))
        # A writer removes a segment only after the manifest has told which one replaces it.
        if not archive.problems or _read_manifest(path) == written:
            return archive


def _read_manifest(path: Path) -> Manifest | str:
    """Return the manifest, or what is wrong with it.

    Raises:
        ArchiveFormatError: It is of another format.
    """
    try:
        return read_manifest(path)
    except ArchiveFormatError:
        raise
    except ArchiveError as err:
        return str(err)


def _identify(
    path: Path, written: Manifest | str, names: Sequence[str]
) -> tuple[Manifest, list[str]]:
    """Return what an archive is, from its manifest or else from a segment, and what is wrong.

    Raises:
        ArchiveError: There is no archive.
    """
    if isinstance(written, str):
        if not names and not (path / LOCK_NAME).exists():
            message = f"{path}: expected an archive, got {_describe(path)}"
            raise ArchiveError(message)
        return _told_by_segments(path, names), [written]
    return written, []


def _check_model(path: Path, manifest: Manifest, model_id: str | None) -> None:
    if model_id is not None and manifest.model_id not in ("", model_id):
        message = (
            f"{path}: expected a search with its own model {manifest.model_id}, "
            f"got one with {model_id}"
        )
        raise ArchiveError(message)


def _told_by_segments(path: Path, names: Sequence[str]) -> Manifest:
    """Return what the first whole header says; of no model and size 0 if there is none."""
    for name in names:
        try:
            header = read_header(path / SEGMENTS_NAME / name)
        except ArchiveError:
            continue
        return header.manifest
    return Manifest("", 0)


def _open_segments(
    path: Path, names: Sequence[str], *, manifest: Manifest, executor: Executor
) -> OpenedArchive:
    """Open the segments of some names, but for those that others of them have replaced."""

    def open_one(name: str) -> Segment | ArchiveError:
        try:
            return Segment(path / SEGMENTS_NAME / name, archive=manifest)
        except ArchiveError as err:
            return err

    opened = dict(zip(names, executor.map(open_one, names), strict=True))
    whole = [each for each in opened.values() if isinstance(each, Segment)]
    replaced = {name for segment in whole for name in segment.header.replaces}
    opened = {name: each for name, each in opened.items() if name not in replaced}
    problems = [str(each) for each in opened.values() if isinstance(each, ArchiveError)]
    problems += [
        f"{path / SEGMENTS_NAME / name}: expected a segment, got none"
        for name in manifest.segments
        if name not in {*names, *replaced}
    ]
    segments = tuple(each for each in opened.values() if isinstance(each, Segment))
    return OpenedArchive(manifest, segments, tuple(problems))


def _describe(path: Path) -> str:
    if not path.exists():
        return "nothing of that name"
    return f"a folder without {MANIFEST_NAME}" if path.is_dir() else "a file"
