"""The records of an archive: what names them, and how they are kept as JSON.

::

    drives.archive/
    ├── archive.json             the manifest: model, its size D, segments, finished sources
    ├── lock                     held by the one writer; says who that is
    └── segments/
        └── 000001/              never written to again once it bears its name
            ├── segment.json     the header: model, rows, index, sources, sizes and checksums
            ├── frames.parquet   source, camera and stamp_ns of every row
            ├── index.bin        sizes and checksums of the lists, their centroids, the moments
            └── vectors.bin      the lists themselves: embeddings in fp16 and their rows

A segment says everything about itself, so that the manifest can be made anew from segments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from scene_clip_ros.core.errors import ArchiveError, SourceError
from scene_clip_ros.search.durable_files import FileSum, read_sealed
from scene_clip_ros.search.frame_runs import Run, Runs

FORMAT = 1
MANIFEST_NAME = "archive.json"
LOCK_NAME = "lock"
SEGMENTS_NAME = "segments"
HEADER_NAME = "segment.json"
FRAMES_NAME = "frames.parquet"
INDEX_NAME = "index.bin"
VECTORS_NAME = "vectors.bin"

MAX_SEGMENT_ROWS = 65_536
MAX_DIM = 16_384
MAX_RECORD_BYTES = 1 << 26

Record = TypeVar("Record")


class ArchiveFormatError(ArchiveError):
    """A record of another version of the format: not damage, and nothing to write over."""


@dataclass(frozen=True, slots=True)
class SourceKey:
    """One recording in one state; a file that has changed is another source of the same path.

    Attributes:
        path: Its name in answers, as the person gave it.
        size: Bytes, of all its files.
        mtime_ns: Time of the last change of any of them, nanoseconds since 1970.
    """

    path: str
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path, files: Sequence[Path]) -> SourceKey:
        """Return the key of a recording as it is now.

        Args:
            path: Its name.
            files: Those that it consists of, at least one.

        Raises:
            SourceError: One of them is gone or cannot be read, or the path is no Unicode.
        """
        try:
            str(path).encode()
            states = [file.stat() for file in files]
        except OSError as err:
            message = f"{path}: expected a recording, got {err.strerror}"
            raise SourceError(message) from err
        except UnicodeEncodeError as err:
            message = f"{str(path)!r}: expected a path in Unicode, got other bytes"
            raise SourceError(message) from err
        size = sum(state.st_size for state in states)
        return cls(str(path), size, max(state.st_mtime_ns for state in states))


@dataclass(frozen=True, slots=True)
class CameraRows:
    """The rows of one camera of one source in one segment.

    Attributes:
        camera: Name of the camera.
        runs: Which of the camera's frames they are, by their numbers from 0 on in the recording.
    """

    camera: str
    runs: Runs


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The rows of one source in one segment, by camera."""

    key: SourceKey
    cameras: tuple[CameraRows, ...]


