"""Heat maps show every value and label, readable and apart from each other."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.zeroshot import Float64Array
from scene_clip_ros.report.heat_colours import HeatScale, ink_on, luminance
from scene_clip_ros.report.heat_layout import MAX_SIDE, Items
from scene_clip_ros.report.heat_map import UNIT, draw_heat_map
from scene_clip_ros.report.page import DPI, Page

LONG = "a very long wording that nobody would read to its very end because it goes on and on " * 2
NAMES = (
    "a.jpg",
    "a_very_long_name_of_a_picture_in_some_folder_000123.jpg",
    LONG,
    "x",
    "front 0:03",
)


def texts_of(page: Page) -> list[Text]:
    return [text for text in page.figure.axes[0].texts if text.get_text()]


def extents(page: Page) -> list[Bbox]:
    page.to_rgb()
    return [text.get_window_extent() for text in texts_of(page)]


def picture(colour: int = 120) -> ImageArray:
    return np.full((18, 32, 3), colour, np.uint8)


def items(count: int, *, pictures: bool) -> Items:
    names = tuple(f"{NAMES[index % len(NAMES)]}" for index in range(count))
    return Items(names, tuple(picture() for _ in names) if pictures else ())


def values(rows: int, columns: int, *, low: float = -0.3, high: float = 0.9) -> Float64Array:
    return np.random.default_rng(rows * 100 + columns).uniform(low, high, (rows, columns))


def overlap(first: Bbox, second: Bbox) -> bool:
    slack = 0.5  # of a pixel: edges are softened
    return (
        first.x0 + slack < second.x1
        and second.x0 + slack < first.x1
        and first.y0 + slack < second.y1
        and second.y0 + slack < first.y1
    )


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ((1, False), (1, False)),
        ((3, True), (4, False)),
        ((2, True), (12, True)),
        ((5, False), (11, False)),
    ],
    ids=["one cell", "pictures and texts", "many pictures", "many texts"],
)
def test_no_text_covers_another_one_or_leaves_the_page(
    rows: tuple[int, bool], columns: tuple[int, bool]
) -> None:
    page = draw_heat_map(
        values(rows[0], columns[0]),
        rows=items(rows[0], pictures=rows[1]),
        columns=items(columns[0], pictures=columns[1]),
        title=f"A title that is rather long: {LONG}",
        note=LONG,
    )
    boxes = extents(page)
    assert not any(overlap(first, second) for first, second in combinations(boxes, 2))
    width, height = page.width_in * DPI, page.height_in * DPI
    for box in boxes:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height


def test_values_labels_and_unit_are_written() -> None:
    table = np.array([[0.25, -0.5], [0.0, -0.001]])
    page = draw_heat_map(
        table, rows=Items(("a cat", "$x_1$")), columns=Items(("b", "c")), title="T", note="N"
    )
    written = [text.get_text() for text in texts_of(page)]
    assert {"0.25", "-0.50", "0.00", "a cat", "$x_1$", "b", "c", "T", "N", UNIT} <= set(written)


def test_small_differences_get_another_decimal() -> None:
    page = draw_heat_map(
        np.array([[0.151, 0.154]]), rows=Items(("a",)), columns=Items(("b", "c")), title=""
    )
    assert {"0.151", "0.154"} <= {text.get_text() for text in texts_of(page)}


@given(st.floats(0.0, 1.0))
def test_values_can_be_read_on_every_colour(share: float) -> None:
    (colour,) = HeatScale(-1.0, 1.0).colours(np.array([2 * share - 1]))
    light, dark = sorted((luminance(colour), luminance(ink_on(colour))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_larger_values_are_lighter_so_that_no_hue_is_needed() -> None:
    colours = HeatScale(0.0, 1.0).colours(np.linspace(0, 1, 20))
    lightness = [luminance(colour) for colour in colours]
    assert lightness == sorted(lightness)


def test_the_diagonal_takes_no_part_in_the_scale() -> None:
    table = np.full((3, 3), 0.25)
    np.fill_diagonal(table, 1.0)
    table[0, 1] = 0.5
    both = Items(("a", "b", "c"))
    page = draw_heat_map(table, rows=both, columns=both, title="", skip_diagonal=True)
    ticks = [text.get_text() for text in texts_of(page)][-6:-1]
    assert (ticks[0], ticks[-1]) == ("0.50", "0.25")


@pytest.mark.parametrize("table", [np.full((2, 2), 0.5), np.ones((1, 1))], ids=["equal", "one"])
def test_equal_values_have_a_scale_all_the_same(table: Float64Array) -> None:
    both = Items(("a", "b")[: len(table)])
    page = draw_heat_map(table, rows=both, columns=both, title="", skip_diagonal=True)
    assert page.to_png().startswith(b"\x89PNG")


def test_the_best_of_each_row_has_a_frame_around_it() -> None:
    table = np.array([[0.1, 0.9, 0.2], [0.8, 0.1, 0.3]])
    page = draw_heat_map(
        table, rows=Items(("a", "b")), columns=Items(("c", "d", "e")), title="", best_of_each="row"
    )
    frames = [
        patch
        for patch in page.figure.axes[0].patches
        if not patch.get_fill() or patch.get_facecolor()[3] == 0
    ]
    framed = {(round(frame.get_x(), 1), round(frame.get_y(), 1)) for frame in frames}
    assert len(frames) == 2
    assert len({x for x, _ in framed}) == len({y for _, y in framed}) == 2


def test_svg_is_well_formed_whatever_the_labels_are() -> None:
    labels = ('<b> & "quotes"', "--> ]]>", "a\x00b\x0bc")
    page = draw_heat_map(
        values(3, 3), rows=Items(labels), columns=Items(labels), title="<&>", note="--"
    )
    root = ET.fromstring(page.to_svg())
    assert root.tag.endswith("svg")


def test_png_has_the_size_of_the_page() -> None:
    page = draw_heat_map(values(2, 2), rows=Items(("a", "b")), columns=Items(("c", "d")), title="")
    png = cv2.imdecode(np.frombuffer(page.to_png(), np.uint8), cv2.IMREAD_COLOR)
    assert png.shape[1] == pytest.approx(page.width_in * DPI, abs=1)
    assert png.shape[0] == pytest.approx(page.height_in * DPI, abs=1)


def test_pictures_are_shown_along_the_sides() -> None:
    rows = Items(("red", "none"), (np.full((9, 16, 3), (255, 0, 0), np.uint8), None))
    page = draw_heat_map(values(2, 2), rows=rows, columns=Items(("c", "d")), title="")
    red = (page.to_rgb() == (255, 0, 0)).all(axis=2)
    height, width = np.flatnonzero(red.any(axis=1)).size, np.flatnonzero(red.any(axis=0)).size
    assert width / height == pytest.approx(16 / 9, rel=0.05)


@pytest.mark.parametrize(
    ("table", "rows", "columns", "problem"),
    [
        (np.zeros((0, 1)), 0, 1, "1 to 60 rows"),
        (np.zeros((1, MAX_SIDE + 1)), 1, MAX_SIDE + 1, "1 to 60 columns"),
        (np.zeros((1, 2)), 2, 1, "shape"),
        (np.array([[np.nan]]), 1, 1, "finite"),
    ],
    ids=["nothing", "too many", "other shape", "not a number"],
)
def test_what_cannot_be_drawn_is_refused(
    table: Float64Array, rows: int, columns: int, problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        draw_heat_map(
            table,
            rows=items(rows, pictures=False),
            columns=items(columns, pictures=False),
            title="",
        )


def test_threads_draw_the_same_as_one_does() -> None:
    def draw(seed: int) -> ImageArray:
        both = Items(("a", "b"))
        return draw_heat_map(values(2, 2) + seed, rows=both, columns=both, title=str(seed)).to_rgb()

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(draw, range(4)))
    assert all(np.array_equal(draw(seed), drawn) for seed, drawn in enumerate(together))


def test_importing_the_drawing_loads_no_matplotlib() -> None:
    program = (
        "import sys, scene_clip_ros.report.heat_map, scene_clip_ros.report.label_sheet\n"
        "print('matplotlib' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd="/"
    )
    assert run.stdout.strip() == "False"
