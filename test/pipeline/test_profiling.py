from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from colors import BLUE, GREEN, RED, color_vocabulary, picture

from scene_clip_ros.core.profile import BOX_STAGES, LABEL_STAGES, STAGES
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.encoder import Crops
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.pipeline.profiling import WARM_UP, Profiler

Decode = Callable[[], ImageArray]


class TwoSteps(FakeEncoder):
    """Counts the pictures of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: list[int] = []

    def prepare(self, images: Sequence[ImageArray]) -> list[ImageArray]:
        self.prepared.append(len(images))
        return list(images)

    def prepare_crops(self, parts: Sequence[Crops]) -> list[ImageArray]:
        return [crop for part in parts for crop in part.cut()]

    def encode_prepared(self, pixels: Sequence[ImageArray]) -> FloatArray:
        return self.encode_images(pixels)


def batches(count: int, rgb: ImageArray) -> Iterator[list[Decode]]:
    for _ in range(count):
        yield [lambda: rgb, lambda: rgb]


def test_every_stage_is_measured_in_the_order_of_the_way_of_a_frame() -> None:
    scene = picture(BLUE).copy()
    scene[:4, 2:6] = RED
    profiler = Profiler(
        TwoSteps(), color_vocabulary(), proposer=FakeProposer({"red": RED, "green": GREEN})
    )

    measured = profiler.measure(batches(WARM_UP + 3, scene))

    assert tuple(each.stage for each in measured.stages) == STAGES
    assert set(STAGES) == {*LABEL_STAGES, *BOX_STAGES}
    assert measured.batches == 3
    assert all(0 <= each.p50_ms <= each.p95_ms for each in measured.stages)


def test_without_a_detector_boxes_have_no_stage() -> None:
    encoder = TwoSteps()

    measured = Profiler(encoder, color_vocabulary()).measure(batches(WARM_UP + 1, picture(RED)))

    assert {each.stage for each in measured.stages} == set(LABEL_STAGES)
    assert measured.crops == 0
    assert encoder.prepared == [2] * (WARM_UP + 1)


def test_pictures_without_regions_are_no_obstacle() -> None:
    profiler = Profiler(TwoSteps(), color_vocabulary(), proposer=FakeProposer())

    measured = profiler.measure(batches(WARM_UP + 1, np.full((8, 8, 3), 9, np.uint8)))

    assert measured.crops == 0
    assert tuple(each.stage for each in measured.stages) == STAGES
