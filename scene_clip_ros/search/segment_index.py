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
from scene_clip_ros.search.moments import Moments

RowNumbers = npt.NDArray[np.uint32]

SAMPLE_ROWS = 1024
"""Enough for the standard error of their median to be a twenty-fifth of the spread."""


@dataclass(frozen=True, slots=True)
class SegmentIndex:
    """The small part of a segment's index.

    Attributes:
        list_rows: ``(L,)`` uint32, rows of every list.
        list_sums: ``(L,)`` uint32, CRC-32 of every list.
        centroids: ``(L, D)`` float32; zeros for a single list.
        moments: Of all embeddings; None for a single list, of which every row is scored anyway.
        sampled: ``(S,)`` uint32, the first rows of a random order; none for a single list.
        sample: ``(S, D)`` float16, their embeddings.
    """

    list_rows: ListSums
    list_sums: ListSums
    centroids: FloatArray
    moments: Moments | None
    sampled: RowNumbers
    sample: HalfArray


def sample_rows(rows: int) -> int:
    """Return how many of so many rows are in the sample."""
    return min(rows, SAMPLE_ROWS)


def index_bytes(*, rows: int, lists: int, dim: int) -> int:
    """Return the size of ``index.bin``."""
    sums = lists * 8
    if lists == 1:
        return sums
    moments = dim * 8 + dim * (dim + 1) // 2 * 4
    return sums + lists * dim * 4 + moments + sample_rows(rows) * (dim * 2 + 4)


def encode_index(index: SegmentIndex) -> bytes:
    """Return the content of ``index.bin``, little-endian, part after part."""
    parts: list[npt.NDArray[Any]] = [index.list_rows.astype("<u4"), index.list_sums.astype("<u4")]
    if index.moments is None:
        return b"".join(part.tobytes() for part in parts)
    parts += [index.centroids.astype("<f4"), index.moments.mean.astype("<f8")]
    parts += [index.moments.triangle.astype("<f4")]
    parts += [index.sampled.astype("<u4"), index.sample.astype("<f2")]
    return b"".join(part.tobytes() for part in parts)


def decode_index(content: bytes, header: SegmentHeader, *, path: Path) -> SegmentIndex:
    """Read what ``encode_index`` returned.

    Args:
        content: The file, ``index_bytes`` long.
        header: Of the same segment.
        path: Where it came from, for messages.

    Raises:
        ArchiveError: The lists do not have the segment's rows, a number is not finite, or a row of
            the sample does not exist.
    """
    lists, dim = header.lists, header.dim
    list_rows, list_sums = np.frombuffer(content, "<u4", 2 * lists).reshape(2, lists)
    if int(list_rows.sum(dtype=np.int64)) != header.rows:
        came = int(list_rows.sum(dtype=np.int64))
        message = f"{path}: expected lists of {header.rows} rows in all, got {came}"
        raise ArchiveError(message)
    if lists == 1:
        zeros, nothing = np.zeros((1, dim), np.float32), np.empty(0, np.uint32)
        return SegmentIndex(
            list_rows, list_sums, zeros, None, nothing, np.empty((0, dim), np.float16)
        )
    taken = sample_rows(header.rows)
    sizes = lists * dim, dim, dim * (dim + 1) // 2, taken, taken * dim
    at, parts = 8 * lists, []
    for kind, size in zip(("<f4", "<f8", "<f4", "<u4", "<f2"), sizes, strict=True):
        parts.append(np.frombuffer(content, kind, size, at))
        at += parts[-1].nbytes
    centroids, mean, triangle, sampled, sample = parts
    if not all(np.isfinite(part).all() for part in parts):
        message = f"{path}: expected finite centroids, moments and samples, got others"
        raise ArchiveError(message)
    if sampled.max() >= header.rows:
        message = f"{path}: expected rows in [0, {header.rows}), got {sampled.max()}"
        raise ArchiveError(message)
    return SegmentIndex(
        list_rows,
        list_sums,
        centroids.reshape(lists, dim),
        Moments(header.rows, mean, triangle),
        sampled,
        sample.reshape(-1, dim),
    )
