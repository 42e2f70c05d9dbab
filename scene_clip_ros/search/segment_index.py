"""``index.bin`` of a segment: what a search needs to know before it reads a list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import ArchiveError
from scene_clip_ros.core.running_moments import HalfArray
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive_records import SegmentHeader
from scene_clip_ros.search.list_file import ListSums
from scene_clip_ros.search.moments import PackedMoments

ROWS_PER_SAMPLE = 256


@dataclass(frozen=True, slots=True)
class SegmentIndex:
    """The small part of a segment's index.

    Attributes:
        list_rows: ``(L,)`` uint32, rows of every list.
        list_sums: ``(L,)`` uint32, CRC-32 of every list.
        centroids: ``(L, D)`` float32; zeros for a single list.
        moments: Of all embeddings; None for a single list, of which every row is scored anyway.
        sample: ``(S, D)`` float16, every 256th row of a random order; none for a single list.
    """

    list_rows: ListSums
    list_sums: ListSums
    centroids: FloatArray
    moments: PackedMoments | None
    sample: HalfArray


def sample_rows(rows: int) -> int:
    """Return how many of so many rows are in the sample."""
    return rows // ROWS_PER_SAMPLE


def index_bytes(*, rows: int, lists: int, dim: int) -> int:
    """Return the size of ``index.bin``."""
    sums = lists * 8
    if lists == 1:
        return sums
    moments = dim * 8 + dim * (dim + 1) // 2 * 4
    return sums + lists * dim * 4 + moments + sample_rows(rows) * dim * 2


def encode_index(index: SegmentIndex) -> bytes:
    """Return the content of ``index.bin``, little-endian, part after part."""
    parts: list[npt.NDArray[Any]] = [index.list_rows.astype("<u4"), index.list_sums.astype("<u4")]
    if index.moments is None:
        return b"".join(part.tobytes() for part in parts)
    parts += [index.centroids.astype("<f4"), index.moments.mean.astype("<f8")]
    parts += [index.moments.triangle.astype("<f4"), index.sample.astype("<f2")]
    return b"".join(part.tobytes() for part in parts)


def decode_index(content: bytes, header: SegmentHeader, *, path: Path) -> SegmentIndex:
    """Read what ``encode_index`` returned.

    Args:
        content: The file, ``index_bytes`` long.
        header: Of the same segment.
        path: Where it came from, for messages.

    Raises:
        ArchiveError: The lists do not have the segment's rows, or a number is not finite.
    """
    lists, dim = header.lists, header.dim
    list_rows, list_sums = np.frombuffer(content, "<u4", 2 * lists).reshape(2, lists)
    if int(list_rows.sum(dtype=np.int64)) != header.rows:
        came = int(list_rows.sum(dtype=np.int64))
        message = f"{path}: expected lists of {header.rows} rows in all, got {came}"
        raise ArchiveError(message)
    if lists == 1:
        none = np.empty((0, dim), np.float16)
        return SegmentIndex(list_rows, list_sums, np.zeros((1, dim), np.float32), None, none)
    sizes = lists * dim, dim, dim * (dim + 1) // 2, sample_rows(header.rows) * dim
    at, parts = 8 * lists, []
    for kind, size in zip(("<f4", "<f8", "<f4", "<f2"), sizes, strict=True):
        parts.append(np.frombuffer(content, kind, size, at))
        at += parts[-1].nbytes
    if not all(np.isfinite(part).all() for part in parts):
        message = f"{path}: expected finite centroids, moments and samples, got others"
        raise ArchiveError(message)
    centroids, mean, triangle, sample = parts
    moments = PackedMoments(header.rows, mean, triangle)
    return SegmentIndex(
        list_rows, list_sums, centroids.reshape(lists, dim), moments, sample.reshape(-1, dim)
    )
