"""Chooses the best regions of what a Region Proposal Network says of every place of a picture.

What torchvision's own ``filter_proposals`` does, with the same outcome. But the best anchors are
chosen before their boxes are worked out: of some 300,000 at 960x540 only a few thousand are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torchvision.ops import batched_nms, clip_boxes_to_image

from scene_clip_ros.models.dense_regions import DenseRegions


class RegionSelection:
    """Regions by picture, from the outputs of a proposal head."""

    def __init__(self, rpn: Any, *, candidates: int, count: int, max_iou: float) -> None:
        """Take torchvision's proposal network for its anchors and its coding of boxes.

        Args:
            rpn: Its ``RegionProposalNetwork``.
            candidates: Anchors of a level that are looked at, best first.
            count: Most regions of a picture.
            max_iou: Overlap above which of two regions of a level only the better is kept.
        """
        self._rpn = rpn
        self._candidates = candidates
        self._count = count
        self._max_iou = max_iou
        self._anchors: dict[tuple[Any, ...], list[torch.Tensor]] = {}

    def select(
        self, seen: DenseRegions, image_hw: tuple[int, int], sizes_hw: Sequence[tuple[int, int]]
    ) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """Choose.

        Args:
            seen: Of N pictures.
            image_hw: Height and width of the batch in pixels.
            sizes_hw: Of each picture in it.

        Returns:
            ``(R, 4)`` float32 xyxy and ``(R,)`` objectness in [0, 1] by picture, best first.
        """
        parts = [
            self._best_of_level(logits, deltas, anchors)
            for logits, deltas, anchors in zip(
                seen.logits, seen.deltas, self._anchors_of(seen, image_hw), strict=True
            )
        ]
        boxes = torch.cat([boxes for boxes, _ in parts], dim=1)
        logits = torch.cat([logits for _, logits in parts], dim=1)
        levels = torch.cat(
            [
                torch.full((part.shape[1],), number, device=part.device)
                for number, (_, part) in enumerate(parts)
            ]
        )
        chosen = [
            self._choose(*each, levels=levels)
            for each in zip(boxes, logits.sigmoid(), sizes_hw, strict=True)
        ]
        return [boxes for boxes, _ in chosen], [scores for _, scores in chosen]

    def _best_of_level(
        self, logits: torch.Tensor, deltas: torch.Tensor, anchors: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return ``(N, K, 4)`` boxes and ``(N, K)`` logits of a level's best anchors."""
        pictures, per_place, height, width = logits.shape
        # Anchors are numbered place by place, as torchvision's generator lists them.
        flat = logits.permute(0, 2, 3, 1).reshape(pictures, -1)
        best, index = flat.topk(min(self._candidates, flat.shape[1]), dim=1)
        place, anchor = index // per_place, index % per_place
        by_anchor = deltas.view(pictures, per_place, 4, height * width)
        rows = torch.arange(pictures, device=index.device)[:, None]
        corrections = by_anchor[rows, anchor, :, place].reshape(-1, 4)
        chosen = anchors[index.flatten()]
        boxes = self._rpn.box_coder.decode_single(corrections, chosen)
        return boxes.view(pictures, -1, 4), best

    def _choose(
        self,
        boxes: torch.Tensor,
        scores: torch.Tensor,
        size_hw: tuple[int, int],
        *,
        levels: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        clipped = clip_boxes_to_image(boxes, size_hw)
        sides = clipped[:, 2:] - clipped[:, :2]
        fits = (sides.amin(dim=1) >= self._rpn.min_size) & (scores >= self._rpn.score_thresh)
        clipped, scores, levels = clipped[fits], scores[fits], levels[fits]
        kept = batched_nms(clipped, scores, levels, self._max_iou)[: self._count]
        return clipped[kept], scores[kept]

    def _anchors_of(self, seen: DenseRegions, image_hw: tuple[int, int]) -> list[torch.Tensor]:
        """Return the anchors of every level, worked out once for each size of picture."""
        grids = [(int(each.shape[-2]), int(each.shape[-1])) for each in seen.logits]
        device = seen.logits[0].device
        key = (*image_hw, *grids, device)
        if key not in self._anchors:
            self._anchors.clear()
            generator = self._rpn.anchor_generator
            strides = [
                [
                    torch.tensor(image // side, device=device)
                    for image, side in zip(image_hw, grid, strict=True)
                ]
                for grid in grids
            ]
            generator.set_cell_anchors(torch.float32, device)
            self._anchors[key] = generator.grid_anchors(grids, strides)
        return self._anchors[key]
