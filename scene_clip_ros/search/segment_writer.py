"""Writes one segment of an archive, which appears under its name once the disk has all of it."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path

import numpy as np

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.running_moments import HalfArray
from scene_clip_ros.search.archive_records import (
    FRAMES_NAME,
    HEADER_NAME,
    INDEX_NAME,
    VECTORS_NAME,
    SegmentHeader,
    to_json,
)
from scene_clip_ros.search.durable_files import partial_path, publish, sealed, write_file
from scene_clip_ros.search.frame_table import encode_frames
from scene_clip_ros.search.index_build import ListIndex, build_lists
from scene_clip_ros.search.list_file import list_bytes
from scene_clip_ros.search.moments import Moments
from scene_clip_ros.search.segment_index import SegmentIndex, encode_index, sample_rows
from scene_clip_ros.search.segment_rows import SegmentContent


def write_segment(
    folder: Path, content: SegmentContent, *, model_id: str, replaces: tuple[str, ...] = ()
) -> SegmentHeader:
    """Build the index of rows, write everything, and return what the segment says of itself.

    Args:
        folder: Name of the segment, which is free.
        content: What it shall hold.
        model_id: Model that made the embeddings.
        replaces: Names of the segments whose rows it takes over.

    Raises:
        ArchiveError: The disk is full or cannot be written; the name stays free.
    """
    partial = partial_path(folder)
    try:
        partial.mkdir()
        header = _write_files(partial, content, model_id=model_id, replaces=replaces)
        publish(partial, folder)
    except OSError as err:
        shutil.rmtree(partial, ignore_errors=True)
        message = f"{folder}: expected a place that can be written, got {err}"
        raise ArchiveError(message) from err
    return header


def _write_files(
    folder: Path, content: SegmentContent, *, model_id: str, replaces: tuple[str, ...]
) -> SegmentHeader:
    rows = content.rows
    index = build_lists(rows.vectors)
    lists = list(list_bytes(rows.vectors, index.members, lists=index.lists))
    write_file(folder / VECTORS_NAME, lists)
    known = encode_index(_index(rows.vectors, index, sums=[zlib.crc32(each) for each in lists]))
    header = SegmentHeader(
        model_id=model_id,
        dim=rows.vectors.shape[1],
        rows=len(rows.vectors),
        lists=index.lists,
        probes=index.probes,
        recall_at_10=round(index.recall, 4),
        index=write_file(folder / INDEX_NAME, [known]),
        frames=write_file(folder / FRAMES_NAME, [encode_frames(rows)]),
        sources=content.sources,
        finished=content.finished,
        replaces=replaces,
    )
    write_file(folder / HEADER_NAME, [sealed(to_json(header))])
    return header


def _index(vectors: HalfArray, index: ListIndex, *, sums: list[int]) -> SegmentIndex:
    list_rows = np.bincount(index.members, minlength=index.lists).astype(np.uint32)
    list_sums = np.array(sums, np.uint32)
    if index.lists == 1:
        nothing = np.empty(0, np.uint32)
        return SegmentIndex(list_rows, list_sums, index.centroids, None, nothing, vectors[:0])
    order = np.random.default_rng(0).permutation(len(vectors)).astype(np.uint32)
    sampled = order[: sample_rows(len(vectors))]
    moments = Moments.of(vectors)
    return SegmentIndex(list_rows, list_sums, index.centroids, moments, sampled, vectors[sampled])
