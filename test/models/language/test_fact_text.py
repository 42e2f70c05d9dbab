from __future__ import annotations

from asked_window import START_NS, STEP_NS, window

from scene_clip_ros.core.questions.types import FrameFacts, HazardFact, LabelFact, TrackFact
from scene_clip_ros.models.language.fact_text import MAX_CHARACTERS, fact_text


def facts(*labels: str) -> list[FrameFacts]:
    return [
        FrameFacts("front", START_NS + STEP_NS * place, (LabelFact("weather", label, 0.5),))
        for place, label in enumerate(labels)
    ]


def tracks(count: int) -> list[FrameFacts]:
    found = tuple(TrackFact(number, "person", 0.5, 0.1) for number in range(count))
    return [FrameFacts("front", START_NS, tracks=found)]


def test_facts_are_told_over_time() -> None:
    assert fact_text(window().facts, START_NS).splitlines() == [
        "Camera front, 0.0 to 1.5 s, 4 frames:",
        "- weather: rain (0.0 to 0.5 s, probability 0.90); clear (1.0 to 1.5 s, probability 0.90)",
        "- hazard animal on the road: present (1.0 to 1.5 s, probability up to 0.78)",
        "- objects followed: 1",
        "  - object 7: person, 0.0 to 1.5 s, height 1% to 20% of the picture, score up to 0.60",
    ]


def test_each_camera_has_its_own_lines() -> None:
    text = fact_text(window(cameras=("front", "rear")).facts, START_NS)
    assert "Camera front, 0.0 to 1.0 s, 2 frames:" in text
    assert "Camera rear, 0.5 to 1.5 s, 2 frames:" in text


def test_hazard_that_was_never_there_is_said_to_be_absent() -> None:
    absent = FrameFacts("front", START_NS, hazards=(HazardFact("debris", False, 0.25),))
    assert "- hazard debris: never present (probability up to 0.25)" in fact_text(
        [absent], START_NS
    )


def test_no_facts_are_no_text() -> None:
    assert fact_text([], START_NS) == ""


def test_boxes_that_are_off_are_not_mentioned() -> None:
    assert "objects" not in fact_text(facts("rain"), START_NS)
    assert "- objects followed: 0" in fact_text(tracks(0), START_NS)


def test_only_the_longest_of_many_changes_are_told() -> None:
    flicker = ["rain", "snow"] * 20 + ["fog"] * 5
    text = fact_text(facts(*flicker), START_NS)
    assert "fog (20.0 to 22.0 s" in text
    assert "and 29 shorter changes" in text


def test_only_the_longest_of_many_tracks_are_told() -> None:
    text = fact_text(tracks(100), START_NS)
    assert text.count("person") == 30
    assert text.endswith("- and 70 that were seen for less time")


def test_text_is_bounded() -> None:
    many = [fact for number in range(200) for fact in _renamed(tracks(30), f"camera_{number}")]
    text = fact_text(many, START_NS)
    assert len(text) <= MAX_CHARACTERS
    assert text.endswith("\n(more left out)")


def test_no_camera_is_left_out_because_another_has_much_to_tell() -> None:
    flicker = facts(*["rain", "snow"] * 20)
    many = [fact for number in range(12) for fact in _renamed(tracks(30), f"camera_{number}")]
    rear = [FrameFacts("rear", fact.stamp_ns, fact.labels) for fact in flicker]
    text = fact_text([*many, *rear], START_NS)
    assert len(text) <= MAX_CHARACTERS
    assert text.count("Camera ") == 13
    assert text.count("(more left out)") == 12
    assert text.endswith("and 28 shorter changes")
    shares = [len(each) for each in text.split("Camera ")[1:-1]]
    assert max(shares) - min(shares) < 120


def _renamed(given: list[FrameFacts], camera: str) -> list[FrameFacts]:
    return [FrameFacts(camera, fact.stamp_ns, tracks=fact.tracks) for fact in given]
