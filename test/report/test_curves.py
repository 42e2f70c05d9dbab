"""How a fit went: rows survive their file, and curves are drawn of what there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.report.curves import draw_curves
from scene_clip_ros.report.fit_rows import FitRow, append_row, read_rows, write_rows

START = FitRow(
    step=0,
    epoch=0.0,
    loss=None,
    rate=None,
    logit_scale=14.3,
    val_loss=2.1,
    image_to_text_1=0.1,
    image_to_text_5=0.5,
    text_to_image_1=0.2,
    text_to_image_5=0.6,
    seconds=0.0,
    images_per_s=None,
)


def rows(*, validated: bool = True) -> list[FitRow]:
    later = [
        replace(START, step=step, loss=2.0 - step / 10, rate=1e-3, val_loss=2.0 - step / 20)
        for step in range(1, 9)
    ]
    nothing = {"val_loss": None, "image_to_text_1": None, "image_to_text_5": None}
    nothing |= {"text_to_image_1": None, "text_to_image_5": None}
    found = [START, *later]
    return found if validated else [replace(row, **nothing) for row in found]


def draw(path: Path, found: list[FitRow], title: str = "my clip") -> ImageArray:
    draw_curves(found, path, title=title)
    picture = cv2.imread(str(path))
    assert picture is not None
    return np.asarray(picture, np.uint8)


def test_rows_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    write_rows(path, rows()[:3])
    append_row(path, rows()[3])
    assert read_rows(path) == tuple(rows()[:4])


def test_a_row_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    write_rows(path, rows()[:3])
    path.write_text(path.read_text()[:-20])
    assert read_rows(path) == tuple(rows()[:2])


def test_no_file_has_no_rows(tmp_path: Path) -> None:
    assert read_rows(tmp_path / "none.jsonl") == ()


def test_curves_show_losses_and_recalls(tmp_path: Path) -> None:
    picture = draw(tmp_path / "curves.png", rows())
    half = picture.shape[1] // 2
    green = np.array([0x73, 0x9E, 0x00])
    is_green = (np.abs(picture.astype(int) - green) < 12).all(axis=2)
    assert is_green[:, half:].any()
    assert not is_green[:, :half].any()


def test_recalls_are_left_out_where_nothing_was_held_out(tmp_path: Path) -> None:
    drawn = draw(tmp_path / "curves.png", rows(validated=False))
    is_orange = (np.abs(drawn.astype(int) - np.array([0x00, 0x5E, 0xD5])) < 12).all(axis=2)
    assert not is_orange.any()


@pytest.mark.parametrize("title", ["a $x^2 title", "a_b{c", "100 %"])
def test_titles_are_taken_as_they_are(tmp_path: Path, title: str) -> None:
    assert draw(tmp_path / "curves.png", rows(), title).shape[2] == 3


def test_a_fit_without_a_step_can_be_drawn(tmp_path: Path) -> None:
    assert draw(tmp_path / "curves.png", [START]).size
