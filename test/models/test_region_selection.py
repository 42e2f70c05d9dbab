"""The choice of regions, beside torchvision's own."""

from __future__ import annotations

import pytest
import torch
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import concat_box_prediction_layers

from scene_clip_ros.models.dense_regions import TorchDense
from scene_clip_ros.models.region_network import RegionConfig, build_region_network
from scene_clip_ros.models.region_selection import RegionSelection

CONFIG = RegionConfig(classes=("person", "car"), channels=16, head_width=16, size_wh=(256, 160))
CANDIDATES, COUNT, IOU = 150, 60, 0.6


@pytest.mark.parametrize("sizes_hw", [[(160, 256)], [(160, 250), (131, 256)]], ids=["one", "two"])
def test_regions_are_those_of_torchvision(sizes_hw: list[tuple[int, int]]) -> None:
    torch.manual_seed(4)
    network = build_region_network(CONFIG).eval()
    for parameter in network.rpn.head.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    rpn = network.rpn
    rpn._pre_nms_top_n = {"training": 0, "testing": CANDIDATES}
    rpn._post_nms_top_n = {"training": 0, "testing": COUNT}
    rpn.nms_thresh = IOU
    pixels = torch.rand(len(sizes_hw), 3, 160, 256)
    with torch.inference_mode():
        seen = TorchDense(network)(pixels)
        anchors = rpn.anchor_generator(ImageList(pixels, sizes_hw), list(seen.features.values()))
        per_level = [int(level[0].numel()) for level in seen.logits]
        logits, deltas = concat_box_prediction_layers(seen.logits, seen.deltas)
        decoded = rpn.box_coder.decode(deltas, anchors).view(len(sizes_hw), -1, 4)
        expected_boxes, expected_scores = rpn.filter_proposals(decoded, logits, sizes_hw, per_level)

        selection = RegionSelection(rpn, candidates=CANDIDATES, count=COUNT, max_iou=IOU)
        boxes, scores = selection.select(seen, (160, 256), sizes_hw)

    assert [len(each) for each in boxes] == [COUNT] * len(sizes_hw)
    for ours, theirs in zip(boxes, expected_boxes, strict=True):
        torch.testing.assert_close(ours, theirs)
    for ours, theirs in zip(scores, expected_scores, strict=True):
        torch.testing.assert_close(ours, theirs)
