"""Compares texts with frames: in contrast to other texts, and pooled over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.prompts import EncodeTexts, expand, pool
from scene_clip_ros.core.questions.presence import Presence, without_flicker
from scene_clip_ros.core.questions.types import Observations
from scene_clip_ros.core.standing_out import UnrelatedScores, unrelated_prompts
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.zeroshot import Float64Array

_KEPT_TEXTS = 2000

_POOLED = 3
"""Frames whose mean tells whether anything shows a text: one alone may be chance."""

_LEAD_SCALE = 2.0
"""Change of the log odds per deviation of lead."""


class TextComparer:
    """Compares texts with frames. Keeps the embeddings of texts that it was asked for."""

    def __init__(
        self, encode_texts: EncodeTexts, templates: Sequence[str], *, logit_scale: float
    ) -> None:
        """Encode nothing yet.

        Args:
            encode_texts: Embeds texts; called with those not yet kept, in one call.
            templates: Sentences with one ``{}``.
            logit_scale: Multiplier of a cosine before the softmax, > 0.
        """
        self._encode = encode_texts
        self._templates = tuple(templates)
        self._logit_scale = logit_scale
        self._kept: dict[str, FloatArray] = {}

    def probabilities(
        self, embeddings: FloatArray, hypotheses: Sequence[Sequence[str]]
    ) -> Float64Array:
        """Return which of several hypotheses each frame speaks for.

        Args:
            embeddings: ``(N, D)`` float32, rows of unit length.
            hypotheses: H of them, one or more phrasings each.

        Returns:
            ``(N, H)`` float64, rows sum to 1.
        """
        groups = [expand(phrasings, self._templates) for phrasings in hypotheses]
        self._embed([prompt for group in groups for prompt in group])
        rows = np.stack([pool(np.stack([self._kept[p] for p in group])) for group in groups])
        logits = self._logit_scale * (embeddings.astype(np.float64) @ rows.T.astype(np.float64))
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))

    def presence(self, seen: Observations, text: str, *, min_lead: float) -> Presence:
        """Return which frames show what a text says, in contrast to texts about something else.

        Args:
            seen: With one frame or more.
            text: Said affirmatively, as a caption.
            min_lead: Lead over those texts from which a frame shows it, see `standing_out`.
        """
        prompts, unrelated = expand([text], self._templates), unrelated_prompts(self._templates)
        self._embed([*prompts, *unrelated])
        scores = self._cosines(seen.embeddings, prompts).mean(axis=1)
        others = self._cosines(seen.embeddings, unrelated)
        pairs = zip(scores.tolist(), others, strict=True)
        leads = np.array([UnrelatedScores.of(row).lead_of(score) for score, row in pairs])
        strength = 1 / (1 + np.exp(-_LEAD_SCALE * (leads - min_lead)))
        shown = without_flicker(seen.frames, leads >= min_lead)
        best = float(np.sort(strength)[-_POOLED:].mean())
        return Presence(seen.frames, shown, strength, best, "similarity")

    def _cosines(self, embeddings: FloatArray, prompts: Sequence[str]) -> Float64Array:
        rows = np.stack([self._kept[prompt] for prompt in prompts]).astype(np.float64)
        return np.asarray(embeddings.astype(np.float64) @ rows.T)

    def _embed(self, prompts: Sequence[str]) -> None:
        missing = sorted(set(prompts) - self._kept.keys())
        if not missing:
            return
        if len(self._kept) + len(missing) > _KEPT_TEXTS:
            self._kept.clear()
            missing = sorted(set(prompts))
        self._kept.update(zip(missing, self._encode(missing), strict=True))
