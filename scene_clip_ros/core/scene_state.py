"""What is held to be true of the scene before one camera."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.decision import AttributeRule, HazardRule, propose_hazard, propose_label
from scene_clip_ros.core.prompts import AttributePrompts, HazardPrompts, PromptBank
from scene_clip_ros.core.smoothing import DwellGate, ExponentialSmoother
from scene_clip_ros.core.types import UNKNOWN, AttributeState, FloatArray, HazardState, LabelScore
from scene_clip_ros.core.zeroshot import cosines, softmax


class AttributeTracker:
    """Follows one attribute of one camera."""

    def __init__(
        self, prompts: AttributePrompts, *, rule: AttributeRule, logit_scale: float
    ) -> None:
        """Start with no frame seen.

        Args:
            prompts: The attribute as vectors.
            rule: How its label is decided.
            logit_scale: Multiplier of a cosine before the softmax, > 0.
        """
        self._prompts = prompts
        self._rule = rule
        self._logit_scale = logit_scale
        self._smoother = ExponentialSmoother(rule.tau_s)
        self._gate: DwellGate[str] = DwellGate(rule.dwell_s)

    @property
    def prompts(self) -> AttributePrompts:
        """The attribute as vectors."""
        return self._prompts

    def update(self, t_ns: int, embedding: FloatArray) -> AttributeState:
        """Take one frame in; a stamp before the last one starts anew.

        Args:
            t_ns: Stamp of the frame in nanoseconds.
            embedding: ``(D,)`` float32 of unit length.
        """
        labels = self._prompts.labels
        current = cosines(embedding, self._prompts.embeddings)
        smoothed = self._smoother.update(t_ns, current)
        # The scale is constant, so smoothing cosines and smoothing logits are the same.
        probabilities = softmax(self._logit_scale * smoothed)
        proposal = propose_label(
            labels, probabilities, smoothed, held=self._gate.held_at(t_ns), rule=self._rule
        )
        label = self._gate.update(t_ns, proposal)
        shown = int(probabilities.argmax()) if label == UNKNOWN else labels.index(label)
        scores = zip(labels, probabilities.tolist(), current.tolist(), strict=True)
        return AttributeState(
            name=self._prompts.name,
            label=label,
            probability=float(probabilities[shown]),
            cosine=float(current[shown]),
            since_ns=self._gate.since_ns,
            scores=tuple(LabelScore(*score) for score in scores),
        )


class HazardTracker:
    """Follows one hazard of one camera."""

    def __init__(self, prompts: HazardPrompts, *, rule: HazardRule, logit_scale: float) -> None:
        """Start with no frame seen; arguments as those of `AttributeTracker`."""
        self._prompts = prompts
        self._rule = rule
        self._logit_scale = logit_scale
        self._smoother = ExponentialSmoother(rule.tau_s)
        self._gate: DwellGate[bool] = DwellGate(rule.dwell_s)

    @property
    def prompts(self) -> HazardPrompts:
        """The hazard as vectors."""
        return self._prompts

    def update(self, t_ns: int, embedding: FloatArray) -> HazardState:
        """Take one frame in; arguments as those of `AttributeTracker.update`."""
        current = cosines(embedding, self._prompts.embeddings)
        smoothed = self._smoother.update(t_ns, current)
        probability = float(softmax(self._logit_scale * smoothed)[0])
        proposal = propose_hazard(probability, held=self._gate.held_at(t_ns), rule=self._rule)
        active = self._gate.update(t_ns, proposal)
        return HazardState(
            name=self._prompts.name,
            active=active,
            probability=probability,
            cosine=float(current[0]),
            since_ns=self._gate.since_ns,
        )


class SceneTracker:
    """Follows every attribute and hazard of one camera."""

    def __init__(
        self,
        bank: PromptBank,
        *,
        attribute_rule: AttributeRule,
        hazard_rule: HazardRule,
        logit_scale: float,
    ) -> None:
        """Start with no frame seen.

        Args:
            bank: The vocabulary as vectors.
            attribute_rule: How labels are decided.
            hazard_rule: How hazards are decided.
            logit_scale: Multiplier of a cosine before the softmax, > 0.
        """
        self._attributes = [
            AttributeTracker(prompts, rule=attribute_rule, logit_scale=logit_scale)
            for prompts in bank.attributes
        ]
        self._hazards = [
            HazardTracker(prompts, rule=hazard_rule, logit_scale=logit_scale)
            for prompts in bank.hazards
        ]

    def adopt(self, predecessor: SceneTracker) -> None:
        """Take over what a tracker of an older vocabulary holds, where the prompts are the same."""
        self._attributes = [
            next(
                (old for old in predecessor._attributes if _is_same(old.prompts, new.prompts)), new
            )
            for new in self._attributes
        ]
        self._hazards = [
            next((old for old in predecessor._hazards if _is_same(old.prompts, new.prompts)), new)
            for new in self._hazards
        ]

    def update(
        self, t_ns: int, embedding: FloatArray
    ) -> tuple[tuple[AttributeState, ...], tuple[HazardState, ...]]:
        """Take one frame in; a stamp before the last one starts anew.

        Args:
            t_ns: Stamp of the frame in nanoseconds.
            embedding: ``(D,)`` float32 of unit length.

        Returns:
            A state per attribute and per hazard, in the order of the vocabulary.
        """
        attributes = tuple(tracker.update(t_ns, embedding) for tracker in self._attributes)
        hazards = tuple(tracker.update(t_ns, embedding) for tracker in self._hazards)
        return attributes, hazards


def _is_same(old: AttributePrompts | HazardPrompts, new: AttributePrompts | HazardPrompts) -> bool:
    same_meaning = (old.name, old.labels) == (new.name, new.labels)
    return same_meaning and np.array_equal(old.embeddings, new.embeddings)
