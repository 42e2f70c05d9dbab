"""Finds which frames show what a phrase means: by facts where there are any, by CLIP otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from scene_clip_ros.core.questions.counting import (
    Count,
    FollowedObject,
    count_objects,
    follow_objects,
    is_on_road,
    object_presence,
)
from scene_clip_ros.core.questions.frame_choice import choose_frames
from scene_clip_ros.core.questions.hypotheses import Target
from scene_clip_ros.core.questions.pooling import TextComparer
from scene_clip_ros.core.questions.presence import (
    Presence,
    any_of,
    both_of,
    hazard_presence,
    label_presence,
    without_flicker,
)
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import (
    FrameFacts,
    LabelFact,
    Observations,
    TrackFact,
)
from scene_clip_ros.core.questions.window import Window
from scene_clip_ros.core.questions.words import HIDDEN_BY
from scene_clip_ros.core.types import UNKNOWN
from scene_clip_ros.core.vocabulary import AttributeSpec, Vocabulary

_UNKNOWN_LEAD = 0.05
"""Lead in probability below which no label is told, as perception has it."""

_CHANGE_SHARE = 0.25
"""Share of the sample that is spent on moments at which the picture changes."""

_POOLED = 3


class Finder:
    """Looks through one window."""

    def __init__(
        self,
        window: Window,
        vocabulary: Vocabulary,
        comparer: TextComparer,
        *,
        settings: ReasonSettings,
    ) -> None:
        """Look at nothing yet."""
        self.window = window
        self.vocabulary = vocabulary
        self._comparer = comparer
        self._settings = settings

    @property
    def has_boxes(self) -> bool:
        """Whether objects were followed in any frame."""
        return any(facts.tracks is not None for facts in self.window.facts)

    @property
    def has_frames(self) -> bool:
        """Whether any frame was embedded."""
        return bool(self.window.seen.frames)

    @cached_property
    def _objects(self) -> tuple[FollowedObject, ...] | None:
        return follow_objects(self.window.facts, self.vocabulary)

    @cached_property
    def _sampled(self) -> Observations:
        """The frames that texts are compared with."""
        seen = self.window.seen
        chosen = choose_frames(seen, self._settings.max_frames, change_share=_CHANGE_SHARE)
        return Observations(tuple(seen.frames[i] for i in chosen), seen.embeddings[list(chosen)])

    def count(self, names: tuple[str, ...]) -> Count | None:
        """Count objects; None if boxes were off."""
        if self._objects is None:
            return None
        least = self._settings.track
        return count_objects(self.window.facts, self._objects, names, least=least)

    def find(self, target: Target) -> Presence | None:
        """Return which frames show a target; None if nothing tells."""
        if target.attribute:
            return label_presence(
                self.label_facts(target.attribute), target.attribute, target.label
            )
        if target.hazard:
            return self._find_hazard(target)
        if target.objects:
            return self._find_objects(target)
        return self._find_text(target.text)

    def find_any(self, targets: tuple[Target, ...]) -> Presence | None:
        """Return which frames show any of some targets; None if nothing tells of one."""
        found = [self.find(target) for target in targets]
        known = [each for each in found if each is not None]
        return any_of(known) if known and len(known) == len(found) else None

    def labels_of(self, attribute: str) -> tuple[str, ...]:
        """Return the labels of an attribute; none if the vocabulary does not have it."""
        specs = (spec for spec in self.vocabulary.attributes if spec.name == attribute)
        return next((spec.label_names for spec in specs), ())

    def label_facts(self, attribute: str) -> tuple[FrameFacts, ...]:
        """Return facts with labels of an attribute: perception's, or what CLIP says of frames."""
        told = tuple(
            facts
            for facts in self.window.facts
            if any(label.attribute == attribute for label in facts.labels)
            and not any(attribute in HIDDEN_BY.get(label.label, ()) for label in facts.labels)
        )
        specs = [spec for spec in self.vocabulary.attributes if spec.name == attribute]
        if told or not specs or not self.has_frames:
            return told
        return self._compared_facts(specs[0])

    def probabilities(self, hypotheses: list[tuple[str, ...]]) -> Presence | None:
        """Return which frames speak for the first of several hypotheses; None without frames."""
        if not self.has_frames:
            return None
        strength = self._comparer.probabilities(self._sampled.embeddings, hypotheses)[:, 0]
        frames = self._sampled.frames
        shown = without_flicker(frames, strength >= self._settings.yes)
        best = float(np.sort(strength)[-_POOLED:].mean())
        return Presence(frames, shown, strength, best, "similarity")

    def _find_text(self, text: str) -> Presence | None:
        if not self.has_frames:
            return None
        return self._comparer.presence(self._sampled, text, min_lead=self._settings.min_lead)

    def _find_objects(self, target: Target) -> Presence | None:
        if self._objects is None:
            names = {query.name: query for query in self.vocabulary.queries}
            return self._against_background(names[target.objects[0]].phrasings)
        return self._follow(target.objects, where=lambda _: True)

    def _follow(self, names: tuple[str, ...], *, where: Callable[[TrackFact], bool]) -> Presence:
        assert self._objects is not None
        return object_presence(
            self.window.facts, self._objects, names, least=self._settings.track, where=where
        )

    def _find_hazard(self, target: Target) -> Presence | None:
        if target.objects and self._knows_places:
            return self._follow(target.objects, where=is_on_road)
        found = hazard_presence(self.window.facts, target.hazard)
        if found is None:
            spec = next(each for each in self.vocabulary.hazards if each.name == target.hazard)
            found = self.probabilities([spec.phrasings, self.vocabulary.contrasts_of(spec)])
        if found is None or not target.objects or self._objects is None:
            return found
        return _where(found, self._follow(target.objects, where=lambda _: True))

    @property
    def _knows_places(self) -> bool:
        """Whether it is known where objects are, or that there are none."""
        tracks = [track for facts in self.window.facts for track in facts.tracks or ()]
        return self.has_boxes and all(track.xyxy is not None for track in tracks)

    def _against_background(self, phrasings: tuple[str, ...]) -> Presence | None:
        if not self.vocabulary.background:
            return self._find_text(phrasings[0])
        return self.probabilities([phrasings, self.vocabulary.background])

    def _compared_facts(self, spec: AttributeSpec) -> tuple[FrameFacts, ...]:
        rows = self._comparer.probabilities(
            self._sampled.embeddings, [label.phrasings for label in spec.labels]
        )
        facts = []
        for frame, row in zip(self._sampled.frames, rows, strict=True):
            second, best = np.argsort(row, kind="stable")[-2:].tolist()
            is_sure = row[best] - row[second] >= _UNKNOWN_LEAD
            label = spec.label_names[best] if is_sure else UNKNOWN
            fact = LabelFact(spec.name, label, float(row[best]))
            facts.append(FrameFacts(frame.camera, frame.stamp_ns, (fact,)))
        return tuple(facts)


def _where(told: Presence, gate: Presence) -> Presence:
    """Return a presence only in frames in which something else is shown, too."""
    if told.frames == gate.frames:
        return both_of(told, gate)
    open_frames = {frame for frame, shown in zip(gate.frames, gate.shown, strict=True) if shown}
    inside = np.array([frame in open_frames for frame in told.frames], bool)
    strength = np.where(inside, told.strength, 0.0)
    best = float(np.sort(strength)[-_POOLED:].mean()) if inside.any() else 0.0
    shown = told.shown & inside
    return Presence(told.frames, shown, strength, min(best, gate.probability), told.source)
