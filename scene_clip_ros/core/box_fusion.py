"""Scores regions by what language, objectness and the detector's own classes say of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.box_types import Proposals, ScoredBox
from scene_clip_ros.core.boxes import suppress
from scene_clip_ros.core.prompts import QueryPrompts
from scene_clip_ros.core.ranges import require_in_range
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.zeroshot import Float64Array


@dataclass(frozen=True, slots=True)
class FusionRule:
    """How factors become one score, and which boxes are kept.

    Attributes:
        detector_weight: Exponent of the detector's own class where it has one that matches, in
            [0, 1]; what is left is that of language and objectness.
        min_score: Boxes below are dropped, in [0, 1].
        cosine_floor: Cosine below which a query that no class of the detector confirms does not
            fit, however much worse the contrasts are, in [-1, 1].
        same_iou: Of two boxes of one label that overlap more, the better is kept, in (0, 1].
        other_iou: The same for two boxes of different labels, in (0, 1].
    """

    detector_weight: float = 0.7
    min_score: float = 0.35
    cosine_floor: float = 0.0
    same_iou: float = 0.5
    other_iou: float = 0.7

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the field, its range and the value.
        """
        for name in ("detector_weight", "min_score", "same_iou", "other_iou"):
            require_in_range(name, getattr(self, name), (0.0, 1.0))
        require_in_range("cosine_floor", self.cosine_floor, (-1.0, 1.0))


@dataclass(frozen=True, slots=True)
class QueryScorer:
    """Scores regions against queries.

    Attributes:
        prompts: Q queries and B contrasts as vectors.
        matches: ``(K, Q)`` bool, which of the detector's classes each query asks for.
        logit_scale: Multiplier of a cosine before the softmax, > 0.
        rule: How factors become one score.
    """

    prompts: QueryPrompts
    matches: npt.NDArray[np.bool_]
    logit_scale: float
    rule: FusionRule

    def score(self, proposals: Proposals, embeddings: FloatArray) -> tuple[ScoredBox, ...]:
        """Give every region its best query, and keep what is good enough and no duplicate.

        Args:
            proposals: N regions.
            embeddings: ``(N, D)`` float32 of what they show, rows of unit length.

        Returns:
            Boxes without tracks, highest score first; empty without queries or regions.
        """
        if not (len(proposals) and self.prompts.names):
            return ()
        cosines = np.clip(embeddings.astype(np.float64) @ self.prompts.embeddings.T, -1, 1)
        detector = np.minimum(proposals.class_scores @ self.matches.astype(np.float32), 1.0)
        likely = self._probabilities(embeddings, cosines)
        scores = self._fuse(likely, proposals, detector)
        scores[:, ~self._confirmed] *= cosines[:, ~self._confirmed] >= self.rule.cosine_floor
        best = scores.argmax(axis=1)
        rows = np.arange(len(proposals))
        top = scores[rows, best]
        good = np.flatnonzero(top >= self.rule.min_score)
        kept = good[
            suppress(
                proposals.xyxy[good],
                top[good],
                best[good],
                same_iou=self.rule.same_iou,
                other_iou=self.rule.other_iou,
            )
        ]
        return tuple(
            ScoredBox(
                label=self.prompts.names[best[i]],
                score=float(top[i]),
                objectness=float(proposals.objectness[i]),
                detector_score=float(detector[i, best[i]]),
                cosine=float(cosines[i, best[i]]),
                xyxy=(
                    float(proposals.xyxy[i, 0]),
                    float(proposals.xyxy[i, 1]),
                    float(proposals.xyxy[i, 2]),
                    float(proposals.xyxy[i, 3]),
                ),
            )
            for i in kept.tolist()
        )

    @property
    def _confirmed(self) -> npt.NDArray[np.bool_]:
        """``(Q,)``: for which queries the detector has a class."""
        return np.asarray(self.matches.any(axis=0))

    def _probabilities(self, embeddings: FloatArray, cosines: Float64Array) -> Float64Array:
        """Return ``(N, Q)`` probabilities of the queries, the contrasts being the alternative."""
        contrasts = embeddings.astype(np.float64) @ self.prompts.contrasts.T
        logits = self.logit_scale * np.concatenate([cosines, contrasts], axis=1)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Float64Array = powers / powers.sum(axis=1, keepdims=True)
        return shares[:, : len(self.prompts.names)]

    def _fuse(
        self, probabilities: Float64Array, proposals: Proposals, detector: FloatArray
    ) -> Float64Array:
        """Return ``(N, Q)`` scores: a weighted geometric mean of what is known."""
        seen = np.sqrt(probabilities * proposals.objectness[:, None])
        weight = self.rule.detector_weight
        confirmed = seen ** (1 - weight) * detector.astype(np.float64) ** weight
        return np.where(self._confirmed, confirmed, seen)
