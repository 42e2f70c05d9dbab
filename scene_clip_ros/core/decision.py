"""The rules by which probabilities become labels: pure functions, without memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scene_clip_ros.core.types import UNKNOWN
from scene_clip_ros.core.zeroshot import Float64Array


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """How the label of an attribute is decided.

    Attributes:
        tau_s: Time constant of the smoothing in seconds, ≥ 0.
        dwell_s: How long a challenger must lead before it is held, in seconds, ≥ 0.
        switch_margin: By how much the probability of a challenger must exceed that of the held
            label, in [0, 1].
        unknown_margin: By how much the best probability must exceed the second for a label to be
            told at all, in [0, 1].
        cosine_floor: Smoothed cosine below which even the best label is ``unknown``, in [-1, 1].
    """

    tau_s: float
    dwell_s: float
    switch_margin: float
    unknown_margin: float
    cosine_floor: float


@dataclass(frozen=True, slots=True)
class HazardRule:
    """How the presence of a hazard is decided.

    Attributes:
        tau_s: Time constant of the smoothing in seconds, ≥ 0.
        dwell_s: How long a change must persist, in seconds, ≥ 0.
        on_probability: Becomes active at or above it, in [0, 1].
        off_probability: Becomes inactive below it, in [0, on_probability].
    """

    tau_s: float
    dwell_s: float
    on_probability: float
    off_probability: float


def propose_label(
    labels: Sequence[str],
    probabilities: Float64Array,
    cosines: Float64Array,
    *,
    held: str | None,
    rule: AttributeRule,
) -> str:
    """Return the label that one frame speaks for.

    Args:
        labels: Names of the L labels, L ≥ 2.
        probabilities: ``(L,)`` float64, smoothed, sum 1.
        cosines: ``(L,)`` float64 in [-1, 1], smoothed.
        held: The label held so far, ``unknown``, or None for the first frame.
        rule: The thresholds.
    """
    second, best = map(int, probabilities.argsort(kind="stable")[-2:])
    lead = probabilities[best] - probabilities[second]
    if lead < rule.unknown_margin or cosines[best] < rule.cosine_floor:
        return UNKNOWN
    if held is not None and held != UNKNOWN:
        lead_over_held = probabilities[best] - probabilities[labels.index(held)]
        if lead_over_held < rule.switch_margin:
            return held
    return labels[best]


def propose_hazard(probability: float, *, held: bool | None, rule: HazardRule) -> bool:
    """Return whether one frame speaks for a hazard.

    Args:
        probability: Smoothed probability against the contrast, in [0, 1].
        held: Whether it has been held present so far, None for the first frame.
        rule: The thresholds.
    """
    return probability >= (rule.off_probability if held else rule.on_probability)
