"""Fits the cosine that a crop must reach before it may be what a query without a class asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from scene_clip_ros.core.prompts import build_prompt_bank
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.pipeline.regions import embed_regions
from scene_clip_ros.report.true_boxes import TrueBox
from scene_clip_ros.training.object_words import class_queries

_FLOOR_QUANTILE = 0.1
_MIN_SIDE_SHARE = 0.06
_MIN_VISIBLE = 0.6


def fit_box_floor(
    encoder: Encoder,
    vocabulary: Vocabulary,
    pictures: Iterable[tuple[ImageArray, Sequence[TrueBox]]],
) -> float | None:
    """Return the cosine that 9 of 10 things that can be made out exceed with their query.

    Args:
        encoder: The model.
        vocabulary: Whose queries are compared with.
        pictures: ``(H, W, 3)`` uint8 RGB, each with what is in it; kinds of things that no query
            asks for are passed over.

    Returns:
        In [-1, 1]; None if nothing that a query asks for can be made out.
    """
    prompts = build_prompt_bank(vocabulary, encoder.encode_texts).queries
    query_of = class_queries(vocabulary)
    cosines: list[float] = []
    for rgb, boxes in pictures:
        clear = [box for box in boxes if box.kind in query_of and _is_clear(box, rgb)]
        xyxy: FloatArray = np.array([box.xyxy for box in clear], np.float32).reshape(-1, 4)
        (embedded,) = embed_regions(encoder, [(rgb, xyxy)])
        rows = [prompts.names.index(query_of[box.kind]) for box in clear]
        cosines += (embedded * prompts.embeddings[rows]).sum(axis=1).tolist()
    return float(np.quantile(cosines, _FLOOR_QUANTILE)) if cosines else None


def _is_clear(box: TrueBox, rgb: ImageArray) -> bool:
    large = box.longer_side >= _MIN_SIDE_SHARE * rgb.shape[0]
    return large and box.visible >= _MIN_VISIBLE
