from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from colors import BLUE, GREEN, NS, RED, color_vocabulary, picture
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.decision import AttributeRule, HazardRule
from scene_clip_ros.core.prompts import build_prompt_bank
from scene_clip_ros.core.scene_state import SceneTracker
from scene_clip_ros.core.types import UNKNOWN, AttributeState, FloatArray, HazardState
from scene_clip_ros.core.vocabulary import LabelSpec, Vocabulary
from scene_clip_ros.models.fake_encoder import FakeEncoder

RULE = AttributeRule(
    tau_s=0.2, dwell_s=0.5, switch_margin=0.1, unknown_margin=0.05, cosine_floor=-1
)
HAZARD_RULE = HazardRule(tau_s=0.2, dwell_s=0.5, on_probability=0.6, off_probability=0.4)
ENCODER = FakeEncoder()
COLORS = {"red": RED, "green": GREEN, "blue": BLUE}


def tracker_of(vocabulary: Vocabulary, rule: AttributeRule = RULE) -> SceneTracker:
    return SceneTracker(
        build_prompt_bank(vocabulary, ENCODER.encode_texts),
        attribute_rule=rule,
        hazard_rule=HAZARD_RULE,
        logit_scale=20.0,
    )


def embedding_of(rgb: tuple[int, int, int]) -> FloatArray:
    return ENCODER.encode_images([picture(rgb)])[0]


def show(
    tracker: SceneTracker, rgb: tuple[int, int, int], t_s: float
) -> tuple[AttributeState, HazardState]:
    attributes, hazards = tracker.update(round(t_s * NS), embedding_of(rgb))
    return attributes[0], hazards[0]


@pytest.mark.parametrize("color", COLORS)
def test_first_frame_decides_at_once(color: str) -> None:
    attribute, hazard = show(tracker_of(color_vocabulary()), COLORS[color], 3.0)
    assert (attribute.label, attribute.since_ns) == (color, 3 * NS)
    assert (hazard.active, hazard.since_ns) == (color == "red", 3 * NS)


def test_state_gives_every_score_in_the_order_of_the_vocabulary() -> None:
    attribute, _ = show(tracker_of(color_vocabulary()), RED, 0.0)
    assert [score.label for score in attribute.scores] == ["red", "green", "blue"]
    assert sum(score.probability for score in attribute.scores) == pytest.approx(1.0)
    assert attribute.probability == attribute.scores[0].probability
    assert attribute.cosine == attribute.scores[0].cosine


def test_one_odd_frame_changes_nothing() -> None:
    tracker = tracker_of(color_vocabulary())
    labels = [show(tracker, RED if t == 10 else BLUE, t / 10)[0].label for t in range(20)]
    assert set(labels) == {"blue"}


def test_probabilities_are_smoothed_and_cosines_are_not() -> None:
    tracker = tracker_of(color_vocabulary())
    before, _ = show(tracker, BLUE, 0.0)
    at_once, _ = show(tracker, RED, 0.05)
    lasting, _ = show(tracker, RED, 9.0)
    red_before, red_at_once, red_lasting = (state.scores[0] for state in (before, at_once, lasting))
    assert red_before.probability < red_at_once.probability < 0.5 < red_lasting.probability
    assert red_at_once.cosine == red_lasting.cosine > red_before.cosine


def test_lasting_change_is_held_from_the_frame_that_completes_the_dwell_time() -> None:
    tracker = tracker_of(color_vocabulary())
    states = [show(tracker, BLUE if t < 10 else RED, t / 10)[0] for t in range(30)]
    first_red = next(state for state in states if state.label == "red")
    assert 1.5 * NS <= first_red.since_ns <= 2.0 * NS
    assert states[-1].since_ns == first_red.since_ns


def test_label_in_doubt_is_unknown_and_shows_the_best() -> None:
    doubtful = dataclasses.replace(RULE, cosine_floor=0.99)
    attribute, _ = show(tracker_of(color_vocabulary(), doubtful), (250, 60, 60), 0.0)
    assert attribute.label == UNKNOWN
    assert attribute.probability == attribute.scores[0].probability


def test_jump_back_in_time_forgets_what_was_held() -> None:
    tracker = tracker_of(color_vocabulary())
    show(tracker, BLUE, 100.0)
    attribute, hazard = show(tracker, RED, 1.0)
    assert (attribute.label, attribute.since_ns) == ("red", 1 * NS)
    assert (hazard.active, hazard.since_ns) == (True, 1 * NS)


def test_hazards_and_attributes_do_not_depend_on_each_other() -> None:
    vocabulary = color_vocabulary()
    both = tracker_of(vocabulary)
    only_hazards = tracker_of(dataclasses.replace(vocabulary, attributes=()))
    for t, rgb in enumerate([RED, BLUE, BLUE, RED, GREEN]):
        assert (
            both.update(t * NS, embedding_of(rgb))[1]
            == (only_hazards.update(t * NS, embedding_of(rgb))[1])
        )


def test_tracker_of_a_new_vocabulary_adopts_only_what_did_not_change() -> None:
    vocabulary = color_vocabulary()
    old = tracker_of(vocabulary)
    show(old, RED, 0.0)
    reworded = dataclasses.replace(
        vocabulary.attributes[0],
        labels=(*vocabulary.attributes[0].labels[:2], LabelSpec("blue", ("blue sea",))),
    )
    new = tracker_of(dataclasses.replace(vocabulary, attributes=(reworded,)))
    new.adopt(old)
    attribute, hazard = show(new, GREEN, 0.1)
    assert attribute.label == "green"
    assert hazard.active


@given(
    st.lists(st.sampled_from([RED, GREEN, BLUE, (128, 128, 128)]), min_size=2, max_size=40),
    st.lists(st.integers(0, NS // 2), min_size=40, max_size=40),
)
def test_no_label_changes_faster_than_the_dwell_time(
    colors: list[tuple[int, int, int]], steps_ns: list[int]
) -> None:
    tracker = tracker_of(color_vocabulary())
    changes: dict[str, list[int]] = {"color": [], "red_ahead": []}
    before: dict[str, object] = {}
    for rgb, t_ns in zip(colors, itertools.accumulate(steps_ns), strict=False):
        attributes, hazards = tracker.update(t_ns, embedding_of(rgb))
        now: dict[str, object] = {attributes[0].name: attributes[0].label}
        now[hazards[0].name] = hazards[0].active
        for name in now.keys() & before.keys():
            if now[name] != before[name]:
                changes[name].append(t_ns)
        before = now
    for times_ns in changes.values():
        assert all(np.diff(times_ns) >= RULE.dwell_s * NS)
