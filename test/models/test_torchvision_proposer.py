"""Faster R-CNN as a proposer: real networks with random weights, saved to and read from files."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torchvision import models
from torchvision.models.detection import FasterRCNN

from scene_clip_ros.core.detector_classes import unasked_objects
from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.models.proposer import ProposalLimits, ProposerInfo
from scene_clip_ros.models.proposer_source import load_proposer
from scene_clip_ros.models.region_network import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    RegionConfig,
    build_region_network,
    read_region_config,
)
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.torchvision_proposer import TorchvisionProposer
from scene_clip_ros.resources import DRIVING_VOCABULARY

CONFIG = RegionConfig(classes=("person", "car"), channels=16, head_width=16, size_wh=(256, 144))
SIZES_WH = [(1280, 720), (320, 180), (180, 320), (97, 97)]


@lru_cache
def network() -> FasterRCNN:
    torch.manual_seed(1)
    return build_region_network(CONFIG)


def write_folder(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / CONFIG_FILE).write_text(CONFIG.to_json(), encoding="utf-8")
    save_file({k: v.half() for k, v in floats().items()}, folder / WEIGHTS_FILE)
    return folder


def floats() -> dict[str, torch.Tensor]:
    return {
        name: value.contiguous()
        for name, value in network().state_dict().items()
        if value.is_floating_point()
    }


@pytest.fixture
def proposer(tmp_path: Path) -> TorchvisionProposer:
    return load_proposer(str(write_folder(tmp_path / "regions")), device="cpu")


def noise(size_wh: tuple[int, int], seed: int = 0) -> ImageArray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (size_wh[1], size_wh[0], 3), np.uint8)


@pytest.mark.parametrize("size_wh", SIZES_WH, ids=str)
def test_boxes_lie_in_the_picture_they_came_from(
    proposer: TorchvisionProposer, size_wh: tuple[int, int]
) -> None:
    (found,) = proposer.propose([noise(size_wh)])
    left, top, right, bottom = found.xyxy.T
    width, height = size_wh
    assert len(found) > 0
    assert (left >= 0).all()
    assert (top >= 0).all()
    assert (right <= width + 1e-3).all()
    assert (bottom <= height + 1e-3).all()
    assert (right > left).all()
    assert (bottom > top).all()
    assert found.xyxy[:, 2].max() > 0.6 * width


def test_scores_are_probabilities_by_class(proposer: TorchvisionProposer) -> None:
    (found,) = proposer.propose([noise((200, 100))])
    assert found.class_scores.shape == (len(found), 2)
    assert ((found.class_scores >= 0) & (found.class_scores <= 1)).all()
    assert ((found.objectness >= 0) & (found.objectness <= 1)).all()


@lru_cache
def biased() -> TorchvisionProposer:
    """Return a network that tells padding from nothing, as trained ones do."""
    torch.manual_seed(1)
    net = build_region_network(CONFIG)
    for name, parameter in net.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.3)
    return TorchvisionProposer(net, info=ProposerInfo("biased", CONFIG.classes, "cpu"))


@pytest.mark.parametrize("size_wh", SIZES_WH, ids=str)
def test_a_picture_is_seen_beside_others_as_it_is_alone(size_wh: tuple[int, int]) -> None:
    proposer, picture = biased(), noise(size_wh)
    others = [noise(other, seed) for seed, other in enumerate(SIZES_WH, 1) if other != size_wh]
    (alone,) = proposer.propose([picture])

    beside = proposer.propose([others[0], picture, *others[1:]])[1]

    # Pictures of one scaled size are a batch, whose sums round otherwise than those of one picture.
    for name, rounding in {"xyxy": 1e-2, "objectness": 1e-5, "class_scores": 1e-5}.items():
        came, expected = getattr(beside, name), getattr(alone, name)
        assert came.shape == expected.shape, name
        assert np.allclose(came, expected, rtol=0, atol=rounding), name


def test_pictures_of_one_size_share_one_call() -> None:
    torch.manual_seed(1)
    net, batches = build_region_network(CONFIG), []
    info = ProposerInfo("random", CONFIG.classes, "cpu")
    proposer = TorchvisionProposer(net, info=info)
    net.backbone.register_forward_hook(lambda _net, given, _out: batches.append(len(given[0])))
    wide, tall, twice_as_large = noise((96, 54)), noise((54, 96)), noise((192, 108))

    found = proposer.propose([wide, tall, twice_as_large, tall, wide])

    assert batches == [3, 2]
    assert [each.xyxy[:, 2].max() > 60 for each in found] == [True, False, True, False, True]


def test_no_pictures_give_no_proposals(proposer: TorchvisionProposer) -> None:
    assert proposer.propose([]) == []


def test_equal_pictures_give_equal_proposals(proposer: TorchvisionProposer) -> None:
    first, second = (proposer.propose([noise((160, 90))])[0] for _ in range(2))
    assert np.array_equal(first.xyxy, second.xyxy)


def test_a_read_only_picture_is_no_obstacle(proposer: TorchvisionProposer) -> None:
    picture = noise((64, 64))
    picture.flags.writeable = False
    assert len(proposer.propose([picture])) == 1


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(ProposalLimits(count=3), id="count"),
        pytest.param(ProposalLimits(min_side=0.3), id="side"),
        pytest.param(ProposalLimits(max_area=0.05), id="area"),
    ],
)
def test_limits_hold(tmp_path: Path, limits: ProposalLimits) -> None:
    folder = write_folder(tmp_path / "regions")
    (found,) = load_proposer(str(folder), device="cpu", limits=limits).propose([noise((320, 180))])
    sides = found.xyxy[:, 2:] - found.xyxy[:, :2]
    assert len(found) <= limits.count
    assert (sides >= limits.min_side * 180 - 1e-3).all()
    assert (sides.prod(axis=1) <= limits.max_area * 320 * 180 + 1).all()


@pytest.mark.parametrize(
    "options", [{"count": 0}, {"min_side": 1.0}, {"min_side": -0.1}, {"max_area": 0.0}]
)
def test_limits_that_leave_nothing_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="expected"):
        ProposalLimits(**options)  # type: ignore[arg-type]


def test_a_model_that_computes_nan_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "regions")
    broken = {name: value * float("nan") for name, value in floats().items()}
    save_file(broken, folder / WEIGHTS_FILE)
    with pytest.raises(ModelError, match="expected finite boxes and scores"):
        load_proposer(str(folder), device="cpu")


def test_a_network_that_sees_nothing_proposes_nothing(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "regions")
    blind = floats()
    blind["rpn.head.cls_logits.bias"] = blind["rpn.head.cls_logits.bias"] - 1e4
    save_file(blind, folder / WEIGHTS_FILE)
    proposer = load_proposer(str(folder), device="cpu", limits=ProposalLimits(min_side=0.99))
    found = proposer.propose([noise((160, 90)), noise((90, 160))])
    assert [len(each) for each in found] == [0, 0]
    assert [each.class_scores.shape for each in found] == [(0, 2), (0, 2)]


def test_identity_follows_the_weights(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "regions")
    first = load_proposer(str(folder), device="cpu").info.model_id
    save_file({k: v * 0.9 for k, v in floats().items()}, folder / WEIGHTS_FILE)
    second = load_proposer(str(folder), device="cpu").info.model_id
    assert first != second
    assert first.startswith("regions/model@")


def test_torchvision_variants_load_from_a_file(tmp_path: Path) -> None:
    torch.manual_seed(2)
    name = "fasterrcnn_mobilenet_v3_large_320_fpn"
    path = tmp_path / "random.pth"
    model = models.get_model(name, weights=None, weights_backbone=None, num_classes=91)
    torch.save(model.state_dict(), path)
    proposer = load_proposer(name, str(path), device="cpu")
    (found,) = proposer.propose([noise((320, 180))])
    assert proposer.info.classes[0] == "person"
    assert "bicycle" in proposer.info.classes
    assert found.class_scores.shape[1] == 90


def test_what_coco_knows_beside_the_vocabulary_is_told_once_and_without_gaps() -> None:
    published = models.get_model_weights("fasterrcnn_resnet50_fpn_v2")["DEFAULT"].meta["categories"]
    coco = tuple(published[1:])
    assert coco.count("N/A") == 10

    others = unasked_objects(load_vocabulary(DRIVING_VOCABULARY).queries, coco)

    assert len(set(others)) == len(others)
    assert not any("N/A" in text for text in others)
    assert {"a bicycle", "an umbrella"} <= set(others)
    assert not {"a person", "a car", "a dog"} & set(others)
    assert len(others) == 80 - 9


def test_an_own_class_head_has_numbered_classes(tmp_path: Path) -> None:
    name = "fasterrcnn_mobilenet_v3_large_320_fpn"
    path = tmp_path / "own.safetensors"
    model = models.get_model(name, weights=None, weights_backbone=None, num_classes=3)
    save_file(model.state_dict(), path)
    assert load_proposer(name, str(path), device="cpu").info.classes == ("class 1", "class 2")


class TestRefusals:
    @pytest.fixture(autouse=True)
    def _empty_cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))

    def test_unknown_detector(self) -> None:
        with pytest.raises(ModelError, match=r"detector: expected one of embedded, .*; got 'yolo'"):
            load_proposer("yolo")

    def test_weights_that_are_not_here(self) -> None:
        with pytest.raises(ModelError, match=r"expected the weights COCO_V1 at .*download https"):
            load_proposer("fasterrcnn_resnet50_fpn_v2")

    def test_unknown_tag(self) -> None:
        with pytest.raises(ModelError, match="expected a weights file or one of COCO_V1"):
            load_proposer("fasterrcnn_resnet50_fpn_v2", "COCO_V9")

    def test_weights_of_another_model(self, tmp_path: Path) -> None:
        path = tmp_path / "other.safetensors"
        save_file({"weight": torch.zeros(2)}, path)
        with pytest.raises(ModelError, match="got none of its class head"):
            load_proposer("fasterrcnn_resnet50_fpn_v2", str(path))

    def test_weights_of_another_folder(self, tmp_path: Path) -> None:
        folder = write_folder(tmp_path / "regions")
        save_file({"weight": torch.zeros(2)}, folder / WEIGHTS_FILE)
        with pytest.raises(ModelError, match="expected weights of this detector"):
            load_proposer(str(folder))

    @pytest.mark.parametrize(
        "text", ["{}", "[]", "nonsense", '{"classes": ["a"], "colour": 1}'], ids=str
    )
    def test_broken_configuration(self, tmp_path: Path, text: str) -> None:
        folder = write_folder(tmp_path / "regions")
        (folder / CONFIG_FILE).write_text(text, encoding="utf-8")
        with pytest.raises(ModelError, match="expected a JSON object with the keys classes"):
            load_proposer(str(folder))

    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            pytest.param("classes", [], "names of one or more classes", id="no classes"),
            pytest.param("classes", "car", "names of one or more classes", id="classes: a text"),
            pytest.param("classes", ["car", "car"], "all different", id="classes: one twice"),
            pytest.param("classes", ["car", ""], "none empty", id="classes: one empty"),
            pytest.param("trunk", 3, "the name of a timm model", id="trunk"),
            pytest.param("channels", 0, "a whole number from 1 on", id="channels"),
            pytest.param("head_width", 1.5, "a whole number from 1 on", id="head_width"),
            pytest.param("looks", True, "a whole number from 1 on", id="looks"),
            pytest.param("anchor_sizes", [[8]] * 4, "5 lists of sides above 0", id="4 levels"),
            pytest.param("anchor_sizes", [[8]] * 4 + [[]], "as many each", id="uneven"),
            pytest.param("anchor_sizes", [8] * 5, "5 lists of sides above 0", id="no lists"),
            pytest.param("anchor_sizes", [[-8]] * 5, "5 lists of sides above 0", id="negative"),
            pytest.param("aspect_ratios", [], "one or more numbers above 0", id="no ratios"),
            pytest.param("aspect_ratios", [0.0], "one or more numbers above 0", id="flat"),
            pytest.param("size_wh", [960], "2 whole numbers from 1 on", id="size of one"),
            pytest.param("size_wh", 960, "2 whole numbers from 1 on", id="size: a number"),
            pytest.param("size_wh", [960, 0], "2 whole numbers from 1 on", id="size: empty"),
            pytest.param("mean", [0.5, 0.5], "3 numbers in \\[0, 1\\]", id="mean"),
            pytest.param("std", [0.5, 0.5, 0.0], "3 numbers above 0, up to 1", id="std"),
        ],
    )
    def test_wrong_values_in_the_configuration(
        self, tmp_path: Path, field: str, value: object, expected: str
    ) -> None:
        folder = write_folder(tmp_path / "regions")
        values = json.loads(CONFIG.to_json()) | {field: value}
        (folder / CONFIG_FILE).write_text(json.dumps(values), encoding="utf-8")
        with pytest.raises(
            ModelError, match=f"{CONFIG_FILE}: {field}: expected .*{expected}.* got"
        ):
            load_proposer(str(folder))

    def test_unknown_trunk(self) -> None:
        with pytest.raises(ModelError, match="expected a trunk that timm knows, got 'abacus'"):
            build_region_network(RegionConfig(classes=("car",), trunk="abacus"))


def test_a_configuration_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / CONFIG_FILE
    path.write_text(CONFIG.to_json(), encoding="utf-8")
    assert read_region_config(path) == CONFIG


class TestOtherRuntimes:
    @pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
    def test_regions_are_those_that_torch_finds(self, tmp_path: Path, backend: str) -> None:
        pytest.importorskip(backend)
        folder = str(write_folder(tmp_path / "regions"))
        pictures = [noise((320, 180)), noise((180, 320), 1), noise((320, 180), 2)]
        expected = load_proposer(folder, device="cpu", precision="fp32").propose(pictures)

        proposer = load_proposer(
            folder,
            device="cpu",
            precision="fp32",
            backend=backend,
            cache=NetworkCache(tmp_path / "cache"),
        )

        assert proposer.info.backend == backend
        for ours, theirs in zip(proposer.propose(pictures), expected, strict=True):
            assert len(ours) == len(theirs)
            np.testing.assert_allclose(ours.xyxy, theirs.xyxy, atol=0.05)
            np.testing.assert_allclose(ours.objectness, theirs.objectness, atol=1e-4)
            np.testing.assert_allclose(ours.class_scores, theirs.class_scores, atol=1e-4)

    def test_what_is_exported_of_a_network_in_bf16_is_in_fp32(self, tmp_path: Path) -> None:
        pytest.importorskip("openvino")
        folder = str(write_folder(tmp_path / "regions"))
        cache = NetworkCache(tmp_path / "cache")

        proposer = load_proposer(
            folder, device="cpu", precision="bf16", backend="openvino", cache=cache
        )

        assert proposer.info.backend == "openvino"
        assert len(proposer.propose([noise((320, 180))])[0]) > 0

    def test_torchvision_variants_run_there_too(self, tmp_path: Path) -> None:
        pytest.importorskip("openvino")
        torch.manual_seed(2)
        name = "fasterrcnn_mobilenet_v3_large_320_fpn"
        model = models.get_model(name, weights=None, weights_backbone=None, num_classes=91)
        torch.save(model.state_dict(), tmp_path / "random.pth")

        proposer = load_proposer(
            name,
            str(tmp_path / "random.pth"),
            device="cpu",
            precision="fp32",
            backend="openvino",
            cache=NetworkCache(tmp_path / "cache"),
        )

        assert proposer.info.backend == "openvino"
        assert proposer.propose([noise((320, 180))])[0].class_scores.shape[1] == 90
