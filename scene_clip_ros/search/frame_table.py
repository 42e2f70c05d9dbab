"""Which frame each row of a segment is, as Parquet that any tool reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.search.segment_rows import SegmentRows

SOURCE, CAMERA, STAMP = "source", "camera", "stamp_ns"
NAME = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field(SOURCE, NAME, nullable=False),
        pa.field(CAMERA, NAME, nullable=False),
        pa.field(STAMP, pa.int64(), nullable=False),
    ]
)
ENCODINGS = {
    SOURCE: {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY"},
    CAMERA: {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY"},
    STAMP: {"PLAIN", "RLE", "DELTA_BINARY_PACKED"},
}
"""Encodings that cannot make a column larger than its rows and its file."""


@dataclass(frozen=True, slots=True)
class FrameTable:
    """The frames of a segment, one per row.

    Attributes:
        stamps_ns: ``(N,)`` int64, nanoseconds, the camera's clock.
        sources: ``(N,)`` int64, positions in ``source_names``.
        cameras: ``(N,)`` int64, positions in ``camera_names``.
        source_names: Paths of the sources.
        camera_names: Names of the cameras.
    """

    stamps_ns: IntArray
    sources: IntArray
    cameras: IntArray
    source_names: tuple[str, ...]
    camera_names: tuple[str, ...]


def encode_frames(rows: SegmentRows) -> memoryview:
    """Return the frames of rows as a Parquet file, uncompressed: names and stamps are small."""
    columns = [
        _name_column(rows.sources, rows.source_names),
        _name_column(rows.cameras, rows.camera_names),
        pa.array(rows.stamps_ns, pa.int64()),
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.Table.from_arrays(columns, schema=SCHEMA),
        sink,
        row_group_size=len(rows.stamps_ns),
        compression="none",
        use_dictionary=[SOURCE, CAMERA],
        column_encoding={STAMP: "DELTA_BINARY_PACKED"},
    )
    return memoryview(sink.getvalue())


def decode_frames(content: bytes, *, rows: int, path: Path) -> FrameTable:
    """Read a Parquet file that ``encode_frames`` wrote.

    Args:
        content: The file, with the checksum that it had when it was written: pyarrow 26 ends the
            process over some damaged footers instead of raising an error.
        rows: How many it must have; nothing is read of a file that says otherwise.
        path: Where it came from, for messages.

    Raises:
        ArchiveError: It is no Parquet file, or not one of these columns and as many rows.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content), read_dictionary=[SOURCE, CAMERA])
        _check_layout(file, rows=rows, size_bytes=len(content), path=path)
        table = file.read(use_threads=False).combine_chunks()
        table.validate(full=True)
        stamps_ns = table.column(STAMP).to_numpy().astype(np.int64)
        sources, source_names = _names(table.column(SOURCE))
        cameras, camera_names = _names(table.column(CAMERA))
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as err:
        reason = " ".join(str(err).split())[:200]
        message = f"{path}: expected a Parquet file of frames, got {reason}"
        raise ArchiveError(message) from err
    return FrameTable(stamps_ns, sources, cameras, source_names, camera_names)


def _name_column(codes: IntArray, names: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(names, pa.string()))


def _check_layout(file: pq.ParquetFile, *, rows: int, size_bytes: int, path: Path) -> None:
    """Refuse what could take more memory than its rows and its size account for."""
    metadata = file.metadata
    if (metadata.num_rows, metadata.num_row_groups) != (rows, 1):
        came = f"{metadata.num_rows} in {metadata.num_row_groups}"
        message = f"{path}: expected {rows} rows in 1 group, got {came}"
        raise ArchiveError(message)
    if not file.schema_arrow.equals(SCHEMA):
        came = ", ".join(f"{field.name} {field.type}" for field in file.schema_arrow)
        message = f"{path}: expected columns source, camera and stamp_ns, got {came}"
        raise ArchiveError(message)
    group = metadata.row_group(0)
    for column in (group.column(index) for index in range(group.num_columns)):
        name = column.path_in_schema
        if (
            column.compression != "UNCOMPRESSED"
            or column.num_values != rows
            or column.total_uncompressed_size > size_bytes
            or not set(column.encodings) <= ENCODINGS[name]
        ):
            message = f"{path}: expected {name} uncompressed, in plain or dictionary encoding"
            raise ArchiveError(message)


def _names(column: pa.ChunkedArray) -> tuple[IntArray, tuple[str, ...]]:
    """Return ``(N,)`` positions and the names that they point to."""
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0)
    return array.indices.to_numpy().astype(np.int64), tuple(array.dictionary.to_pylist())
