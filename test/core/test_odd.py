from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import OddError
from scene_clip_ros.core.odd import Judgement, Odd, OddLevel, load_odd, parse_odd
from scene_clip_ros.core.types import AttributeState, HazardState, LabelScore
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.resources import DRIVING_VOCABULARY

DOMAIN = """
weather: [clear, overcast]
time_of_day: day
not: [debris_on_road, tunnel]
"""
EDGE = 0.3


def attribute(name: str, label: str, **probabilities: float) -> AttributeState:
    """Return a state in which a label is held and each has a probability."""
    scores = tuple(LabelScore(each, value, 0.2) for each, value in probabilities.items())
    return AttributeState(name, label, probabilities.get(label, 0.4), 0.2, 0, scores)


def hazard(name: str, probability: float, *, active: bool = False) -> HazardState:
    return HazardState(name, active, probability, 0.2, 0)


CLEAR = attribute("weather", "clear", clear=0.9, overcast=0.05, rain=0.05)
DAY = attribute("time_of_day", "day", day=0.95, night=0.05)
ROAD = attribute("road", "highway", highway=0.9, tunnel=0.1)
NO_DEBRIS = hazard("debris_on_road", 0.1)


def judge(
    *attributes: AttributeState, hazards: tuple[HazardState, ...] = (NO_DEBRIS,)
) -> Judgement:
    return parse_odd(DOMAIN, source="odd.yaml").judge(attributes, hazards, edge_probability=EDGE)


def test_file_says_what_may_and_what_must_not_be() -> None:
    odd = parse_odd(DOMAIN, source="odd.yaml")
    assert odd.allowed == {"weather": ("clear", "overcast"), "time_of_day": ("day",)}
    assert odd.forbidden == ("debris_on_road", "tunnel")


def test_scene_in_which_all_holds_is_inside() -> None:
    assert judge(CLEAR, DAY, ROAD) == Judgement(OddLevel.INSIDE)


@pytest.mark.parametrize(
    ("state", "level", "reason"),
    [
        pytest.param(
            attribute("weather", "rain", clear=0.1, overcast=0.1, rain=0.8),
            OddLevel.OUTSIDE,
            "weather is rain (80%)",
            id="other label",
        ),
        pytest.param(
            attribute("weather", "clear", clear=0.6, overcast=0.05, rain=0.35),
            OddLevel.NEAR_EDGE,
            "weather may be rain (35%)",
            id="another label is likely",
        ),
        pytest.param(
            attribute("weather", "clear", clear=0.6, rain=0.2, snow=0.2),
            OddLevel.NEAR_EDGE,
            "weather may be rain (20%)",
            id="others are likely together",
        ),
        pytest.param(
            attribute("weather", "clear", clear=0.5, overcast=0.5, rain=0.0),
            OddLevel.INSIDE,
            "",
            id="between two that are allowed",
        ),
        pytest.param(
            attribute("weather", "unknown", clear=0.4, overcast=0.3, rain=0.3),
            OddLevel.NEAR_EDGE,
            "weather cannot be told",
            id="unknown",
        ),
    ],
)
def test_allowed_labels_are_judged_by_what_is_held_and_what_is_likely(
    state: AttributeState, level: OddLevel, reason: str
) -> None:
    assert judge(state, DAY, ROAD) == Judgement(level, (reason,) if reason else ())


@pytest.mark.parametrize(
    ("state", "level", "reason"),
    [
        (hazard("debris_on_road", 0.7, active=True), OddLevel.OUTSIDE, "debris_on_road (70%)"),
        (hazard("debris_on_road", 0.31), OddLevel.NEAR_EDGE, "maybe debris_on_road (31%)"),
        (hazard("debris_on_road", 0.29), OddLevel.INSIDE, ""),
    ],
)
def test_hazards_must_not_be(state: HazardState, level: OddLevel, reason: str) -> None:
    assert judge(CLEAR, DAY, ROAD, hazards=(state,)) == Judgement(
        level, (reason,) if reason else ()
    )


@pytest.mark.parametrize(
    ("state", "level", "reason"),
    [
        (attribute("road", "tunnel", tunnel=0.8), OddLevel.OUTSIDE, "road is tunnel (80%)"),
        (attribute("road", "city", tunnel=0.4), OddLevel.NEAR_EDGE, "road may be tunnel (40%)"),
        (attribute("road", "city", tunnel=0.1), OddLevel.INSIDE, ""),
    ],
)
def test_labels_must_not_be_either(state: AttributeState, level: OddLevel, reason: str) -> None:
    assert judge(CLEAR, DAY, state) == Judgement(level, (reason,) if reason else ())


def test_what_nobody_tells_is_unknown_not_inside() -> None:
    assert judge(CLEAR, ROAD) == Judgement(OddLevel.UNKNOWN, ("nothing is told of time_of_day",))
    assert judge(CLEAR, DAY).reasons == ("nothing is told of tunnel",)
    assert judge(CLEAR, DAY, ROAD, hazards=()).level == OddLevel.UNKNOWN


def test_gravest_part_gives_level_and_reasons() -> None:
    night = attribute("time_of_day", "night", night=0.9)
    rain = attribute("weather", "unknown", rain=0.5)
    debris = hazard("debris_on_road", 0.8, active=True)

    judgement = judge(rain, night, ROAD, hazards=(debris,))

    assert judgement == Judgement(
        OddLevel.OUTSIDE, ("time_of_day is night (90%)", "debris_on_road (80%)")
    )


@given(
    st.lists(st.sampled_from(list(OddLevel)), min_size=1).map(
        lambda levels: [Judgement(level, (level.name,) * (level > 0)) for level in levels]
    )
)
def test_joining_keeps_the_gravest_and_says_each_reason_once(parts: list[Judgement]) -> None:
    joined = Judgement.gravest(parts)
    assert all(part.level.gravity <= joined.level.gravity for part in parts)
    assert joined.level in {part.level for part in parts}
    assert joined.reasons == ((joined.level.name,) if joined.level else ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f.yaml: expected YAML with entries, got an empty document"),
        ("- clear", "f.yaml:1: expected a mapping, got a list"),
        ("{}", "f.yaml: expected attributes with their labels, or 'not', got neither"),
        ("weather: []", "f.yaml: weather: expected one label or more, got none"),
        ("weather: {a: b}", "f.yaml:1: weather: expected a text, got a mapping"),
        ("weather: clear\nweather: rain", "f.yaml:2: weather: expected each key once, got it"),
    ],
)
def test_wrong_file_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(OddError) as caught:
        parse_odd(text, source="f.yaml")
    assert str(caught.value).startswith(message)


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, why in (("missing", "No such file"), ("binary", "byte .* no UTF-8")):
        with pytest.raises(OddError, match=f"{name}: expected a readable file .* got {why}"):
            load_odd(tmp_path / name)


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        (Odd({"wether": ("clear",)}), "attribute: expected one of weather, .*, got 'wether'"),
        (Odd({"weather": ("sunny",)}), "weather: label: expected one of clear, .*, got 'sunny'"),
        (Odd({}, ("ghosts",)), "not: hazard or label: expected one of .*, got 'ghosts'"),
    ],
)
def test_words_that_the_vocabulary_lacks_are_refused(odd: Odd, message: str) -> None:
    with pytest.raises(OddError, match=message):
        odd.check(load_vocabulary(DRIVING_VOCABULARY))


def test_words_of_the_vocabulary_are_taken() -> None:
    parse_odd(DOMAIN, source="odd.yaml").check(load_vocabulary(DRIVING_VOCABULARY))
