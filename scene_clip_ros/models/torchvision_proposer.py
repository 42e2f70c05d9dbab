"""Proposes regions with a Faster R-CNN of torchvision (Ren et al., 2015, arXiv:1506.01497).

Unlike the detector's own post-processing this keeps what its Region Proposal Network finds
object-like even where none of its classes fits, and says both scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import clip_boxes_to_image, nms
from torchvision.transforms.v2 import functional as transforms

from scene_clip_ros.core.box_types import Proposals
from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.models.dense_regions import LookAll, TorchDense
from scene_clip_ros.models.proposer import ProposalLimits, ProposerInfo
from scene_clip_ros.models.region_selection import RegionSelection

_SAME_OBJECT_IOU = 0.7
_NETWORK_CANDIDATES = 800
_NETWORK_PROPOSALS = 300
_NETWORK_IOU = 0.6
_UNKNOWN_WEIGHT = 0.5
"""How much objectness alone counts, beside a known class, in choosing the best regions."""


class TorchvisionProposer:
    """A Faster R-CNN on one device. Made by `load_proposer`."""

    def __init__(
        self,
        network: FasterRCNN,
        *,
        info: ProposerInfo,
        limits: ProposalLimits | None = None,
        looks: int = 1,
        look_all: LookAll | None = None,
    ) -> None:
        """Move a network to its device and run it once.

        Args:
            network: With weights; its classes after the background are ``info.classes``.
            info: What it is.
            limits: Which regions are kept; None: the defaults.
            looks: How often its box head looks, each time where it saw the thing before, ≥ 1;
                what it says of the classes is averaged (after Cai and Vasconcelos, "Cascade
                R-CNN", CVPR 2018).
            look_all: Looks at whole pictures in the network's place; None: the network itself.

        Raises:
            ModelError: It computes NaN, or the classes are not those of its class head.
        """
        self._device = torch.device(info.device)
        self._network = network.eval().requires_grad_(False).to(self._device)
        self._look_all = look_all or TorchDense(self._network)
        self._selection = RegionSelection(
            self._network.rpn,
            candidates=_NETWORK_CANDIDATES,
            count=_NETWORK_PROPOSALS,
            max_iou=_NETWORK_IOU,
        )
        self._info = info
        self._limits = limits or ProposalLimits()
        self._looks = looks
        (blank,) = self._run([np.zeros((64, 96, 3), np.uint8)])
        if blank.class_scores.shape[1] != len(info.classes):
            heads = blank.class_scores.shape[1]
            message = f"expected names of {heads} classes, got {len(info.classes)}"
            raise ModelError(message)

    @property
    def info(self) -> ProposerInfo:
        """What is loaded."""
        return self._info

    def propose(self, images: Sequence[ImageArray]) -> list[Proposals]:
        """Propose regions in pictures, in one call for all that are scaled to one size.

        Pictures of other sizes would be padded to one, and what is found in one depend on others.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each; sizes may differ.

        Returns:
            Regions by picture, in pixels of that picture, best first.

        Raises:
            ModelError: A score or a box is NaN or infinite.
        """
        groups: dict[tuple[int, int], list[int]] = {}
        for index, image in enumerate(images):
            groups.setdefault(self._scaled_hw(image), []).append(index)
        found: dict[int, Proposals] = {}
        for group in groups.values():
            found.update(zip(group, self._run([images[index] for index in group]), strict=True))
        return [found[index] for index in range(len(images))]

    @torch.inference_mode()
    def _run(self, images: Sequence[ImageArray]) -> list[Proposals]:
        """Propose regions in pictures that are scaled to one size; at least one."""
        batch = self._batch(images)
        seen = self._look_all(batch.tensors)
        # Regions that are NaN would be sorted out in silence, and nothing ever be found.
        _require_finite(*seen.logits, *seen.deltas)
        height, width = (int(side) for side in batch.tensors.shape[-2:])
        regions, objectness = self._selection.select(seen, (height, width), batch.image_sizes)
        boxes, scores = self._look(batch, seen.features, regions)
        return [
            self._choose(image, size_hw, boxes=b, objectness=o, scores=s)
            for image, size_hw, b, o, s in zip(
                images, batch.image_sizes, boxes, objectness, scores, strict=True
            )
        ]

    def _batch(self, images: Sequence[ImageArray]) -> ImageList:
        """Scale every picture as the network expects, and pad it to what its strides divide."""
        transform = self._network.transform
        scaled = [transform.normalize(self._scale(image)) for image in images]
        sizes = [(int(each.shape[1]), int(each.shape[2])) for each in scaled]
        padded = transform.batch_images(scaled, size_divisible=transform.size_divisible)
        return ImageList(padded, sizes)

    def _scaled_hw(self, image: ImageArray) -> tuple[int, int]:
        """Return the height and width in pixels to which a picture is scaled."""
        transform = self._network.transform
        height, width = image.shape[:2]
        ratio = min(
            transform.min_size[-1] / min(height, width), transform.max_size / max(height, width)
        )
        return max(1, round(height * ratio)), max(1, round(width * ratio))

    def _scale(self, image: ImageArray) -> torch.Tensor:
        # torch warns about arrays that it could write to by mistake, so a read-only one is copied.
        pixels = torch.from_numpy(np.require(image, requirements=("C", "W"))).permute(2, 0, 1)
        resized: torch.Tensor = transforms.resize(
            pixels.to(self._device), list(self._scaled_hw(image)), antialias=True
        )
        return resized.to(torch.float32) / 255.0

    def _look(
        self, batch: ImageList, features: dict[str, torch.Tensor], regions: list[torch.Tensor]
    ) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Return corrected regions and scores of the classes, over all looks."""
        said: list[list[torch.Tensor]] = []
        for _ in range(self._looks):
            boxes, scores = self._classify(batch, features, regions)
            said.append(scores)
            regions = [
                clip_boxes_to_image(each, size)
                for each, size in zip(boxes, batch.image_sizes, strict=True)
            ]
        return regions, [torch.stack(each).mean(dim=0) for each in zip(*said, strict=True)]

    def _classify(
        self, batch: ImageList, features: dict[str, torch.Tensor], regions: list[torch.Tensor]
    ) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Return regions, corrected for their likeliest class, and scores of one look."""
        heads = self._network.roi_heads
        counts = [len(each) for each in regions]
        if not any(counts):
            classes = heads.box_predictor.cls_score.out_features - 1
            nothing = torch.zeros((0, classes), device=self._device)
            return list(regions), [nothing for _ in regions]
        pooled = heads.box_roi_pool(features, regions, batch.image_sizes)
        logits, deltas = heads.box_predictor(heads.box_head(pooled))
        scores = logits.softmax(dim=-1)[:, 1:]
        corrected = heads.box_coder.decode(deltas, regions)
        likeliest = scores.argmax(dim=1) + 1
        boxes = corrected[torch.arange(len(corrected), device=self._device), likeliest]
        _require_finite(scores, boxes)
        return list(boxes.split(counts)), list(scores.split(counts))

    def _choose(
        self,
        image: ImageArray,
        size_hw: tuple[int, int],
        *,
        boxes: torch.Tensor,
        objectness: torch.Tensor,
        scores: torch.Tensor,
    ) -> Proposals:
        """Keep the best of a picture's regions, in its own pixels."""
        rank = torch.maximum(scores.amax(dim=1), _UNKNOWN_WEIGHT * objectness)
        kept = nms(boxes, rank, _SAME_OBJECT_IOU)
        height, width = image.shape[:2]
        stretch = torch.tensor((width / size_hw[1], height / size_hw[0]) * 2, device=self._device)
        sized = boxes[kept] * stretch
        sides = sized[:, 2:] - sized[:, :2]
        fits = (sides.amin(dim=1) >= max(1.0, self._limits.min_side * height)) & (
            sides.prod(dim=1) <= self._limits.max_area * width * height
        )
        chosen = kept[fits][: self._limits.count]
        return Proposals(
            xyxy=_array(sized[fits][: self._limits.count].clamp(min=0)),
            objectness=_array(objectness[chosen].clamp(0, 1)),
            class_scores=_array(scores[chosen].clamp(0, 1)),
        )


def _require_finite(*tensors: torch.Tensor) -> None:
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors):
        message = "expected finite boxes and scores, got NaN or infinity"
        raise ModelError(message)


def _array(values: torch.Tensor) -> Any:
    return values.to("cpu", torch.float32).numpy()
