from __future__ import annotations

import pytest

from scene_clip_ros.search.archive_records import CameraRows, SourceKey, SourceRows
from scene_clip_ros.search.source_progress import SourceProgress

DRIVE = SourceKey("/drives/a.mcap", 10, 20)
CHANGED = SourceKey("/drives/a.mcap", 11, 30)


def rows(first: int, count: int, *, camera: str = "front") -> SourceRows:
    last_ns = (first + count) * 100
    return SourceRows(DRIVE, (CameraRows(camera, first, count, last_ns),))


def progress_of(*parts: SourceRows) -> SourceProgress:
    progress = SourceProgress()
    progress.add_rows(parts)
    return progress


def test_nothing_is_known_of_a_new_source() -> None:
    progress = SourceProgress()

    assert not progress.is_done(DRIVE)
    assert progress.rows(DRIVE, "front") == 0
    assert progress.last_ns(DRIVE, "front") is None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)], ids=["in order", "out of order"])
def test_rows_of_several_segments_follow_each_other(order: tuple[int, ...]) -> None:
    parts = [rows(0, 5), rows(5, 5), rows(10, 3)]

    progress = progress_of(*(parts[index] for index in order))

    assert progress.rows(DRIVE, "front") == 13
    assert progress.last_ns(DRIVE, "front") == 1300


def test_rows_after_a_lost_segment_do_not_count() -> None:
    progress = progress_of(rows(0, 5), rows(10, 5))

    assert progress.rows(DRIVE, "front") == 5
    assert progress.last_ns(DRIVE, "front") == 500


def test_rows_that_close_a_gap_need_not_end_where_the_next_segment_starts() -> None:
    progress = progress_of(rows(0, 5), rows(10, 5), rows(5, 7))

    assert progress.rows(DRIVE, "front") == 15
    assert progress.last_ns(DRIVE, "front") == 1500


def test_cameras_are_told_apart() -> None:
    progress = progress_of(rows(0, 5), rows(0, 2, camera="rear"))

    assert progress.last_ns(DRIVE, "rear") == 200


def test_finished_source_is_done_as_long_as_its_rows_are_there() -> None:
    whole = progress_of(rows(0, 5), rows(5, 5))
    finished = whole.finish(DRIVE)
    damaged = progress_of(rows(0, 5))
    damaged.add_finished([finished])

    assert whole.is_done(DRIVE)
    assert not damaged.is_done(DRIVE)


def test_finished_source_without_frames_is_done() -> None:
    progress = SourceProgress()
    progress.finish(DRIVE)

    assert progress.is_done(DRIVE)


def test_source_that_has_changed_is_another_one() -> None:
    progress = progress_of(rows(0, 5))
    progress.finish(DRIVE)

    assert not progress.is_done(CHANGED)
    assert progress.last_ns(CHANGED, "front") is None


def test_copy_goes_its_own_way() -> None:
    progress = progress_of(rows(0, 5))
    copy = progress.copy()

    copy.add_rows([rows(5, 5)])
    copy.finish(DRIVE)

    assert progress.rows(DRIVE, "front") == 5
    assert not progress.is_done(DRIVE)
