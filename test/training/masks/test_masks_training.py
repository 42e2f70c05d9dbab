"""Training of masks: prompts mean the right pixels, fits resume, and what comes out loads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.clipseg_segmenter import load_clipseg
from scene_clip_ros.models.model_source import EMBEDDED, find_model
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.models.segmenter import SegmenterInfo
from scene_clip_ros.models.weights_file import read_weights
from scene_clip_ros.sim.semantics import BOX_CLASSES, SemanticClass
from scene_clip_ros.training.augment import MEAN, STD
from scene_clip_ros.training.evaluate import EvaluationDrives
from scene_clip_ros.training.masks.evaluate import Overlap, measure_masks
from scene_clip_ros.training.masks.fit import (
    MaskFit,
    MaskFitSettings,
    blur,
    embed_prompts,
    fit_masks,
)
from scene_clip_ros.training.masks.network import export_masks, make_tokenizer, new_network
from scene_clip_ros.training.masks.samples import (
    KINDS,
    MaskSamples,
    PromptTable,
    kinds_of,
    pixels_of,
)
from scene_clip_ros.training.masks.words import (
    HELD_OUT_STUFF,
    MaskTarget,
    mask_targets,
    measured_targets,
)
from scene_clip_ros.training.object_words import ABSENT
from scene_clip_ros.training.scenes import SceneShard
from scene_clip_ros.training.wordings import TEMPLATES

ROAD = MaskTarget("road", frozenset({SemanticClass.ROAD}), None, ("road", "the road"))
CAR = MaskTarget("car", frozenset({SemanticClass.VEHICLE}), "car", ("a car",))


def half_road(size_wh: tuple[int, int] = (96, 64)) -> SceneShard:
    """One picture: what is white is road, what is black is sky."""
    width, height = size_wh
    ids = np.full((height, width), SemanticClass.SKY, np.uint8)
    ids[height // 3 :, width // 4 :] = SemanticClass.ROAD
    white = (ids == SemanticClass.ROAD).astype(np.uint8) * 255
    rgb = np.dstack([white] * 3)
    jpeg = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    return SceneShard((jpeg,), ({"boxes": []},), (cv2.imencode(".png", ids)[1].tobytes(),))


def box(kind: str, xyxy: tuple[int, int, int, int], distance_m: float) -> dict[str, Any]:
    return {"class": kind, "xyxy": list(xyxy), "distance_m": distance_m}


def table(*targets: MaskTarget) -> PromptTable:
    return PromptTable(targets, ABSENT[:3], TEMPLATES[1:3])


def test_every_kind_of_box_can_be_asked_for() -> None:
    assert {target.kind for target in mask_targets()} == {None, *BOX_CLASSES}


def test_held_out_wordings_are_never_trained_on() -> None:
    trained = {word for target in mask_targets() for word in target.words}
    assert {target.name for target in measured_targets()} == set(HELD_OUT_STUFF)
    assert trained.isdisjoint(word for words in HELD_OUT_STUFF.values() for word in words)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["far first", "near first"])
def test_pixels_where_two_vehicles_overlap_are_the_nearer_ones(order: tuple[int, int]) -> None:
    ids = np.full((10, 10), SemanticClass.VEHICLE, np.uint8)
    boxes = [box("truck", (0, 0, 10, 10), 30.0), box("car", (4, 4, 10, 10), 10.0)]

    kinds = kinds_of(ids, [boxes[i] for i in order])

    assert (kinds[4:, 4:] == KINDS.index("car") + 1).all()
    assert (kinds[:4] == KINDS.index("truck") + 1).all()


def test_a_box_claims_no_pixels_of_another_class() -> None:
    ids = np.full((10, 10), SemanticClass.ROAD, np.uint8)
    ids[3:6, 3:6] = SemanticClass.VEHICLE

    kinds = kinds_of(ids, [box("car", (0, 0, 10, 10), 10.0)])

    assert np.array_equal(pixels_of(CAR, ids, kinds), ids == SemanticClass.VEHICLE)
    assert np.array_equal(pixels_of(ROAD, ids, kinds), ids == SemanticClass.ROAD)


@pytest.mark.parametrize("side", [32, 160])
def test_targets_lie_where_the_picture_shows_them(side: int) -> None:
    prompts = table(ROAD)
    samples = MaskSamples(half_road(), [ROAD], prompts, patch=16)
    rng, generator = np.random.default_rng(3), torch.Generator().manual_seed(3)

    batch = samples.draw(rng, generator, count=24, prompts=3, side=side)

    assert batch.pictures.shape == (24, 3, side, side)
    assert batch.targets.shape == (24, 3, side, side)
    brightness = (batch.pictures * torch.tensor(STD).view(3, 1, 1)).mean(dim=1)
    brightness += float(np.mean(MEAN))
    asked = np.array(prompts.texts)[batch.prompts.numpy()]
    compared = 0
    for picture, texts, targets in zip(brightness, asked, batch.targets, strict=True):
        for text, target in zip(texts, targets.bool(), strict=True):
            if "road" not in text:
                assert not target.any()
            elif target.any() and not target.all():
                assert picture[target].mean() > picture[~target].mean() + 0.3
                compared += 1
    assert compared > 10


def test_the_text_tower_reads_as_the_open_clip_model_that_it_is_built_from() -> None:
    source = find_model(EMBEDDED, None)
    network, tokenizer = new_network(read_weights(source.weights)), make_tokenizer(source)
    texts = ("road", "a baby crawling over the road", "A Person's car!", "zebra crossing " * 20)

    rows = torch.nn.functional.normalize(embed_prompts(network, tokenizer, texts), dim=1)

    expected = load_open_clip(precision="fp32").encode_texts(texts)
    assert (rows.numpy() * expected).sum(axis=1) == pytest.approx(np.ones(4), abs=1e-4)


def test_a_fit_goes_on_where_it_stopped_and_loads_as_a_segmenter(tmp_path: Path) -> None:
    source = find_model(EMBEDDED, None)
    tokenizer, prompts = make_tokenizer(source), table(ROAD)
    checkpoint, losses = tmp_path / "masks.pt", {}

    def fit_to(steps: int) -> MaskFit:
        fit = MaskFit(new_network(read_weights(source.weights)), 1)
        fit_masks(
            fit,
            MaskSamples(half_road(), [ROAD], prompts, patch=16),
            embed_prompts(fit.network, tokenizer, prompts.texts),
            settings=MaskFitSettings(steps=steps, samples=2, prompts=2, side=32, small_side=32),
            checkpoint=checkpoint,
            report=losses.__setitem__,
        )
        return fit

    assert (fit_to(1).step, fit_to(1).step) == (1, 1)
    fit = fit_to(20)
    assert fit.step == 20
    assert losses[20].keys() == {"pixels", "overlap", "tutor"}
    with pytest.raises(ModelError, match="expected at most 1 steps done, got 20"):
        fit_to(1)
    export_masks(fit.averaged, tokenizer, tmp_path / "model")
    picture = np.zeros((90, 160, 3), np.uint8)
    logits = load_clipseg(str(tmp_path / "model")).segment([picture], ["road", "sky"])
    assert logits.shape == (1, 2, 256, 256)


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_noise_is_a_share_of_the_length_of_a_prompt(noise: float) -> None:
    rows = torch.randn(40, 256, generator=torch.Generator().manual_seed(0))

    moved = blur(rows, noise, torch.Generator().manual_seed(1)) - rows

    lengths = moved.norm(dim=1) / rows.norm(dim=1)
    assert lengths.numpy() == pytest.approx(np.full(40, noise), rel=0.2)


class Oracle:
    """Marks what is true of rendered frames, or its opposite."""

    def __init__(self, drives: EvaluationDrives, *, sign: float) -> None:
        self._masks: dict[bytes, npt.NDArray[np.uint8]] = {
            frame.rgb.tobytes(): frame.labels_mask for drive in drives for frame in drive
        }
        self._sign = sign
        self._meaning = {
            text: target.classes
            for target in measured_targets()
            for text in (target.name, *HELD_OUT_STUFF[target.name])
        }

    @property
    def info(self) -> SegmenterInfo:
        return SegmenterInfo("oracle", "cpu", "fp32", (90, 160))

    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        (rgb,) = images
        ids = self._masks[rgb.tobytes()]
        marked = [np.isin(ids, list(self._meaning.get(prompt, ()))) for prompt in prompts]
        return np.asarray(self._sign * np.where(marked, 4.0, -4.0)[None], np.float32)


DRIVES = EvaluationDrives(
    rounds=1, seconds=1.0, rate_hz=1.0, size_wh=(160, 90), scenarios=("city-day", "crossing-adult")
)


def test_who_marks_what_is_there_scores_one_and_who_marks_the_rest_nothing() -> None:
    right = measure_masks(Oracle(DRIVES, sign=1.0), DRIVES)
    wrong = measure_masks(Oracle(DRIVES, sign=-1.0), DRIVES)

    assert right.frames == wrong.frames == 2
    assert right.own["road"].iou == right.other["sky"].iou == 1.0
    assert right.almost_empty == 1.0
    assert wrong.own["road"].iou == 0.0
    assert wrong.almost_empty == 0.0


def test_overlap_is_counted_over_all_pixels_of_all_frames() -> None:
    there = np.array([[True, True, False, False]])
    none = np.zeros_like(there)

    overlap = Overlap().with_frame(there, there[:, ::-1] | there).with_frame(none, none)

    assert overlap == Overlap(marked=2, either=4)
    assert overlap.iou == 0.5
    assert np.isnan(Overlap().iou)
