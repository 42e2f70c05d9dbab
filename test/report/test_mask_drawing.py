from __future__ import annotations

import itertools

import numpy as np
import pytest

from scene_clip_ros.core.masks import FrameMask, measure_coverage
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.report.canvas import Canvas
from scene_clip_ros.report.mask_drawing import (
    draw_legend,
    draw_mask,
    draw_masked,
    label_palette,
)

SIZE_HW = (360, 640)

TO_LMS = np.array(
    [[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]]
)
"""Of cones, from linear RGB (Viénot, Brettel and Mollon, 1999)."""

WITHOUT_A_CONE = {
    "protanopia": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    "deuteranopia": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
}


def grey(size_hw: tuple[int, int] = SIZE_HW) -> ImageArray:
    return np.full((*size_hw, 3), 120, np.uint8)


def mask_of(labels: ImageArray, *names: str) -> FrameMask:
    return FrameMask("front", 0, labels, names, measure_coverage(labels, len(names)))


def halves() -> FrameMask:
    """Return a mask whose right half is the second prompt's, and the left nobody's."""
    labels = np.zeros(SIZE_HW, np.uint8)
    labels[:, 320:] = 2
    return mask_of(labels, "road", "person")


def test_marked_pixels_are_tinted_and_others_stay() -> None:
    canvas = Canvas(grey())

    draw_mask(canvas, halves())

    assert (canvas.rgb[:, :320] == 120).all()
    tint = label_palette(2)[2].astype(float)
    inner = canvas.rgb[10:300, 330:600].astype(float)
    np.testing.assert_allclose(inner, 120 * 0.55 + tint * 0.45 + np.zeros_like(inner), atol=1.5)


def test_a_mask_is_drawn_on_a_scaled_picture() -> None:
    canvas = Canvas(grey((180, 320)))

    draw_mask(canvas, halves())

    assert (canvas.rgb[:, :159] == 120).all()
    assert (canvas.rgb[:, 161:] != 120).any(axis=2).all()


def test_the_picture_given_is_not_written_to() -> None:
    rgb = grey()

    drawn = draw_masked(rgb, halves())

    assert (rgb == 120).all()
    assert (drawn != 120).any()


def test_the_legend_lists_what_is_marked_only() -> None:
    two, one = Canvas(grey()), Canvas(grey())
    labels = np.ones(SIZE_HW, np.uint8)
    labels[:, :100] = 2

    both = draw_legend(two, mask_of(labels, "road", "person"))
    alone = draw_legend(one, halves())

    assert both is not None
    assert alone is not None
    assert both[3] - both[1] > alone[3] - alone[1]


def test_nothing_marked_has_no_legend() -> None:
    assert draw_legend(Canvas(grey()), mask_of(np.zeros(SIZE_HW, np.uint8), "road")) is None


def test_the_legend_gives_way_to_what_is_there() -> None:
    canvas = Canvas(grey())
    first = draw_legend(canvas, halves())
    assert first is not None

    second = draw_legend(canvas, halves(), taken=[first])

    assert second is not None
    assert second[0] > first[2]
    assert draw_legend(canvas, halves(), taken=[first, second]) is None


def test_a_legend_of_very_many_stays_within_the_picture() -> None:
    labels = (np.arange(SIZE_HW[1]) % 200).astype(np.uint8) * np.ones((SIZE_HW[0], 1), np.uint8)
    canvas = Canvas(grey((720, 1280)))

    panel = draw_legend(canvas, mask_of(labels, *(f"thing number {n} " * 9 for n in range(200))))

    assert panel is not None
    assert panel[0] >= 0
    assert panel[1] >= 0
    assert panel[2] <= canvas.width
    assert panel[3] <= canvas.height


def test_colours_of_a_palette_differ() -> None:
    palette = label_palette(255)

    assert palette.shape == (256, 3)
    assert len({tuple(colour) for colour in palette.tolist()}) >= 250


@pytest.mark.parametrize("blindness", WITHOUT_A_CONE)
def test_the_first_colours_stay_apart_for_the_colour_blind(blindness: str) -> None:
    linear = (label_palette(8) / 255.0) ** 2.2
    seen = np.linalg.inv(TO_LMS) @ WITHOUT_A_CONE[blindness] @ TO_LMS @ linear.T
    colours = np.clip(seen.T, 0, 1) ** (1 / 2.2) * 255

    apart = [np.linalg.norm(a - b) for a, b in itertools.combinations(colours, 2)]

    assert min(apart) > 25
