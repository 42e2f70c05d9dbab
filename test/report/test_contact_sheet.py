"""Sheets show every picture whole, with its caption below it, and nothing over anything else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.report.contact_sheet import (
    MAX_PICTURES,
    SheetPicture,
    choose_columns,
    draw_contact_sheet,
    shrink,
)

LINES = ("#1   0.312   z 5.1", "front   2024-05-01 12:00:00.000", "drive1.mcap")
PURE = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)], np.uint8)


def picture(
    index: int, *, size_wh: tuple[int, int] = (160, 90), lines: tuple[str, ...] = LINES
) -> SheetPicture:
    """Return a picture of a pure colour."""
    rgb = np.empty((size_wh[1], size_wh[0], 3), np.uint8)
    rgb[:] = PURE[index]
    return SheetPicture(rgb, lines)


def extent(sheet: ImageArray, index: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of a picture of a pure colour; all of it must be there."""
    mask = (sheet == PURE[index]).all(axis=2)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    assert mask[top:bottom, left:right].all()
    return int(left), int(top), int(right), int(bottom)


def is_bright(sheet: ImageArray) -> ImageArray:
    """``(H, W)`` mask of what may be text: bright and grey."""
    darkest, brightest = sheet.min(axis=2), sheet.max(axis=2)
    return np.asarray((darkest > 120) & (brightest - darkest < 40))


def test_pictures_are_in_rows_and_none_covers_another_one() -> None:
    sheet = draw_contact_sheet([picture(index) for index in range(5)], title="snow")
    rects = [extent(sheet, index) for index in range(5)]
    assert rects[0][1] == rects[1][1] == rects[2][1] < rects[3][1] == rects[4][1]
    assert rects[0][0] == rects[3][0] < rects[1][0] == rects[4][0] < rects[2][0]
    assert len({(right - left, bottom - top) for left, top, right, bottom in rects}) == 1


@pytest.mark.parametrize(
    "size_wh", [(1920, 1080), (64, 48), (100, 400), (900, 100), (1, 1)], ids=str
)
def test_a_picture_keeps_its_proportions(size_wh: tuple[int, int]) -> None:
    left, top, right, bottom = extent(
        draw_contact_sheet([picture(0, size_wh=size_wh)], title=""), 0
    )
    assert (right - left) / (bottom - top) == pytest.approx(size_wh[0] / size_wh[1], rel=0.02)


def test_a_picture_is_not_written_to() -> None:
    shown = picture(0, size_wh=(420, 236))
    draw_contact_sheet([shown], title="snow")
    assert shown.rgb is not None
    assert (shown.rgb == PURE[0]).all()


def test_captions_are_below_their_pictures_only() -> None:
    plain = draw_contact_sheet([picture(0, lines=("", "")), picture(1, lines=("", ""))], title="")
    told = draw_contact_sheet(
        [picture(0, lines=("", "")), picture(1, lines=("first", "second"))], title=""
    )
    left, _, right, bottom = extent(told, 1)
    rows, columns = np.nonzero((plain != told).any(axis=2))
    assert bottom < rows.min()
    assert rows.max() < told.shape[0] - 16
    assert left < columns.min() < columns.max() < right


def test_long_texts_stay_in_their_place() -> None:
    long = "a very long wording that nobody would read to its end " * 4
    sheet = draw_contact_sheet(
        [picture(0, lines=(long, long)), picture(1, lines=("", ""))], title=long, note=long
    )
    left, _, right, bottom = extent(sheet, 0)
    other, *_ = extent(sheet, 1)
    text = is_bright(sheet)
    assert text[bottom:, left:right].any()
    assert not text[bottom:, right - 8 : other].any()
    assert not text[:, -24:].any()


def test_what_has_no_picture_keeps_its_place_and_says_so() -> None:
    sheet = draw_contact_sheet([picture(0), SheetPicture(None, LINES), picture(2)], title="")
    first, third = extent(sheet, 0), extent(sheet, 2)
    between = sheet[first[1] : first[3], first[2] + 30 : third[0] - 30]
    assert is_bright(between).any()
    assert is_bright(sheet[first[3] :, first[2] + 30 : third[0] - 30]).any()


def test_a_title_without_pictures_is_a_sheet() -> None:
    sheet = draw_contact_sheet([], title="nothing", note="of 10 frames")
    assert is_bright(sheet).any()


def test_only_the_first_pictures_are_drawn_if_there_are_too_many() -> None:
    many = [picture(0)] * MAX_PICTURES
    assert (
        draw_contact_sheet([*many, picture(1)], title="").shape
        == draw_contact_sheet(many, title="").shape
    )


@given(st.integers(0, 100))
def test_rows_are_as_full_as_can_be(count: int) -> None:
    columns = choose_columns(count)
    assert 2 <= columns <= 5
    if count > 5:
        assert -count % columns == min(-count % other for other in (3, 4, 5))


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_shrinking_twice_is_shrinking_once(width: int, height: int) -> None:
    small = shrink(np.zeros((height, width, 3), np.uint8))
    assert shrink(small).shape == small.shape
    assert small.shape[0] <= 236
    assert small.shape[1] <= 420
