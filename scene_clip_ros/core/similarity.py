"""Compares everything with everything: texts with texts, pictures with pictures and with texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import isqrt

import numpy as np

from scene_clip_ros.core.similarity_kind import SIMILARITY_KINDS, SimilarityKind
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.zeroshot import Float64Array, softmax

MAX_CELLS = 25_000_000
"""Most numbers of a matrix: 200 MB."""

MAX_SQUARE = isqrt(MAX_CELLS)
"""Most texts, or pictures, that can be compared with each other."""

_LENGTH_TOLERANCE = 0.01
"""How far from 1 the length of a unit vector may be, e.g. one kept in half precision."""


@dataclass(frozen=True, slots=True)
class SimilarityMatrices:
    """How near texts and pictures are to each other.

    Attributes:
        text_text: ``(T, T)`` float64 cosines in [-1, 1], symmetric; ``(0, 0)`` without texts.
        image_text: ``(I, T)`` float64 cosines.
        image_image: ``(I, I)`` float64 cosines, symmetric; ``(0, 0)`` without pictures.

    Those that nobody asked for are ``(0, 0)``.
    """

    text_text: Float64Array
    image_text: Float64Array
    image_image: Float64Array

    @classmethod
    def of(
        cls,
        images: FloatArray,
        texts: FloatArray,
        *,
        kinds: Collection[SimilarityKind] = SIMILARITY_KINDS,
    ) -> SimilarityMatrices:
        """Compare what is asked for.

        Args:
            images: ``(I, D)`` float32, rows of unit length; I may be 0.
            texts: ``(T, D)`` float32, rows of unit length; T may be 0.
            kinds: Which matrices are computed.

        Raises:
            ValueError: See `cosine_matrix`.
        """

        def compared(kind: SimilarityKind, rows: FloatArray, columns: FloatArray) -> Float64Array:
            return cosine_matrix(rows, columns) if kind in kinds else np.zeros((0, 0))

        return cls(
            text_text=compared("text-text", texts, texts),
            image_text=compared("image-text", images, texts),
            image_image=compared("image-image", images, images),
        )

    def matrix(self, kind: SimilarityKind) -> Float64Array:
        """Return one of the three."""
        matrices = {
            "text-text": self.text_text,
            "image-text": self.image_text,
            "image-image": self.image_image,
        }
        return matrices[kind]


def most_images(*kinds: SimilarityKind, texts: int) -> int:
    """Return how many pictures can be compared so that no matrix exceeds `MAX_CELLS`.

    Args:
        kinds: Which matrices are computed.
        texts: How many texts there are, ≥ 0.
    """
    with_texts = MAX_CELLS // max(1, texts) if "image-text" in kinds else MAX_CELLS
    return min(with_texts, MAX_SQUARE) if "image-image" in kinds else with_texts


def cosine_matrix(rows: FloatArray, columns: FloatArray) -> Float64Array:
    """Compare two sets of embeddings.

    Args:
        rows: ``(R, D)`` float32, rows of unit length; R may be 0.
        columns: ``(C, D)`` float32, rows of unit length; C may be 0.

    Returns:
        ``(R, C)`` float64 cosines in [-1, 1].

    Raises:
        ValueError: Not such arrays, numbers that are not finite, another length than 1, or more
            than `MAX_CELLS` cosines.
    """
    for name, embeddings in (("rows", rows), ("columns", columns)):
        _require_unit_rows(name, embeddings)
    if rows.shape[1] != columns.shape[1]:
        message = (
            f"expected embeddings of one length, got {rows.shape[1]} numbers in the rows and "
            f"{columns.shape[1]} in the columns"
        )
        raise ValueError(message)
    if len(rows) * len(columns) > MAX_CELLS:
        message = f"expected at most {MAX_CELLS} cosines, got {len(rows)} x {len(columns)}"
        raise ValueError(message)
    products = rows.astype(np.float64) @ columns.astype(np.float64).T
    return np.clip(products, -1.0, 1.0)


def text_probabilities(image_text: Float64Array, *, logit_scale: float) -> Float64Array:
    """Return how likely each text is for a picture if one of them is right.

    Args:
        image_text: ``(I, T)`` cosines.
        logit_scale: Multiplier of a cosine before the softmax, > 0.

    Returns:
        ``(I, T)`` float64; rows that sum to 1, if there are texts.

    Raises:
        ValueError: The scale is not positive and finite.
    """
    if not 0.0 < logit_scale < np.inf:
        message = f"expected a logit scale above 0, got {logit_scale}"
        raise ValueError(message)
    return softmax(logit_scale * image_text)


def _require_unit_rows(name: str, embeddings: FloatArray) -> None:
    if embeddings.ndim != 2:
        message = f"{name}: expected embeddings of shape (N, D), got {embeddings.shape}"
        raise ValueError(message)
    lengths = np.linalg.norm(embeddings.astype(np.float64), axis=1)
    wrong = np.flatnonzero(~(np.abs(lengths - 1.0) <= _LENGTH_TOLERANCE))
    if wrong.size:
        first = int(wrong[0])
        message = (
            f"{name}: expected embeddings of unit length, got length {lengths[first]:g} in row "
            f"{first}"
        )
        raise ValueError(message)
