"""Makes few large segments of many small ones, because a search asks every segment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.frame_blocks import IntArray
from scene_clip_ros.search.archive_records import (
    CameraRows,
    FinishedSource,
    SourceKey,
    SourceRows,
)
from scene_clip_ros.search.frame_runs import Runs, join_runs
from scene_clip_ros.search.segment_rows import SegmentContent, SegmentRows
from scene_clip_ros.search.source_progress import current_sources

GROWTH = 4
"""A segment that is at most so many times as large as what comes after it is merged with it.

Of recordings of 1200 frames, a million lie in 17 segments then, and each row is written 6 times.
"""


def count_merged(sizes: Sequence[int], *, rows: int, most: int) -> int:
    """Return how many of the last segments are to be merged with new rows.

    Args:
        sizes: Rows of each segment, in the order in which they were written.
        rows: How many new ones there are.
        most: Rows of a segment at most.
    """
    count, together = 0, rows
    for size in reversed(sizes):
        if size > GROWTH * together or together + size > most:
            break
        count, together = count + 1, together + size
    return count


def merge(contents: Sequence[SegmentContent]) -> SegmentContent:
    """Put the content of neighbouring segments into one.

    What another state of the same recording has replaced in a later one is left out.

    Args:
        contents: In the order in which they were written; some row is left of them.
    """
    current = current_sources([content.keys for content in contents])
    kept = list(zip(contents, current, strict=True))
    return SegmentContent(
        _merge_rows([_only(content.rows, keys) for content, keys in kept]),
        _merge_sources(
            [each for content, keys in kept for each in content.sources if each.key in keys]
        ),
        _merge_finished(
            [each for content, keys in kept for each in content.finished if each.key in keys]
        ),
    )


def _only(rows: SegmentRows, keys: set[SourceKey]) -> SegmentRows:
    """Return the rows of some sources."""
    paths = {key.path for key in keys}
    wanted = np.array([name in paths for name in rows.source_names], np.bool_)
    if wanted.all():
        return rows
    chosen = np.flatnonzero(wanted[rows.sources])
    return SegmentRows(
        rows.vectors[chosen],
        rows.stamps_ns[chosen],
        rows.sources[chosen],
        rows.cameras[chosen],
        rows.source_names,
        rows.camera_names,
    )


def _merge_rows(parts: Sequence[SegmentRows]) -> SegmentRows:
    sources, source_names = _merge_names([(part.sources, part.source_names) for part in parts])
    cameras, camera_names = _merge_names([(part.cameras, part.camera_names) for part in parts])
    return SegmentRows(
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.stamps_ns for part in parts]),
        sources,
        cameras,
        source_names,
        camera_names,
    )


def _merge_names(
    parts: Sequence[tuple[IntArray, tuple[str, ...]]],
) -> tuple[IntArray, tuple[str, ...]]:
    """Return positions in one common tuple of names, those that are used."""
    places: dict[str, int] = {}
    found = []
    for positions, names in parts:
        table = np.zeros(len(names), np.int64)
        for position in np.unique(positions).tolist():
            table[position] = places.setdefault(names[position], len(places))
        found.append(table[positions])
    return np.concatenate(found), tuple(places)


def _merge_sources(sources: Sequence[SourceRows]) -> tuple[SourceRows, ...]:
    runs: dict[SourceKey, dict[str, Runs]] = {}
    for source in sources:
        cameras = runs.setdefault(source.key, {})
        for each in source.cameras:
            cameras[each.camera] = join_runs((*cameras.get(each.camera, ()), *each.runs))
    return tuple(
        SourceRows(key, tuple(CameraRows(camera, each) for camera, each in cameras.items()))
        for key, cameras in runs.items()
    )


def _merge_finished(finished: Sequence[FinishedSource]) -> tuple[FinishedSource, ...]:
    return tuple({(each.key, each.cameras): each for each in finished}.values())
