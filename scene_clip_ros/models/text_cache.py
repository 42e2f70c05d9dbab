"""Keeps the embeddings of texts on disk, so that a vocabulary is encoded once per model."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.models.cache_folder import default_cache_folder
from scene_clip_ros.models.encoder import Encoder, EncoderInfo

_logger = logging.getLogger(__name__)

MAX_TEXTS = 20_000


class TextCache:
    """One file per model, with every text that was embedded and its embedding.

    The file is written aside and renamed. One that cannot be read is written anew, one that
    cannot be written is warned about: the cache saves time and never stops anything.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Name the folder; it is made when something is kept.

        Args:
            folder: Where the files are; None: `default_cache_folder`.
        """
        self._folder = folder if folder is not None else default_cache_folder()

    def encode(
        self,
        encoder: Encoder,
        texts: Sequence[str],
        *,
        encode_texts: Callable[[Sequence[str]], FloatArray] | None = None,
    ) -> FloatArray:
        """Embed texts, only those that are not kept already.

        Args:
            encoder: The model.
            texts: What to embed.
            encode_texts: Embeds with that model those that are not kept; None: the model does.

        Returns:
            ``(N, D)`` float32, rows of unit length, as ``encoder.encode_texts`` does.

        Raises:
            ModelError: The model cannot embed the texts.
        """
        info = encoder.info
        kept = self._read(info)
        missing = sorted(set(texts) - kept.keys())
        if missing:
            embed = encode_texts or encoder.encode_texts
            kept.update(zip(missing, embed(missing), strict=True))
            self._write(info, _newest(kept, texts))
        rows = [kept[text] for text in texts]
        return np.stack(rows) if rows else np.empty((0, info.dim), np.float32)

    def path(self, info: EncoderInfo) -> Path:
        """Return the file of a model."""
        key = f"{info.model_id}\n{info.precision}\n{info.backend}"
        return self._folder / f"texts-{hashlib.sha256(key.encode()).hexdigest()[:16]}.npz"

    def _read(self, info: EncoderInfo) -> dict[str, FloatArray]:
        path = self.path(info)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                texts, embeddings = _unpacked(arrays["texts"]), arrays["embeddings"]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as err:
            _logger.warning("%s: expected kept text embeddings, got %s; encoding anew", path, err)
            return {}
        if embeddings.shape != (len(texts), info.dim) or not np.isfinite(embeddings).all():
            _logger.warning("%s: expected (N, %d) finite embeddings; encoding anew", path, info.dim)
            return {}
        return dict(zip(texts, embeddings.astype(np.float32), strict=True))

    def _write(self, info: EncoderInfo, kept: dict[str, FloatArray]) -> None:
        path = self.path(info)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as aside:
                part = Path(aside) / path.name
                np.savez(part, texts=_packed(list(kept)), embeddings=np.stack(list(kept.values())))
                part.replace(path)
        except OSError as err:
            _logger.warning("%s: cannot keep text embeddings: %s", path, err)


def _packed(texts: list[str]) -> npt.NDArray[np.uint8]:
    """Return texts as bytes of JSON: an array of texts would be as wide as the longest."""
    return np.frombuffer(json.dumps(texts).encode(), np.uint8)


def _unpacked(packed: npt.NDArray[np.uint8]) -> list[str]:
    return [str(text) for text in json.loads(packed.tobytes())]


def _newest(kept: dict[str, FloatArray], used: Sequence[str]) -> dict[str, FloatArray]:
    """Return at most `MAX_TEXTS` entries, those just used last and never left out."""
    wanted = dict.fromkeys(used)
    older = [text for text in kept if text not in wanted]
    names = [*older[max(0, len(older) + len(wanted) - MAX_TEXTS) :], *wanted]
    return {text: kept[text] for text in names}