@dataclass(frozen=True, slots=True)
class FinishedSource:
    """A source that was read to its end.

    Attributes:
        key: The source.
        rows: How many rows each camera gave.
        cameras: Those that were asked for; none: all that it has.
    """

    key: SourceKey
    rows: tuple[tuple[str, int], ...]
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """What a segment says about itself.

    Attributes:
        model_id: Model that made the embeddings.
        dim: Length D of an embedding.
        rows: How many, in [1, 65536].
        lists: Of the index, in [1, rows]; 1: every search is exact.
        probes: Lists that a search reads, in [1, lists].
        recall_at_10: Share of the true ten best that a search finds, measured when it was built.
        index: Size and checksum of ``index.bin``.
        frames: The same of ``frames.parquet``.
        sources: Whose rows they are.
        finished: Sources that ended with this segment.
        replaces: Names of the segments whose rows it has taken over; they count no more.
    """

    model_id: str
    dim: int
    rows: int
    lists: int
    probes: int
    recall_at_10: float
    index: FileSum
    frames: FileSum
    sources: tuple[SourceRows, ...]
    finished: tuple[FinishedSource, ...]
    replaces: tuple[str, ...] = ()

    @property
    def manifest(self) -> Manifest:
        """What the archive of such a segment is."""
        return Manifest(self.model_id, self.dim)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive is: its model, the names of its segments, the sources read to their end."""

    model_id: str
    dim: int
    segments: tuple[str, ...] = ()
    finished: tuple[FinishedSource, ...] = ()


def to_json(record: Manifest | SegmentHeader) -> dict[str, Any]:
    """Return a record as JSON takes it, with the version of the format."""
    return {"format": FORMAT, **asdict(record)}


def read_header(folder: Path) -> SegmentHeader:
    """Read a segment's header.

    Raises:
        ArchiveFormatError: It is of another version of the format.
        ArchiveError: It is missing, damaged or makes no sense.
    """
    return _parsed(folder / HEADER_NAME, _header)


def read_manifest(archive: Path) -> Manifest:
    """Read an archive's manifest.

    Raises:
        ArchiveFormatError: It is of another version of the format.
        ArchiveError: It is missing, damaged or makes no sense.
    """
    return _parsed(archive / MANIFEST_NAME, _manifest)


def segment_names(archive: Path) -> list[str]:
    """Return the names of the segments that an archive has, in the order of writing."""
    folder = archive / SEGMENTS_NAME
    names = [path.name for path in folder.glob("*") if path.name.isdecimal() and path.is_dir()]
    return sorted(names, key=lambda name: (len(name), name))


def least_recall(headers: Iterable[SegmentHeader]) -> float:
    """Return the least recall@10 that was measured of some segments; 1 without any."""
    return min((header.recall_at_10 for header in headers), default=1.0)


def check_model(where: Path, record: Manifest | SegmentHeader, wanted: Manifest) -> None:
    """Refuse embeddings of another model.

    Args:
        where: Whose record it is, for the message.
        record: Says which model's embeddings there are.
        wanted: Says which model's there should be.

    Raises:
        ArchiveError: Names both models.
    """
    if (record.model_id, record.dim) != (wanted.model_id, wanted.dim):
        message = (
            f"{where}: expected embeddings of the model {wanted.model_id} (size {wanted.dim}), "
            f"got those of {record.model_id} (size {record.dim})"
        )
        raise ArchiveError(message)


def _parsed(path: Path, parse: Callable[[dict[str, Any]], Record]) -> Record:
    content = read_sealed(path, max_bytes=MAX_RECORD_BYTES)
    if content.get("format") != FORMAT:
        message = f"{path}: expected format {FORMAT}, got {content.get('format')!r}"
        raise ArchiveFormatError(message)
    try:
        return parse(content)
    except (KeyError, TypeError, ValueError) as err:
        message = f"{path}: expected a complete record, got {type(err).__name__}: {err}"
        raise ArchiveError(message) from err


def _manifest(content: dict[str, Any]) -> Manifest:
    return Manifest(
        model_id=_text(content["model_id"]),
        dim=_integer(content["dim"], 1, MAX_DIM),
        segments=tuple(_text(name) for name in content["segments"]),
        finished=tuple(_finished(item) for item in content["finished"]),
    )


def _header(content: dict[str, Any]) -> SegmentHeader:
    rows = _integer(content["rows"], 1, MAX_SEGMENT_ROWS)
    lists = _integer(content["lists"], 1, rows)
    return SegmentHeader(
        model_id=_text(content["model_id"]),
        dim=_integer(content["dim"], 1, MAX_DIM),
        rows=rows,
        lists=lists,
        probes=_integer(content["probes"], 1, lists),
        recall_at_10=float(content["recall_at_10"]),
        index=_file_sum(content["index"]),
        frames=_file_sum(content["frames"]),
        sources=tuple(_source_rows(item) for item in content["sources"]),
        finished=tuple(_finished(item) for item in content["finished"]),
        replaces=tuple(_text(name) for name in content["replaces"]),
    )


def _source_rows(item: dict[str, Any]) -> SourceRows:
    return SourceRows(_key(item["key"]), tuple(_camera_rows(each) for each in item["cameras"]))


def _camera_rows(item: dict[str, Any]) -> CameraRows:
    return CameraRows(_text(item["camera"]), tuple(_run(run) for run in item["runs"]))


def _run(item: Sequence[Any]) -> Run:
    first, stop = item
    return _integer(first, 0), _integer(stop, first + 1)


def _finished(item: dict[str, Any]) -> FinishedSource:
    rows = tuple((_text(camera), _integer(count, 0)) for camera, count in item["rows"])
    return FinishedSource(_key(item["key"]), rows, tuple(_text(name) for name in item["cameras"]))


def _key(item: dict[str, Any]) -> SourceKey:
    mtime_ns = _integer(item["mtime_ns"], -(2**63))
    return SourceKey(_text(item["path"]), _integer(item["size"], 0), mtime_ns)


def _file_sum(item: dict[str, Any]) -> FileSum:
    return FileSum(_integer(item["size_bytes"], 0), _integer(item["crc32"], 0, 2**32 - 1))


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = f"expected text, got {value!r:.80}"
        raise TypeError(message)
    return value


def _integer(value: object, low: int, high: int = 2**63 - 1) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        message = f"expected a whole number, got {value!r:.80}"
        raise TypeError(message)
    if not low <= value <= high:
        message = f"expected a number in [{low}, {high}], got {value}"
        raise ValueError(message)
    return value
