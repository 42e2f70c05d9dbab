from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.search.frame_table import SCHEMA, decode_frames, encode_frames
from scene_clip_ros.search.segment_rows import SegmentRows

PATH = Path("archive/segments/000001/frames.parquet")
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
ROW = st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(-(2**63), 2**63 - 1))


def make_rows(rows: list[tuple[int, int, int]], *, names: tuple[str, ...] = ("a", "b")) -> Any:
    sources, cameras, stamps_ns = np.array(rows, np.int64).T
    vectors = np.zeros((len(rows), 4), np.float16)
    return SegmentRows(vectors, stamps_ns, sources, cameras, names, ("front", "left", "rear"))


def parquet(columns: dict[str, pa.Array], **options: Any) -> bytes:
    sink = io.BytesIO()
    fields = [pa.field(name, array.type, nullable=False) for name, array in columns.items()]
    table = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields))
    pq.write_table(table, sink, **({"compression": "none"} | options))
    return sink.getvalue()


def columns(rows: int) -> dict[str, pa.Array]:
    name = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["a"])
    return {"source": name, "camera": name, "stamp_ns": pa.array(range(rows), pa.int64())}


@given(st.lists(ROW, min_size=1, max_size=40), NAMES)
def test_frames_come_back_as_they_were(rows: list[tuple[int, int, int]], name: str) -> None:
    written = make_rows(rows, names=(name, "other " + name))

    table = decode_frames(bytes(encode_frames(written)), rows=len(rows), path=PATH)

    assert [table.source_names[number] for number in table.sources] == [
        written.source_names[row[0]] for row in rows
    ]
    assert [table.camera_names[number] for number in table.cameras] == [
        written.camera_names[row[1]] for row in rows
    ]
    assert table.stamps_ns.tolist() == [row[2] for row in rows]


def test_any_tool_reads_the_frames() -> None:
    content = bytes(encode_frames(make_rows([(0, 0, 5), (1, 2, 6)])))

    assert pq.read_table(io.BytesIO(content)).to_pylist() == [
        {"source": "a", "camera": "front", "stamp_ns": 5},
        {"source": "b", "camera": "rear", "stamp_ns": 6},
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "a Parquet file"),
        (b"PAR1 this is no file PAR1", "a Parquet file"),
        (parquet(columns(4)), "3 rows in 1 group, got 4 in 1"),
        (parquet(columns(3), row_group_size=2), "3 rows in 1 group, got 3 in 2"),
        (parquet({"stamp_ns": columns(3)["stamp_ns"]}), "a Parquet file of frames"),
        (
            parquet(columns(3) | {"stamp_ns": pa.array([1, 2, 3], pa.int32())}),
            "columns source, camera and stamp_ns",
        ),
        (parquet(columns(3), compression="snappy"), "source uncompressed"),
        (
            parquet(
                columns(3), use_dictionary=False, column_encoding={"source": "DELTA_BYTE_ARRAY"}
            ),
            "source uncompressed, in plain or dictionary encoding",
        ),
    ],
    ids=[
        "empty",
        "no Parquet",
        "other rows",
        "two groups",
        "missing column",
        "narrow stamps",
        "compressed",
        "growing encoding",
    ],
)
def test_other_tables_are_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ArchiveError, match=reason):
        decode_frames(content, rows=3, path=PATH)


def test_table_of_very_many_equal_rows_is_refused_unread() -> None:
    rows = 5_000_000
    zeros = np.zeros(rows, np.int32)
    name = pa.DictionaryArray.from_arrays(pa.array(zeros), pa.array(["a"]))
    stamps_ns = pa.array(zeros.astype(np.int64))
    content = parquet({"source": name, "camera": name, "stamp_ns": stamps_ns})

    assert len(content) < rows // 100
    with pytest.raises(ArchiveError, match="expected 10 rows in 1 group, got 5000000"):
        decode_frames(content, rows=10, path=PATH)


def test_schema_names_the_columns() -> None:
    assert SCHEMA.names == ["source", "camera", "stamp_ns"]
