"""Scores regions by what language, objectness and the detector's own classes say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.box_types import Proposals, ScoredBox
from scene_clip_ros.core.boxes import suppress
from scene_clip_ros.core.prompts import QueryPrompts
from scene_clip_ros.core.ranges import require_in_range
from scene_clip_ros.core.types import BoolArray, FloatArray
from scene_clip_ros.core.zeroshot import Float64Array

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class FusionRule:
    """How factors become one score, and which boxes are kept.

    Attributes:
        detector_weight: Exponent of the detector's own class where it has one that matches, in
            [0, 1]; what is left is that of language and objectness.
        min_score: Boxes below are dropped, in [0, 1].
        language_score: Boxes below are dropped if the detector has no class for what they are, in
            [0, 1].
        cosine_floor: Cosine below which a query that no class of the detector confirms does not
            fit, however much worse the contrasts are, in [-1, 1].
        same_iou: Of two boxes of one family of queries that overlap more, the better is kept, in
            [0, 1].
        other_iou: The same for two boxes of different families, in [0, 1]; families that the
            detector has a class for and families that it has none for are kept apart.
    """

    detector_weight: float = 0.85
    min_score: float = 0.4
    language_score: float = 0.0
    cosine_floor: float = 0.0
    same_iou: float = 0.5
    other_iou: float = 0.7

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the field, its range and the value.
        """
        for name in ("detector_weight", "min_score", "language_score", "same_iou", "other_iou"):
            require_in_range(name, getattr(self, name), (0.0, 1.0))
        require_in_range("cosine_floor", self.cosine_floor, (-1.0, 1.0))


