"""What is drawn on a frame."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox, Xyxy
from scene_clip_ros.core.masks import FrameMask
from scene_clip_ros.core.types import AttributeState, FrameResult, HazardState, ImageArray
from scene_clip_ros.report.alert_drawing import level_colours
from scene_clip_ros.report.box_drawing import draw_borders, draw_tags
from scene_clip_ros.report.canvas import Canvas, overlaps
from scene_clip_ros.report.overlay import VULNERABLE, draw_overlay

SIZES_WH = [(320, 240), (640, 360), (854, 480), (1920, 1080), (480, 854), (16, 16)]
HD_WH = (1280, 720)
ZONE = ((0.4, 0.6), (0.6, 0.6), (0.8, 1.0), (0.2, 1.0))
MIDDLE = (600.0, 300.0, 640.0, 420.0)


def picture(size_wh: tuple[int, int]) -> ImageArray:
    width, height = size_wh
    return np.full((height, width, 3), 120, np.uint8)


def attribute(name: str, label: str, probability: float = 0.8) -> AttributeState:
    return AttributeState(name, label, probability, 0.3, 0, ())


def hazard(name: str, *, active: bool) -> HazardState:
    return HazardState(name, active, 0.9, 0.3, 0)


def box(label: str, xyxy: Xyxy = MIDDLE, *, track_id: int = NO_TRACK) -> ScoredBox:
    return ScoredBox(label, 0.8, 0.8, 0.8, 0.3, xyxy, track_id)


def result(
    *attributes: AttributeState,
    hazards: tuple[HazardState, ...] = (),
    boxes: tuple[ScoredBox, ...] | None = None,
) -> FrameResult:
    found = None if boxes is None else FrameBoxes("front", 0, HD_WH, boxes)
    return FrameResult("front", 0, np.ones(1, np.float32), attributes, hazards, found)


def alert(level: AlertLevel, *boxes: ScoredBox, reason: str = "child in the zone") -> Alert:
    return Alert("front", 0, level, reason, boxes, ZONE, math.nan, 0)


def changed(before: ImageArray, after: ImageArray) -> ImageArray:
    """``(H, W)`` mask of the pixels that differ."""
    return np.any(before != after, axis=2)


@pytest.mark.parametrize("size_wh", SIZES_WH, ids=lambda it: f"{it[0]}x{it[1]}")
def test_overlay_keeps_size_and_type_and_leaves_the_frame_alone(size_wh: tuple[int, int]) -> None:
    frame = picture(size_wh)
    child = box("child", (0.0, 0.0, 1280.0, 720.0))
    labels = result(
        *(attribute(name, "rain") for name in ("weather", "time", "road", "surface")),
        hazards=(hazard("road_works", active=True),),
        boxes=(child, box("vehicle")),
    )

    drawn = draw_overlay(frame, labels, alert(AlertLevel.WARNING, child))

    assert (drawn.shape, drawn.dtype) == (frame.shape, np.uint8)
    np.testing.assert_array_equal(frame, picture(size_wh))


def test_attributes_are_on_the_upper_left_and_leave_most_of_the_frame_free() -> None:
    frame = picture((1280, 720))
    four = result(*(attribute(name, "any") for name in ("weather", "time", "road", "surface")))

    mask = changed(frame, draw_overlay(frame, four))

    assert mask[:300, :400].any()
    assert not mask[:, 640:].any()
    assert mask.mean() < 0.1


def test_only_active_hazards_are_drawn() -> None:
    frame = picture((1280, 720))
    calm = draw_overlay(frame, result(hazards=(hazard("road_works", active=False),)))
    alarmed = draw_overlay(frame, result(hazards=(hazard("road_works", active=True),)))

    np.testing.assert_array_equal(calm, frame)
    mask = changed(frame, alarmed)
    assert mask[:200, 640:].any()
    assert not mask[:, :640].any()


def test_a_more_probable_label_has_a_longer_bar() -> None:
    frame = picture((1280, 720))
    sure = draw_overlay(frame, result(attribute("weather", "rain", 0.90)))
    unsure = draw_overlay(frame, result(attribute("weather", "rain", 0.30)))

    def bar_pixels(drawn: ImageArray) -> int:
        red, green = drawn[..., 0].astype(int), drawn[..., 1].astype(int)
        return int(np.count_nonzero(green - red > 100))

    assert bar_pixels(sure) == pytest.approx(3 * bar_pixels(unsure), rel=0.05)


def test_a_long_label_stays_within_the_panel() -> None:
    frame = picture((1280, 720))
    short = draw_overlay(frame, result(attribute("weather", "rain")))
    long = draw_overlay(frame, result(attribute("weather", "a very long label " * 5)))

    np.testing.assert_array_equal(changed(frame, long), changed(frame, short))


def test_nothing_is_drawn_of_an_empty_result() -> None:
    frame = picture((640, 360))

    np.testing.assert_array_equal(draw_overlay(frame, result()), frame)


def border_colour(drawn: ImageArray, xyxy: Xyxy = MIDDLE) -> tuple[int, ...]:
    """Return the colour just right of a box, half way down."""
    _, top, right, bottom = (round(side) for side in xyxy)
    return tuple(drawn[(top + bottom) // 2, right].tolist())


def test_a_border_lies_just_outside_of_its_box() -> None:
    frame = picture(HD_WH)
    mask = changed(frame, draw_overlay(frame, result(boxes=(box("dog"),))))
    left, top, right, bottom = (round(side) for side in MIDDLE)
    assert not mask[top:bottom, left:right].any()
    assert mask[top, left - 1]
    assert mask[bottom - 1, right]


def test_people_stand_out_from_other_things() -> None:
    frame = picture(HD_WH)
    quiet = draw_overlay(frame, result(boxes=(box("vehicle"),)))
    people = [draw_overlay(frame, result(boxes=(box(label),))) for label in VULNERABLE]
    colours = {border_colour(drawn) for drawn in people}
    assert len(colours) == 1
    assert colours != {border_colour(quiet)}
    assert all(changed(quiet, drawn).any() for drawn in people)


def test_other_labels_stand_out_if_asked_for() -> None:
    frame = picture(HD_WH)
    dog = draw_overlay(frame, result(boxes=(box("dog"),)), vulnerable=("dog",))
    person = draw_overlay(frame, result(boxes=(box("person"),)))
    assert border_colour(dog) == border_colour(person)


@pytest.mark.parametrize("level", [AlertLevel.CAUTION, AlertLevel.WARNING])
@pytest.mark.parametrize("track_id", [NO_TRACK, 3], ids=["no track", "track"])
def test_whoever_causes_the_level_has_its_colour(level: AlertLevel, track_id: int) -> None:
    frame = picture(HD_WH)
    child = box("child", track_id=track_id)
    other = box("child", (300.0, 300.0, 340.0, 420.0), track_id=min(4, track_id + 1))
    drawn = draw_overlay(frame, result(boxes=(child, other)), alert(level, child))
    assert border_colour(drawn) == level_colours(level)[0]
    assert border_colour(drawn, other.xyxy) != level_colours(level)[0]


def test_boxes_fit_a_scaled_picture() -> None:
    frame = picture((640, 360))
    drawn = draw_overlay(frame, result(boxes=(box("vehicle", (640.0, 360.0, 1280.0, 720.0)),)))
    mask = changed(frame, drawn)
    assert mask[200:, 319].all()
    assert not mask[200:, 325:].any()
    assert not mask[:, :310].any()


@pytest.mark.parametrize("level", AlertLevel, ids=lambda level: level.name)
def test_an_alert_tints_its_zone_and_is_told_on_the_upper_right(level: AlertLevel) -> None:
    frame = picture(HD_WH)
    mask = changed(frame, draw_overlay(frame, result(), alert(level)))
    assert mask[16:84, 824:1264].all()
    assert mask[440:, 620:660].all()
    assert not mask[:, :240].any()
    assert not mask[100:420].any()


def test_the_more_urgent_an_alert_the_more_solid_its_zone() -> None:
    frame = picture(HD_WH)
    levels = (AlertLevel.CLEAR, AlertLevel.CAUTION, AlertLevel.WARNING)
    tints = [
        np.abs(draw_overlay(frame, result(), alert(level))[600, 640].astype(int) - 120).sum()
        for level in levels
    ]
    assert tints == sorted(tints)


def test_hazards_move_down_below_an_alert() -> None:
    frame = picture(HD_WH)
    works = result(hazards=(hazard("road_works", active=True),))
    both = draw_overlay(frame, works, alert(AlertLevel.CLEAR))
    without = draw_overlay(frame, result(), alert(AlertLevel.CLEAR))
    assert changed(both, without)[84:140, 900:].any()
    assert not changed(both, without)[:84].any()


def test_a_picture_too_narrow_tells_the_alert_at_the_bottom() -> None:
    frame = picture((200, 400))
    four = result(*(attribute(name, "any") for name in ("weather", "time", "road", "surface")))
    told = draw_overlay(frame, four, alert(AlertLevel.WARNING))
    red = (told == level_colours(AlertLevel.WARNING)[0]).all(axis=2)
    assert red[350:].any()
    assert not red[:40].any()


def test_a_long_reason_stays_within_the_banner() -> None:
    frame = picture(HD_WH)
    short = alert(AlertLevel.WARNING, reason="child")
    long = alert(AlertLevel.WARNING, reason="a child with a very long story " * 5)
    drawn = [changed(frame, draw_overlay(frame, result(), each)) for each in (short, long)]
    np.testing.assert_array_equal(*drawn)


def test_labels_take_less_room_in_a_small_picture() -> None:
    four = result(*(attribute(name, "any") for name in ("weather", "time", "road", "surface")))
    shares = []
    for size_wh in (HD_WH, (320, 240)):
        frame = picture(size_wh)
        mask = changed(frame, draw_overlay(frame, four))
        shares.append(np.flatnonzero(mask.any(axis=1)).max() / size_wh[1])
    assert all(share < 0.4 for share in shares)


SIDES = st.integers(0, 1280)
BOXES = st.lists(
    st.builds(
        lambda label, x, y, track_id: box(
            label,
            (float(min(x)), min(y) * 720 / 1280, float(max(x)), max(y) * 720 / 1280),
            track_id=track_id,
        ),
        st.sampled_from(["person", "vehicle", "a very long query"]),
        st.tuples(SIDES, SIDES),
        st.tuples(SIDES, SIDES),
        st.integers(NO_TRACK, 3),
    ),
    max_size=12,
)


@given(BOXES, st.sampled_from(SIZES_WH))
def test_no_tag_hides_another_one_or_leaves_the_picture(
    boxes: list[ScoredBox], size_wh: tuple[int, int]
) -> None:
    canvas = Canvas(picture(size_wh))
    panel = (16.0, 16.0, 346.0, 236.0)
    frame = FrameBoxes("front", 0, HD_WH, tuple(boxes))
    drawn = draw_borders(canvas, frame, alert=None, vulnerable=VULNERABLE)
    tags = draw_tags(canvas, drawn, taken=[panel])
    assert len(tags) <= len(boxes)
    for index, tag in enumerate(tags):
        assert not any(overlaps(tag, other) for other in (panel, *tags[:index]))
        assert min(tag[:2]) >= 0
        assert tag[2] <= canvas.width
        assert tag[3] <= canvas.height


def test_a_person_is_tagged_before_other_things() -> None:
    canvas = Canvas(picture(HD_WH))
    crowd = [box("vehicle", (600.0, 300.0, 600.0 + i, 420.0)) for i in range(100, 110)]
    frame = FrameBoxes("front", 0, HD_WH, (*crowd, box("person")))
    drawn = draw_borders(canvas, frame, alert=None, vulnerable=VULNERABLE)
    assert drawn[0].box.label == "person"
    tag, *_ = draw_tags(canvas, drawn, taken=[])
    assert tag[3] == pytest.approx(298)


def mask(size_wh: tuple[int, int]) -> FrameMask:
    """Return a mask whose lower half is road."""
    labels = np.zeros((size_wh[1], size_wh[0]), np.uint8)
    labels[size_wh[1] // 2 :] = 1
    return FrameMask("front", 0, labels, ("road",), (0.5,))


@pytest.mark.parametrize("size_wh", SIZES_WH)
def test_masks_are_drawn_on_pictures_of_any_size(size_wh: tuple[int, int]) -> None:
    before = picture(size_wh)

    drawn = draw_overlay(before, result(), mask=mask(HD_WH))

    height = size_wh[1]
    assert changed(before, drawn)[height // 2 + 1 :].all()
    assert not changed(before, drawn)[: height // 2 - 1].any()


def test_boxes_lie_on_top_of_masks() -> None:
    seen = result(boxes=(box("child"),))

    plain = draw_overlay(picture(HD_WH), seen)
    masked = draw_overlay(picture(HD_WH), seen, mask=mask(HD_WH))

    left, top, _, bottom = (round(side) for side in MIDDLE)
    border = (slice(top, bottom), slice(left - 2, left))
    np.testing.assert_array_equal(masked[border], plain[border])
