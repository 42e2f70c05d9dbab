"""Scoring of alerts against the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from drives import STEP_NS, alert, at, found, scored, true, truth

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import FrameBoxes, Xyxy
from scene_clip_ros.report.alert_scoring import AlertScore, score_alerts
from scene_clip_ros.report.true_boxes import TrueBox

INSIDE, OUTSIDE = at(300, 200), at(50, 200)
TOUCHING = at(220, 200)
"""Ten of forty pixels are in the zone, which begins at 256."""

LETTERS = {"-": AlertLevel.CLEAR, "c": AlertLevel.CAUTION, "W": AlertLevel.WARNING}
PLACES: Mapping[str, Xyxy | None] = {"i": INSIDE, "t": TOUCHING, "o": OUTSIDE, ".": None}


def said(levels: str, *, camera: str = "front") -> list[tuple[FrameBoxes, Alert]]:
    """Return alerts, one letter a frame: - clear, c caution, W warning."""
    return [
        (found(frame=i, camera=camera), alert(LETTERS[letter], frame=i, camera=camera))
        for i, letter in enumerate(levels)
    ]


def walk(
    places: str, kind: str = "adult", *, visible: float = 1.0, metres: Sequence[float] = ()
) -> list[list[TrueBox]]:
    """Return somebody per frame: i inside, t touching, o outside, . not to be seen."""
    return [
        []
        if (xyxy := PLACES[letter]) is None
        else [true(kind, xyxy, visible=visible, distance_m=metres[i] if metres else 20.0)]
        for i, letter in enumerate(places)
    ]


def score(levels: str, people: Sequence[Sequence[TrueBox]]) -> AlertScore:
    truths = [truth(*boxes, frame=i) for i, boxes in enumerate(people)]
    return score_alerts(said(levels), truths)


@pytest.mark.parametrize(
    ("places", "lengths"),
    [
        pytest.param("oiiiio", [3], id="one stay"),
        pytest.param("oiiio", [], id="too short"),
        pytest.param("ii...ii", [6], id="0.4 s out of sight"),
        pytest.param("iiiiooooiiii", [3, 3], id="0.5 s out of the zone"),
        pytest.param("tttttttt", [], id="a foot on the line is not inside"),
        pytest.param("oooooooo", [], id="beside"),
    ],
)
def test_a_crossing_is_a_stay_in_the_zone(places: str, lengths: list[int]) -> None:
    crossings = [each.crossing for each in score("-" * len(places), walk(places)).crossings]
    assert [(c.left_ns - c.entered_ns) // STEP_NS for c in crossings] == lengths


def test_frames_that_follow_each_other_are_one_stay_however_slow_the_camera() -> None:
    frames = [0, 10, 20]
    truths = [truth(true("adult", INSIDE), frame=i) for i in frames]
    alerts = [(found(frame=i), alert(AlertLevel.CLEAR, frame=i)) for i in frames]
    assert len(score_alerts(alerts, truths).crossings) == 1


@pytest.mark.parametrize(
    ("kind", "visible", "events"),
    [
        ("adult", 1.0, 1),
        ("cyclist", 1.0, 1),
        ("baby", 0.3, 1),
        ("child", 0.29, 0),
        ("car", 1.0, 0),
        ("dog", 1.0, 0),
    ],
)
def test_crossings_are_those_of_people_to_be_seen(kind: str, visible: float, events: int) -> None:
    assert len(score("------", walk("iiiiii", kind, visible=visible)).crossings) == events


@pytest.mark.parametrize(
    ("levels", "delay_s", "warned"),
    [
        pytest.param("WWWWWWWW", 0.0, 1, id="held already"),
        pytest.param("--WWWWWW", 0.0, 1, id="at once"),
        pytest.param("----WW--", 0.2, 1, id="later"),
        pytest.param("WW----WW", 0.4, 1, id="fallen off and back"),
        pytest.param("WWcccccc", None, 0, id="never"),
        pytest.param("cccccccW", 0.5, 1, id="in the last frame"),
    ],
)
def test_delay_is_from_entering_to_warning(levels: str, delay_s: float | None, warned: int) -> None:
    total = score(levels, walk("ooiiiiii"))
    assert (total.median_delay_s, total.warned) == (delay_s, warned)


def test_a_warning_after_contact_is_too_late() -> None:
    people = walk("oiiiiii", metres=[8, 6, 4, 2, 1, 1, 1])
    assert score("---WWWW", people).warned == 1
    late = score("----WWW", people)
    assert (late.warned, late.median_delay_s) == (0, pytest.approx(0.3))


@pytest.mark.parametrize(
    ("levels", "xyxy", "of_person"),
    [
        pytest.param("--WWWW", INSIDE, 1, id="of the person"),
        pytest.param("--WWWW", at(310, 205), 1, id="of a box that fits roughly"),
        pytest.param("WWWWWW", at(350, 200), 0, id="held because of somebody else"),
        pytest.param("--cccc", INSIDE, 0, id="no warning"),
    ],
)
def test_a_warning_of_somebody_else_is_told_from_one_of_the_person(
    levels: str, xyxy: Xyxy, of_person: int
) -> None:
    frames = [
        (boxes, replace(held, boxes=(scored("person", xyxy),))) for boxes, held in said(levels)
    ]
    truths = [truth(*boxes, frame=i) for i, boxes in enumerate(walk("oiiiii"))]

    total = score_alerts(frames, truths)

    assert (total.warned, total.warned_of_person) == (int("W" in levels), of_person)


def test_a_warning_of_the_person_after_contact_is_too_late() -> None:
    people = walk("oiiiiii", metres=[8, 6, 4, 2, 1, 1, 1])
    truths = [truth(*boxes, frame=i) for i, boxes in enumerate(people)]
    frames = [
        (boxes, replace(held, boxes=(scored("person", INSIDE if i > 3 else OUTSIDE),)))
        for i, (boxes, held) in enumerate(said("--WWWWW"))
    ]

    total = score_alerts(frames, truths)

    assert (total.warned, total.warned_of_person) == (1, 0)


def test_a_warning_after_the_person_left_is_none() -> None:
    (outcome,) = score("------WW", walk("oiiiiioo")).crossings
    assert (outcome.delay_s, outcome.warned, outcome.warned_of_person) == (None, False, False)


def test_delays_are_summed_up() -> None:
    people = walk("iiiiiiiioooooooiiiiiiiioooooooiiii")
    total = score("-W-------------------WW-----------", people)
    assert (len(total.crossings), total.warned, total.prompt) == (3, 2, 2)
    assert (total.median_delay_s, total.max_delay_s) == pytest.approx((0.35, 0.6))


def test_nobody_has_no_delay() -> None:
    total = score("---", walk("..."))
    assert (total.crossings, total.median_delay_s, total.max_delay_s) == ((), None, None)


@pytest.mark.parametrize(
    ("levels", "places", "false"),
    [
        pytest.param("-WWW-", ".....", 1, id="nobody there"),
        pytest.param("-WWW-", "ooooo", 1, id="somebody beside"),
        pytest.param("-W-W-", ".....", 2, id="twice"),
        pytest.param("-ccc-", ".....", 0, id="caution is no warning"),
        pytest.param("-WWW-", "...t.", 0, id="a foot on the line"),
        pytest.param("-" * 12 + "W", "i" + "." * 12, 0, id="held for 1.2 s"),
        pytest.param("-" * 13 + "W", "i" + "." * 13, 1, id="held for longer"),
        pytest.param("-W--", "...i", 1, id="somebody only later"),
    ],
)
def test_a_warning_is_false_with_nobody_in_the_zone(levels: str, places: str, false: int) -> None:
    assert len(score(levels, walk(places)).false_warnings) == false


def test_even_somebody_hidden_justifies_a_warning() -> None:
    assert score("WW", walk("ii", visible=0.01)).false_warnings == ()


def approach(told_s: float, *, xyxy: Xyxy = INSIDE, speed: float = 1.0) -> AlertScore:
    """Return the score of three frames of somebody 20 m away, with 2 s to go at ``speed`` 1."""
    metres = [20.0 + speed, 20.0, 20.0 - speed]
    truths = [truth(true("adult", INSIDE, distance_m=m), frame=i) for i, m in enumerate(metres)]
    frames = [
        (
            found(frame=i),
            alert(
                AlertLevel.WARNING,
                frame=i,
                boxes=[scored("person", xyxy)],
                time_to_contact_s=told_s,
            ),
        )
        for i in range(3)
    ]
    return score_alerts(frames, truths)


@pytest.mark.parametrize(("told_s", "error"), [(2.0, 0.0), (2.5, 0.25), (1.0, 0.5)])
def test_time_to_contact_is_compared_with_distance_over_speed(told_s: float, error: float) -> None:
    assert approach(told_s).ttc_relative_error == pytest.approx(error)


@pytest.mark.parametrize(
    "score_",
    [
        approach(float("nan")),
        approach(2.0, xyxy=OUTSIDE),
        approach(2.0, speed=0.4),
        approach(2.0, speed=0.0),
        approach(2.0, speed=-1.0),
    ],
    ids=["not told", "of nobody", "more than 4 s", "standing", "going away"],
)
def test_time_to_contact_is_not_judged(score_: AlertScore) -> None:
    assert score_.ttc_relative_error is None


def test_drives_with_cameras_of_their_own_add_up() -> None:
    drives = ("drive0", "drive1")
    truths = [
        truth(*boxes, frame=i, camera=name)
        for name in drives
        for i, boxes in enumerate(walk("iiii"))
    ]
    total = score_alerts([*said("WWWW", camera="drive0"), *said("----", camera="drive1")], truths)
    assert (total.frames, len(total.crossings), total.warned, total.warnings) == (8, 2, 1, 1)
    assert [each.crossing.camera for each in total.crossings] == ["drive0", "drive1"]


def test_order_does_not_matter() -> None:
    people = walk("oiiiio")
    truths = [truth(*boxes, frame=i) for i, boxes in enumerate(people)]
    frames = said("--WWW-")
    assert score_alerts(frames, truths) == score_alerts(frames[::-1], truths[::-1])