@dataclass(frozen=True, slots=True)
class QueryScorer:
    """Scores regions against queries.

    Queries that the detector has no class for never compete with those that it knows: whatever is
    asked for besides, a person whom the detector sees stays a person.

    Attributes:
        prompts: Q queries and B contrasts as vectors.
        matches: ``(K, Q)`` bool, which of the detector's classes each query asks for.
        families: ``(Q,)`` int64, index of the query that each one is a kind of, else its own.
            Kinds that are hard to tell apart do not share out what speaks for them: a box says
            how sure it is that there is a person, and which kind of person is the likeliest.
        logit_scale: Multiplier of a cosine before the softmax, > 0.
        rule: How factors become one score.
    """

    prompts: QueryPrompts
    matches: BoolArray
    families: npt.NDArray[np.int64]
    logit_scale: float
    rule: FusionRule

    def score(self, proposals: Proposals, embeddings: FloatArray) -> tuple[ScoredBox, ...]:
        """Give every region its best queries, and keep what is good enough and no duplicate.

        A region may get two: the best that the detector has a class for, and beside it the best of
        those that only language knows, where language finds it likelier or its score is higher.

        Args:
            proposals: N regions.
            embeddings: ``(N, D)`` float32 of what they show, rows of unit length.

        Returns:
            Boxes without tracks, highest score first; empty without queries or regions. Score and
            detector score are those of the label's family.
        """
        rows = embeddings.astype(np.float64)
        seen = _Evidence(
            proposals,
            cosines=np.clip(rows @ self.prompts.embeddings.T, -1, 1),
            contrasts=rows @ self.prompts.contrasts.T,
        )
        if not (len(proposals) and self.prompts.names):
            return ()
        told = [
            *(self._find_known(seen) if self._known.any() else ()),
            *(self._find_language_only(seen) if self.language_only else ()),
        ]
        return tuple(sorted(told, key=lambda box: -box.score))

    def may_be_told(self, proposals: Proposals) -> BoolArray:
        """Tell which regions can become a box at all, whatever they turn out to show.

        Even language that is certain lifts a score only as far as objectness and the detector's
        classes let it: the others need not be looked at. `score` gives the same boxes without them.

        Args:
            proposals: N regions.

        Returns:
            ``(N,)`` bool.
        """
        if not self.prompts.names:
            return np.zeros(len(proposals), np.bool_)
        rule, looks = self.rule, np.sqrt(proposals.objectness.astype(np.float64))
        vouched = self._detector_scores(proposals) * self._known
        confirmed = (
            looks ** (1 - rule.detector_weight) * vouched.max(axis=1) ** rule.detector_weight
        )
        may_be_told = self._known.any() & (confirmed >= rule.min_score - _ROUNDING)
        if self.language_only:
            may_be_told |= looks >= max(rule.min_score, rule.language_score) - _ROUNDING
        return np.asarray(may_be_told)

    @property
    def language_only(self) -> frozenset[str]:
        """Names of the queries that the detector has no class for, nor for their family."""
        known = self._known[self.families]
        return frozenset(np.array(self.prompts.names, np.str_)[~known].tolist())

    def _find_known(self, seen: _Evidence) -> Iterator[ScoredBox]:
        """Yield boxes of what the detector has classes for, as if nothing else were asked for."""
        likely = self._probabilities(seen, rivals=self._known[self.families])
        scores = self._fuse(likely, seen)
        return self._choose(likely, seen, np.where(self._known, scores, -1.0))

    def _find_language_only(self, seen: _Evidence) -> Iterator[ScoredBox]:
        """Yield boxes of what only language knows; all that is asked for competes with it."""
        likely = self._probabilities(seen, rivals=np.ones_like(self.families, np.bool_))
        scores = self._fuse(likely, seen)
        shares = likely @ self._members
        known_share, known_score = (
            np.where(self._known, each, -1.0).max(axis=1, keepdims=True)
            for each in (shares, scores)
        )
        beats = ~self._known & ((shares >= known_share) | (scores >= known_score))
        beats &= scores >= self.rule.language_score
        return self._choose(likely, seen, np.where(beats, scores, -1.0))

    def _choose(
        self, likely: Float64Array, seen: _Evidence, scores: Float64Array
    ) -> Iterator[ScoredBox]:
        """Yield the box of every region that is good enough and no duplicate.

        Args:
            likely: ``(N, Q)`` probabilities of the queries.
            seen: N regions.
            scores: ``(N, Q)`` of the families; negative: not to be chosen.
        """
        proposals, rule = seen.proposals, self.rule
        family = scores.argmax(axis=1)
        rows = np.arange(len(proposals))
        top, vouched = scores[rows, family], self._detector_scores(proposals)[rows, family]
        label = self._choose_kind(likely, proposals, vouched, family)
        good = np.flatnonzero(top >= rule.min_score)
        kept = good[
            suppress(
                proposals.xyxy[good],
                top[good],
                family[good],
                same_iou=rule.same_iou,
                other_iou=rule.other_iou,
            )
        ]
        for i in kept.tolist():
            left, up, right, down = proposals.xyxy[i].tolist()
            yield ScoredBox(
                label=self.prompts.names[label[i]],
                score=float(top[i]),
                objectness=float(proposals.objectness[i]),
                detector_score=float(vouched[i]),
                cosine=float(seen.cosines[i, label[i]]),
                xyxy=(left, up, right, down),
            )

    @property
    def _members(self) -> BoolArray:
        """``(Q, Q)``: which query (row) is of which family (column); most columns are empty."""
        return np.asarray(self.families[:, None] == np.arange(len(self.families))[None])

    @property
    def _family_classes(self) -> BoolArray:
        """``(K, Q)``: which of the detector's classes are of which family."""
        return np.asarray((self.matches[:, :, None] & self._members[None]).any(axis=1))

    @property
    def _known(self) -> BoolArray:
        """``(Q,)``: of which family the detector has a class."""
        return np.asarray(self._family_classes.any(axis=0))

    def _probabilities(self, seen: _Evidence, *, rivals: BoolArray) -> Float64Array:
        """Return ``(N, Q)`` probabilities of the rivals beside the contrasts; 0 for others."""
        cosines = np.where(rivals, seen.cosines, -np.inf)
        logits = self.logit_scale * np.concatenate([cosines, seen.contrasts], axis=1)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Float64Array = powers / powers.sum(axis=1, keepdims=True)
        return shares[:, : len(self.prompts.names)]

    def _detector_scores(self, proposals: Proposals) -> Float64Array:
        """Return ``(N, Q)``: what the detector's own classes say of each family."""
        scores = proposals.class_scores.astype(np.float64) @ self._family_classes
        return np.asarray(np.minimum(scores, 1.0))

    def _fuse(self, likely: Float64Array, seen: _Evidence) -> Float64Array:
        """Return ``(N, Q)`` scores of the families: a weighted geometric mean of what is known."""
        looks = np.sqrt((likely @ self._members) * seen.proposals.objectness[:, None])
        weight = self.rule.detector_weight
        confirmed = looks ** (1 - weight) * self._detector_scores(seen.proposals) ** weight
        best_cosine = np.where(self._members[None], seen.cosines[:, :, None], -1.0).max(axis=1)
        alone = looks * (best_cosine >= self.rule.cosine_floor)
        return np.where(self._known, confirmed, alone)

    def _choose_kind(
        self,
        likely: Float64Array,
        proposals: Proposals,
        vouched: Float64Array,
        family: npt.NDArray[np.int64],
    ) -> npt.NDArray[np.int64]:
        """Return ``(N,)``: of each region's family the query that fits best.

        For a query without a class of its own, its family's classes speak; where the family has
        none, language alone.
        """
        own = np.minimum(proposals.class_scores.astype(np.float64) @ self.matches, 1.0)
        detector = np.where(self.matches.any(axis=0), own, vouched[:, None])
        weight = self.rule.detector_weight * self._known[family][:, None]
        fit = likely ** (1 - weight) * detector**weight
        return np.asarray(np.where(self._members[:, family].T, fit, -1.0).argmax(axis=1))


@dataclass(frozen=True, slots=True)
class _Evidence:
    """N regions, and the cosines of what they show.

    Attributes:
        proposals: The regions.
        cosines: ``(N, Q)`` float64 in [-1, 1], to the queries.
        contrasts: ``(N, B)`` float64 in [-1, 1], to the contrasts.
    """

    proposals: Proposals
    cosines: Float64Array
    contrasts: Float64Array
