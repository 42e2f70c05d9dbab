"""Sheets show every picture with its best texts; no text covers another one."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.report.label_sheet import (
    MAX_PICTURES,
    FittingText,
    LabelledPicture,
    draw_label_sheet,
    format_share,
)
from scene_clip_ros.report.page import DPI, Page

LONG = "a wording that is much too long to be read below a picture of this width " * 3


def labelled(name: str, *, colour: tuple[int, int, int] = (200, 30, 30)) -> LabelledPicture:
    texts = (FittingText(LONG, 0.75, 0.31), FittingText("a bus", 0.25, -0.123))
    return LabelledPicture(name, np.full((90, 160, 3), colour, np.uint8), texts)


def written(page: Page) -> list[str]:
    return [text.get_text() for text in page.figure.axes[0].texts if text.get_text()]


@pytest.mark.parametrize("count", [0, 1, 5], ids=str)
def test_no_text_covers_another_one_or_leaves_the_page(count: int) -> None:
    pictures = [labelled(LONG if index == 1 else f"{index}.jpg") for index in range(count)]
    page = draw_label_sheet(pictures, title=LONG, note=LONG)
    page.to_rgb()
    boxes = [text.get_window_extent() for text in page.figure.axes[0].texts if text.get_text()]
    assert not any(first.overlaps(second) for first, second in combinations(boxes, 2))
    assert all(box.x0 >= 0 and box.x1 <= page.width_in * DPI for box in boxes)
    assert all(box.y0 >= 0 and box.y1 <= page.height_in * DPI for box in boxes)


def test_names_texts_probabilities_and_cosines_are_written() -> None:
    page = draw_label_sheet([labelled("a.jpg")], title="T", note="N")
    assert {"T", "N", "a.jpg", "75 %", "25 %", "0.310", "-0.123", "a bus"} <= set(written(page))


def test_a_picture_is_seen_and_its_bars_are_as_long_as_the_probabilities() -> None:
    page = draw_label_sheet([labelled("a.jpg", colour=(200, 30, 30))], title="")
    rgb = page.to_rgb()
    assert ((rgb == (200, 30, 30)).all(axis=2)).sum() > 50_000
    dark = (rgb == (0x0B, 0x53, 0x94)).all(axis=2).any(axis=0).sum()
    light = (rgb == (0x8F, 0xB3, 0xD9)).all(axis=2).any(axis=0).sum()
    assert dark / light == pytest.approx(3.0, rel=0.05)


def test_what_has_no_picture_says_so() -> None:
    page = draw_label_sheet([LabelledPicture("a", None, ())], title="")
    assert "no picture" in written(page)


def test_only_the_first_pictures_are_drawn_if_there_are_too_many() -> None:
    many = [LabelledPicture(str(index), None, ()) for index in range(MAX_PICTURES + 1)]
    names = written(draw_label_sheet(many, title=""))
    assert str(MAX_PICTURES - 1) in names
    assert str(MAX_PICTURES) not in names


@given(st.floats(0.0, 1.0))
def test_what_is_not_certain_is_not_rounded_to_it(probability: float) -> None:
    share = format_share(probability)
    assert (share == "0 %") == (probability == 0)
    assert (share == "100 %") == (probability == 1)
