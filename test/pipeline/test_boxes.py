"""Boxes through the pipeline: real code, with models that understand colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from colors import BLUE, GREEN, NS, RED, color_attribute
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.core.types import FloatArray, Frame, ImageArray
from scene_clip_ros.core.vocabulary import QuerySpec, Vocabulary
from scene_clip_ros.models.fake_encoder import NAN_COLOR, FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.pipeline.box_settings import BoxSettings
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.regions import CONTEXTS, crop_square

SIZE_WH = (120, 80)
GREY = (90, 90, 90)
RED_AT = (10, 20, 40, 50)
BLUE_AT = (70, 30, 100, 60)

Colour = tuple[int, int, int]
Xyxy = tuple[int, int, int, int]


def vocabulary(*colours: str) -> Vocabulary:
    """Ask for things of some colours; whatever is white is background."""
    return Vocabulary(
        queries=tuple(QuerySpec(f"{name} thing", (f"a {name} thing",)) for name in colours),
        background=("a white wall",),
        attributes=(color_attribute("red", "blue"),),
    )


def scene(
    *things: tuple[Colour, Xyxy],
    t_s: float = 0.0,
    camera: str = "front",
    size_wh: tuple[int, int] = SIZE_WH,
    ground: Colour = GREY,
) -> Frame:
    rgb = np.full((size_wh[1], size_wh[0], 3), ground, np.uint8)
    for colour, (left, top, right, bottom) in things:
        rgb[top:bottom, left:right] = colour
    return Frame(camera, round(t_s * NS), rgb)


def make(*colours: str, settings: BoxSettings | None = None) -> Pipeline:
    return Pipeline(
        FakeEncoder(),
        vocabulary(*colours),
        proposer=FakeProposer(),
        box_settings=settings,
    )


def boxes_of(pipeline: Pipeline, *frames: Frame) -> FrameBoxes:
    """Process frames in turn; return what was found in the last."""
    found = [pipeline.process([frame])[0].boxes for frame in frames][-1]
    assert found is not None
    return found


def seen(boxes: FrameBoxes) -> dict[str, tuple[float, ...]]:
    return {box.label: tuple(round(side) for side in box.xyxy) for box in boxes.boxes}


def test_things_are_found_by_what_they_are_asked_for() -> None:
    found = boxes_of(make("red", "blue"), scene((RED, RED_AT), (BLUE, BLUE_AT)))
    assert seen(found) == {"red thing": RED_AT, "blue thing": BLUE_AT}
    assert (found.camera, found.stamp_ns, found.size_wh) == ("front", 0, SIZE_WH)


def test_what_nobody_asks_for_is_not_found() -> None:
    assert boxes_of(make("red"), scene((BLUE, BLUE_AT))).boxes == ()


def test_every_factor_is_told_beside_the_score() -> None:
    pipeline = Pipeline(
        FakeEncoder(),
        vocabulary("red"),
        proposer=FakeProposer({"red thing": RED}),
    )
    (box,) = boxes_of(pipeline, scene((RED, RED_AT))).boxes
    assert box.objectness == pytest.approx(0.9)
    assert box.detector_score == pytest.approx(0.9)
    assert 0 < box.cosine <= 1
    assert 0 < box.score <= 1


@pytest.mark.parametrize("interruption", ["switched", "other settings", "reset"])
def test_no_id_is_given_twice(interruption: str) -> None:
    pipeline = make("red")
    (before,) = boxes_of(pipeline, scene((RED, RED_AT))).boxes
    if interruption == "switched":
        pipeline.set_enabled("boxes", False)
        pipeline.set_enabled("boxes", True)
    elif interruption == "other settings":
        pipeline.set_box_settings(BoxSettings(tau_s=0.5))
    else:
        pipeline.reset()
    (after,) = boxes_of(pipeline, scene((RED, RED_AT))).boxes
    assert after.track_id > before.track_id >= 0


def test_new_queries_hold_from_the_next_frame() -> None:
    pipeline = make("red")
    assert boxes_of(pipeline, scene((BLUE, BLUE_AT))).boxes == ()
    pipeline.set_vocabulary(vocabulary("blue"))
    assert seen(boxes_of(pipeline, scene((BLUE, BLUE_AT), t_s=0.1))) == {"blue thing": BLUE_AT}


def test_a_followed_object_is_told_by_the_new_queries_at_once_and_keeps_its_id() -> None:
    pipeline = make("blue")
    frames = [scene((BLUE, BLUE_AT), t_s=0.1 * step) for step in range(31)]
    (before,) = boxes_of(pipeline, *frames[:30]).boxes

    pipeline.set_vocabulary(Vocabulary(queries=(QuerySpec("blue car", ("a blue thing",)),)))

    (after,) = boxes_of(pipeline, frames[30]).boxes
    assert (before.label, after.label) == ("blue thing", "blue car")
    assert after.track_id == before.track_id


def test_a_vocabulary_with_the_same_queries_changes_no_box() -> None:
    untouched, changed = make("red", "blue"), make("red", "blue")
    frames = [scene((RED, RED_AT), t_s=0.1 * step) for step in range(6)]
    faint = scene(((200, 80, 80), RED_AT), t_s=0.6)
    for pipeline in (untouched, changed):
        boxes_of(pipeline, *frames)

    changed.set_vocabulary(replace(vocabulary("red", "blue"), attributes=()))

    assert boxes_of(changed, faint) == boxes_of(untouched, faint)


def test_an_object_keeps_its_number() -> None:
    pipeline = make("red")
    numbers = set()
    for step in range(6):
        left, top, right, bottom = RED_AT
        moved = (left + 3 * step, top, right + 3 * step, bottom)
        (box,) = boxes_of(pipeline, scene((RED, moved), t_s=0.1 * step)).boxes
        numbers.add(box.track_id)
    assert len(numbers) == 1
    assert numbers.pop() >= 0


def test_cameras_are_followed_apart() -> None:
    pipeline = make("red")
    left, right = (scene((RED, RED_AT), camera=name) for name in ("left", "right"))
    results = pipeline.process([left, right])
    assert [result.boxes.camera for result in results if result.boxes] == ["left", "right"]


def test_all_crops_of_all_cameras_are_one_batch() -> None:
    encoder = _CountingEncoder()
    pipeline = Pipeline(encoder, vocabulary("red"), proposer=FakeProposer())
    things = ((RED, RED_AT), (BLUE, BLUE_AT))
    pipeline.process([scene(*things, camera=name) for name in ("a", "b", "c")])
    assert encoder.batches == [3, 3 * len(things) * len(CONTEXTS)]


@pytest.mark.parametrize("size_wh", [(64, 64), (320, 180), (200, 600), (1921, 1081)])
@pytest.mark.parametrize("corner", ["middle", "edge"])
def test_boxes_are_pixels_of_the_picture_whatever_its_size(
    size_wh: tuple[int, int], corner: str
) -> None:
    width, height = size_wh
    wanted = {
        "middle": (width // 4, height // 4, width // 2, height // 2),
        "edge": (width - width // 4, height - height // 3, width, height),
    }[corner]
    found = boxes_of(make("red"), scene((RED, wanted), size_wh=size_wh))
    assert seen(found) == {"red thing": wanted}
    assert found.size_wh == size_wh


def test_a_scene_without_things_has_an_empty_list() -> None:
    assert boxes_of(make("red"), scene()).boxes == ()


def test_boxes_are_off_without_a_proposer() -> None:
    pipeline = Pipeline(FakeEncoder(), vocabulary("red"))
    assert not pipeline.is_enabled("boxes")
    assert pipeline.detector_id is None
    assert pipeline.process([scene((RED, RED_AT))])[0].boxes is None
    with pytest.raises(ParameterError, match="function boxes: expected a detector"):
        pipeline.set_enabled("boxes", True)


def test_switched_off_boxes_are_neither_found_nor_followed() -> None:
    pipeline = make("red", settings=BoxSettings(sure_score=1.0, confirm_hits=2))
    frames = [scene((RED, RED_AT), t_s=0.1 * step) for step in range(4)]
    assert len(boxes_of(pipeline, *frames[:2]).boxes) == 1
    pipeline.set_enabled("boxes", False)
    assert pipeline.process([frames[2]])[0].boxes is None
    pipeline.set_enabled("boxes", True)
    assert boxes_of(pipeline, frames[3]).boxes == ()


def test_boxes_alone_embed_no_whole_frame() -> None:
    encoder = _CountingEncoder()
    pipeline = Pipeline(encoder, vocabulary("red"), proposer=FakeProposer())
    for function in ("labels", "embedding", "memory"):
        pipeline.set_enabled(function, False)
    result = pipeline.process([scene((RED, RED_AT))])[0]
    assert result.boxes is not None
    assert encoder.batches == [len(CONTEXTS)]


def test_a_failing_detector_fails_the_frame_and_holds_nothing() -> None:
    pipeline = make("red")
    with pytest.raises(ModelError, match="expected finite"):
        pipeline.process([scene(ground=NAN_COLOR)])
    assert len(boxes_of(pipeline, scene((RED, RED_AT))).boxes) == 1


def test_settings_hold_from_the_next_frame() -> None:
    pipeline = make("red")
    pipeline.set_box_settings(BoxSettings(min_score=1.0))
    assert boxes_of(pipeline, scene((RED, RED_AT))).boxes == ()


def test_a_jump_back_in_time_starts_anew() -> None:
    pipeline = make("green")
    (before,) = boxes_of(pipeline, scene((GREEN, RED_AT), t_s=5.0)).boxes
    (after,) = boxes_of(pipeline, scene((GREEN, RED_AT), t_s=1.0)).boxes
    assert after.track_id != before.track_id


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_score": 1.5}, "min_score: expected"),
        ({"tau_s": -1.0}, "tau_s: expected"),
        ({"tau_s": 10.1}, r"tau_s: expected a number in \[0, 10\]"),
        ({"max_lost_s": 10.1}, r"max_lost_s: expected a number in \[0, 10\]"),
        ({"confirm_hits": 0}, "confirm_hits: expected"),
        ({"other_iou": float("nan")}, "other_iou: expected"),
    ],
)
def test_wrong_settings_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        BoxSettings(**options)


@given(
    corners=st.tuples(*(st.floats(-20, 140) for _ in range(4))),
    context=st.floats(0.2, 4),
)
def test_crops_lie_in_the_picture_and_are_never_empty(
    corners: tuple[float, float, float, float], context: float
) -> None:
    rgb = np.zeros((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    left, right = sorted(corners[::2])
    top, bottom = sorted(corners[1::2])
    crop = crop_square(rgb, np.array((left, top, right, bottom), np.float32), context=context)
    assert crop.base is rgb
    assert min(crop.shape) >= 1


def test_a_crop_is_square_where_the_picture_is_wide_enough() -> None:
    rgb = np.zeros((100, 100, 3), np.uint8)
    crop = crop_square(rgb, np.array((40, 45, 60, 55), np.float32), context=1.5)
    assert crop.shape == (30, 30, 3)


def test_regions_in_which_nothing_changes_are_embedded_once_and_give_the_same_boxes() -> None:
    plain, encoder = make("red", "blue"), _CountingEncoder()
    sparing = Pipeline(
        encoder,
        vocabulary("red", "blue"),
        proposer=FakeProposer(),
        box_settings=BoxSettings(reuse_s=5.0),
    )
    moves = [
        scene((RED, RED_AT), (BLUE, (70 - 4 * step, 30, 100 - 4 * step, 60)), t_s=step / 10)
        for step in range(4)
    ]
    stands = [scene((RED, RED_AT), (BLUE, (58, 30, 88, 60)), t_s=1 + t / 10) for t in range(3)]

    for frame in (*moves, *stands):
        (ours,), (theirs,) = sparing.process([frame]), plain.process([frame])
        assert ours.boxes == theirs.boxes

    crops = [batch for batch in encoder.batches if batch > 1]
    # Both things at first, what moves in each frame, and nothing once both stand.
    assert crops == [2 * len(CONTEXTS), *[len(CONTEXTS)] * 3]
    sparing.reset()
    sparing.process([scene((RED, RED_AT), t_s=2)])
    assert encoder.batches[-1] == len(CONTEXTS)


class _CountingEncoder(FakeEncoder):
    """Remembers the sizes of its batches."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        self.batches.append(len(images))
        return super().encode_images(images)
