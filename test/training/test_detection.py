"""The detector's training: what samples show, and that a fit goes on where it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from scene_clip_ros.cli.main import build_parser
from scene_clip_ros.models.proposer_source import load_proposer
from scene_clip_ros.training import scenes
from scene_clip_ros.training.detection.fit import (
    RegionFit,
    RegionFitSettings,
    fit_regions,
    new_network,
)
from scene_clip_ros.training.detection.recipe import (
    RegionRecipe,
    embedded_trunk,
    export_regions,
)
from scene_clip_ros.training.detection.samples import CLASSES, SAMPLE_WH, SceneSamples
from scene_clip_ros.training.scenes import SceneShard

GROUND, BRIGHT = 30, 235
THING = (300, 150, 340, 220)


def box(kind: str = "adult", xyxy: tuple[int, int, int, int] = THING) -> dict[str, Any]:
    return {"class": kind, "xyxy": list(xyxy), "visible": 1.0, "contrast": 0.8, "colour": "white"}


def scene(*boxes: dict[str, Any]) -> SceneShard:
    """Return a dark picture with a bright rectangle for every box."""
    rgb = np.full((360, 640, 3), GROUND, np.uint8)
    for each in boxes:
        left, top, right, bottom = each["xyxy"]
        rgb[top:bottom, left:right] = BRIGHT
    _, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 100])
    return SceneShard((data.tobytes(),), ({"boxes": list(boxes)},))


def draw(shard: SceneShard, *, count: int = 24) -> list[tuple[torch.Tensor, dict[str, Any]]]:
    rng, generator = np.random.default_rng(3), torch.Generator().manual_seed(3)
    pictures, targets = SceneSamples(shard).draw(rng, generator, count=count)
    return list(zip(pictures, targets, strict=True))


def test_boxes_of_samples_enclose_what_they_did_in_the_picture() -> None:
    seen = 0
    for picture, target in draw(scene(box())):
        assert picture.shape == (3, SAMPLE_WH[1], SAMPLE_WH[0])
        for left, top, right, bottom in target["boxes"].round().int().tolist():
            grey = picture.mean(dim=0)
            inside = grey[top:bottom, left:right]
            around = grey.clone()
            around[max(0, top - 3) : bottom + 3, max(0, left - 3) : right + 3] = 0
            assert inside.median() > 0.5
            assert around.max() < 0.75 * inside.median()
            seen += 1
    assert seen >= 18


def test_boxes_of_samples_lie_in_them() -> None:
    for _, target in draw(scene(box(), box("car", (560, 200, 640, 300)))):
        boxes = target["boxes"]
        assert boxes.shape[1:] == (4,)
        assert (boxes[:, :2] >= 0).all()
        assert (boxes[:, 2:] <= torch.tensor(SAMPLE_WH)).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_labels_begin_after_the_background() -> None:
    labels = {int(each) for _, target in draw(scene(box("debris"))) for each in target["labels"]}
    assert labels == {CLASSES.index("debris") + 1}


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param({"visible": 0.1}, id="hidden by something"),
        pytest.param({"contrast": 0.02}, id="lost in haze"),
        pytest.param({"xyxy": [300, 150, 301, 154]}, id="a speck"),
    ],
)
def test_what_cannot_be_made_out_is_no_target(hidden: dict[str, Any]) -> None:
    shown = box("car", (400, 100, 480, 160))
    unseen = {**box(), **hidden}
    picture = scene(shown)
    shard = SceneShard(picture.jpegs, ({"boxes": [shown, unseen]},))
    for _, target in draw(shard):
        assert set(target["labels"].tolist()) <= {CLASSES.index("car") + 1}


def test_rare_things_come_more_often_than_they_occur() -> None:
    many = [box("car", (x, 20, x + 40, 60)) for x in range(0, 600, 60)]
    drawn = draw(scene(*many, box("baby", (300, 300, 340, 340))), count=60)
    babies = sum(CLASSES.index("baby") + 1 in target["labels"].tolist() for _, target in drawn)
    assert babies > 60 / len(many)


def test_scenes_are_rendered_once_and_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenes, "DRIVES_PER_SHARD", 1)
    shard = scenes.render_scenes(5)
    assert len(shard) == scenes.FRAMES_PER_DRIVE == len(shard.truths)
    assert shard.decode(0).shape == (540, 960, 3)
    assert shard.decode_mask(0).shape == (540, 960)

    kept = tmp_path / "scenes-00000.npz"
    monkeypatch.setattr(scenes, "render_scenes", lambda _number, **_options: scene(box()))
    scenes._write_scenes(0, kept, size_wh=(640, 360))
    before = kept.stat().st_mtime_ns
    assert scenes.ensure_scenes(tmp_path, 1) == [kept]
    assert kept.stat().st_mtime_ns == before
    read = scenes.load_scenes([kept, kept])
    assert len(read) == 2
    assert read.truths[1] == {"boxes": [box()]}
    assert np.array_equal(read.decode(0), scene(box()).decode(0))


def test_a_fit_goes_on_where_it_stopped_and_loads_as_a_detector(tmp_path: Path) -> None:
    data, losses = SceneSamples(scene(box())), {}
    checkpoint = tmp_path / "regions.pt"

    def fit_to(steps: int) -> RegionFit:
        fit = RegionFit(new_network(embedded_trunk()))
        settings = RegionFitSettings(steps=steps, samples=2, checkpoint_every=1)
        fit_regions(fit, data, settings=settings, checkpoint=checkpoint, report=losses.__setitem__)
        return fit

    first = fit_to(1)
    again = fit_to(1)
    on = fit_to(2)
    assert (first.step, again.step, on.step) == (1, 1, 2)
    weights = [fit.network.rpn.head.cls_logits.weight for fit in (first, again, on)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[1], weights[2])

    export_regions(on.averaged, tmp_path / "detector")
    assert load_proposer(str(tmp_path / "detector"), device="cpu").info.classes == CLASSES


def test_the_command_trains_by_the_recipe_unless_told_otherwise() -> None:
    args = build_parser().parse_args(["train-regions", "-o", "somewhere"])
    assert RegionRecipe(args.shards, args.steps) == RegionRecipe()
