from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.decision import (
    AttributeRule,
    HazardRule,
    propose_hazard,
    propose_label,
)
from scene_clip_ros.core.types import UNKNOWN

LABELS = ("clear", "rain", "fog")
RULE = AttributeRule(tau_s=0, dwell_s=0, switch_margin=0.2, unknown_margin=0.1, cosine_floor=0.15)
HAZARD_RULE = HazardRule(tau_s=0, dwell_s=0, on_probability=0.6, off_probability=0.4)


def propose(
    probabilities: tuple[float, float, float], *, held: str | None, cosine: float = 0.3
) -> str:
    return propose_label(LABELS, np.array(probabilities), np.full(3, cosine), held=held, rule=RULE)


@pytest.mark.parametrize(
    ("probabilities", "held", "expected"),
    [
        pytest.param((0.2, 0.7, 0.1), None, "rain", id="first frame: the best"),
        pytest.param((0.41, 0.39, 0.2), None, UNKNOWN, id="first frame: too close"),
        pytest.param((0.3, 0.45, 0.25), "clear", "clear", id="lead below the margin"),
        pytest.param((0.2, 0.5, 0.3), "clear", "rain", id="lead over held and second"),
        pytest.param((0.48, 0.44, 0.08), "clear", UNKNOWN, id="held leads too little"),
        pytest.param((0.5, 0.3, 0.2), "clear", "clear", id="held leads"),
        pytest.param((0.45, 0.3, 0.25), UNKNOWN, "clear", id="from unknown without a margin"),
    ],
)
def test_label_proposed(
    probabilities: tuple[float, float, float], held: str | None, expected: str
) -> None:
    assert propose(probabilities, held=held) == expected


@pytest.mark.parametrize("held", [None, "clear", UNKNOWN])
def test_cosine_below_the_floor_is_unknown_whatever_the_probability(held: str | None) -> None:
    assert propose((0.98, 0.01, 0.01), held=held, cosine=0.149) == UNKNOWN


def test_floor_applies_to_the_best_label_only() -> None:
    probabilities, cosines = np.array([0.8, 0.15, 0.05]), np.array([0.2, 0.1, 0.0])
    assert propose_label(LABELS, probabilities, cosines, held=None, rule=RULE) == "clear"


@given(st.tuples(*[st.floats(0.01, 1)] * 3), st.sampled_from([None, UNKNOWN, *LABELS]))
def test_label_proposed_is_the_held_the_best_or_unknown(
    weights: tuple[float, float, float], held: str | None
) -> None:
    probabilities = np.array(weights) / sum(weights)
    proposal = propose_label(LABELS, probabilities, np.full(3, 0.3), held=held, rule=RULE)
    assert proposal in {held, LABELS[int(probabilities.argmax())], UNKNOWN}


@pytest.mark.parametrize(
    ("probability", "held", "expected"),
    [
        (0.59, None, False),
        (0.6, None, True),
        (0.59, False, False),
        (0.6, False, True),
        (0.4, True, True),
        (0.39, True, False),
    ],
)
def test_hazard_proposed_with_hysteresis(
    *, probability: float, held: bool | None, expected: bool
) -> None:
    assert propose_hazard(probability, held=held, rule=HAZARD_RULE) is expected
