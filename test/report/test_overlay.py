"""What is drawn on a frame."""

from __future__ import annotations

import numpy as np
import pytest

from scene_clip_ros.core.types import AttributeState, FrameResult, HazardState, ImageArray
from scene_clip_ros.report.overlay import draw_labels

SIZES_WH = [(320, 240), (854, 480), (1920, 1080), (480, 854), (16, 16)]


def picture(size_wh: tuple[int, int]) -> ImageArray:
    width, height = size_wh
    return np.full((height, width, 3), 120, np.uint8)


def attribute(name: str, label: str, probability: float = 0.8) -> AttributeState:
    return AttributeState(name, label, probability, 0.3, 0, ())


def hazard(name: str, *, active: bool) -> HazardState:
    return HazardState(name, active, 0.9, 0.3, 0)


def result(*attributes: AttributeState, hazards: tuple[HazardState, ...] = ()) -> FrameResult:
    return FrameResult("front", 0, np.ones(1, np.float32), attributes, hazards)


def changed(before: ImageArray, after: ImageArray) -> ImageArray:
    """``(H, W)`` mask of the pixels that differ."""
    return np.any(before != after, axis=2)


@pytest.mark.parametrize("size_wh", SIZES_WH, ids=lambda it: f"{it[0]}x{it[1]}")
def test_overlay_keeps_size_and_type_and_leaves_the_frame_alone(size_wh: tuple[int, int]) -> None:
    frame = picture(size_wh)
    labels = result(attribute("weather", "rain"), hazards=(hazard("road_works", active=True),))

    drawn = draw_labels(frame, labels)

    assert (drawn.shape, drawn.dtype) == (frame.shape, np.uint8)
    np.testing.assert_array_equal(frame, picture(size_wh))


def test_attributes_are_on_the_upper_left_and_leave_most_of_the_frame_free() -> None:
    frame = picture((1280, 720))
    four = result(*(attribute(name, "any") for name in ("weather", "time", "road", "surface")))

    mask = changed(frame, draw_labels(frame, four))

    assert mask[:300, :400].any()
    assert not mask[:, 640:].any()
    assert mask.mean() < 0.1


def test_only_active_hazards_are_drawn() -> None:
    frame = picture((1280, 720))
    calm = draw_labels(frame, result(hazards=(hazard("road_works", active=False),)))
    alarmed = draw_labels(frame, result(hazards=(hazard("road_works", active=True),)))

    np.testing.assert_array_equal(calm, frame)
    mask = changed(frame, alarmed)
    assert mask[:200, 640:].any()
    assert not mask[:, :640].any()


def test_a_more_probable_label_has_a_longer_bar() -> None:
    frame = picture((1280, 720))
    sure = draw_labels(frame, result(attribute("weather", "rain", 0.90)))
    unsure = draw_labels(frame, result(attribute("weather", "rain", 0.30)))

    def bar_pixels(drawn: ImageArray) -> int:
        red, green = drawn[..., 0].astype(int), drawn[..., 1].astype(int)
        return int(np.count_nonzero(green - red > 100))

    assert bar_pixels(sure) == pytest.approx(3 * bar_pixels(unsure), rel=0.05)


def test_a_long_label_stays_within_the_panel() -> None:
    frame = picture((1280, 720))
    short = draw_labels(frame, result(attribute("weather", "rain")))
    long = draw_labels(frame, result(attribute("weather", "a very long label " * 5)))

    np.testing.assert_array_equal(changed(frame, long), changed(frame, short))


def test_nothing_is_drawn_of_an_empty_result() -> None:
    frame = picture((640, 360))

    np.testing.assert_array_equal(draw_labels(frame, result()), frame)
