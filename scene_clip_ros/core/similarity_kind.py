"""What can be compared with what."""

from __future__ import annotations

from typing import Literal

SimilarityKind = Literal["text-text", "image-image", "image-text"]
"""What the rows of a matrix are, and what its columns are."""

SIMILARITY_KINDS: tuple[SimilarityKind, ...] = ("text-text", "image-image", "image-text")
