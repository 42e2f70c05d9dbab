from __future__ import annotations

import pytest

from scene_clip_ros.search.archive_records import CameraRows, SourceKey, SourceRows
from scene_clip_ros.search.source_progress import SourceProgress, current_sources

DRIVE = SourceKey("/drives/a.mcap", 10, 20)
CHANGED = SourceKey("/drives/a.mcap", 11, 30)
OTHER = SourceKey("/drives/b.mcap", 10, 20)


def rows(first: int, stop: int, *, camera: str = "front", key: SourceKey = DRIVE) -> SourceRows:
    return SourceRows(key, (CameraRows(camera, ((first, stop),)),))


def progress_of(*parts: SourceRows) -> SourceProgress:
    progress = SourceProgress()
    progress.add_rows(parts)
    return progress


def numbers_of(progress: SourceProgress, key: SourceKey = DRIVE, camera: str = "front") -> set[int]:
    return {number for number in range(30) if progress.has_frame(key, camera, number)}


def test_nothing_is_known_of_a_new_source() -> None:
    progress = SourceProgress()

    assert not progress.is_done(DRIVE)
    assert numbers_of(progress) == set()
    assert progress.next_number(DRIVE, "front") == 0


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)], ids=["in order", "out of order"])
def test_rows_of_several_segments_follow_each_other(order: tuple[int, ...]) -> None:
    parts = [rows(0, 5), rows(5, 10), rows(10, 13)]

    progress = progress_of(*(parts[index] for index in order))

    assert numbers_of(progress) == set(range(13))
    assert progress.next_number(DRIVE, "front") == 13


def test_lost_segment_leaves_a_gap_and_nothing_else() -> None:
    progress = progress_of(rows(0, 5), rows(10, 15))

    assert numbers_of(progress) == {*range(5), *range(10, 15)}


def test_cameras_are_told_apart() -> None:
    progress = progress_of(rows(0, 5), rows(0, 2, camera="rear"))

    assert numbers_of(progress, camera="rear") == {0, 1}


def test_finished_source_is_done_as_long_as_its_rows_are_there() -> None:
    whole = progress_of(rows(0, 5), rows(5, 10))
    finished = whole.finish(DRIVE)
    damaged = progress_of(rows(0, 5))
    damaged.add_finished([finished])

    assert whole.is_done(DRIVE)
    assert not damaged.is_done(DRIVE)


def test_finished_source_without_frames_is_done() -> None:
    progress = SourceProgress()
    progress.finish(DRIVE)

    assert progress.is_done(DRIVE)


@pytest.mark.parametrize(
    ("finished", "asked", "is_done"),
    [
        ([()], (), True),
        ([()], ("rear",), True),
        ([("front",)], (), False),
        ([("front",)], ("front",), True),
        ([("front",)], ("rear",), False),
        ([("front",), ("rear",)], ("rear", "front"), True),
        ([("front",), ()], (), True),
    ],
    ids=["all", "one of all", "the rest", "the same", "another", "one after the other", "both"],
)
def test_source_is_done_for_the_cameras_that_were_asked_for(
    finished: list[tuple[str, ...]], asked: tuple[str, ...], *, is_done: bool
) -> None:
    progress = progress_of(rows(0, 5))
    for cameras in finished:
        progress.finish(DRIVE, cameras)

    assert progress.is_done(DRIVE, asked) == is_done


def test_source_that_has_changed_is_another_one() -> None:
    progress = progress_of(rows(0, 5))
    progress.finish(DRIVE)

    assert not progress.is_done(CHANGED)
    assert numbers_of(progress, CHANGED) == set()


def test_earlier_state_that_comes_back_starts_anew() -> None:
    progress = progress_of(rows(0, 5))
    first = progress.finish(DRIVE)
    progress.add_rows([rows(0, 3, key=CHANGED)])
    progress.finish(CHANGED)
    progress.add_finished([first])

    assert progress.is_done(CHANGED)
    assert not progress.is_done(DRIVE)
    assert numbers_of(progress) == set()

    progress.add_rows([rows(0, 5)])
    assert not progress.is_done(DRIVE)
    progress.finish(DRIVE)
    assert progress.is_done(DRIVE)
    assert not progress.is_done(CHANGED)


def test_copy_goes_its_own_way() -> None:
    progress = progress_of(rows(0, 5))
    copy = progress.copy()

    copy.add_rows([rows(5, 10)])
    copy.finish(DRIVE)

    assert numbers_of(progress) == set(range(5))
    assert not progress.is_done(DRIVE)


@pytest.mark.parametrize(
    ("written", "current"),
    [
        ([[DRIVE], [DRIVE, OTHER]], [{DRIVE}, {DRIVE, OTHER}]),
        ([[DRIVE, OTHER], [CHANGED]], [{OTHER}, {CHANGED}]),
        ([[DRIVE], [CHANGED], [DRIVE]], [set(), set(), {DRIVE}]),
    ],
    ids=["same state", "changed", "changed back"],
)
def test_state_that_was_written_last_counts(
    written: list[list[SourceKey]], current: list[set[SourceKey]]
) -> None:
    assert current_sources(written) == current
