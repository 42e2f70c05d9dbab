"""Objects are told apart although the tracker loses them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from observed import AHEAD, BESIDE, VOCABULARY, facts_of, track

from scene_clip_ros.core.questions import counting
from scene_clip_ros.core.questions.counting import (
    FollowedObject,
    count_objects,
    follow_objects,
    is_on_road,
    object_presence,
)
from scene_clip_ros.core.questions.types import FrameFacts

PEOPLE = ("person", "child", "baby", "wheelchair user", "stroller")


def count_people(facts: tuple[FrameFacts, ...], names: tuple[str, ...] = PEOPLE) -> int:
    objects = follow_objects(facts, VOCABULARY)
    assert objects is not None
    count = count_objects(facts, objects, names, least=0.5)
    assert count.fewest == count.most
    return count.fewest


def moved(by: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = BESIDE
    return (left - by, top, right - by, bottom)


def test_without_boxes_nobody_is_followed() -> None:
    assert follow_objects(facts_of(boxes=False), VOCABULARY) is None


def test_only_what_was_seen_lately_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def counted(before: FollowedObject, after: FollowedObject, *_: object) -> float:
        compared.append((before, after))
        return math.inf

    monkeypatch.setattr(counting, "_shift", counted)
    tracks = {range(i, i + 1): track(ident=i) for i in range(400)}
    assert len(follow_objects(facts_of(400, tracks=tracks), VOCABULARY) or ()) == 400
    assert len(compared) < 400 * 4


def test_no_facts_are_no_boxes() -> None:
    assert follow_objects((), VOCABULARY) is None


def test_tracks_of_their_own_are_people_of_their_own() -> None:
    tracks = {range(10): track(ident=1), range(5, 25): track(ident=2, xyxy=moved(0.5))}
    assert count_people(facts_of(tracks=tracks)) == 2


def test_a_track_that_goes_on_under_another_id_is_one_person() -> None:
    tracks = {
        range(number, number + 1): track(ident=number, xyxy=moved(0.05 * number))
        for number in range(8)
    }
    assert count_people(facts_of(tracks=tracks)) == 1


def test_without_places_sizes_tell_whether_it_is_the_same_person() -> None:
    near = track(ident=2, xyxy=(0.4, 0.1, 0.6, 0.9))
    tracks = {range(5): track(ident=0), range(5, 10): track(ident=1), range(10, 15): near}
    bare = {
        frames: track(ident=each.track_id, xyxy=None) for frames, each in list(tracks.items())[:2]
    }
    assert count_people(facts_of(tracks=bare)) == 1
    assert count_people(facts_of(tracks=tracks)) == 2


def test_someone_who_comes_much_later_is_someone_else() -> None:
    tracks = {range(5): track(ident=1), range(15, 20): track(ident=2)}
    assert count_people(facts_of(tracks=tracks)) == 2


def test_someone_who_is_there_at_the_same_time_is_someone_else() -> None:
    tracks = {range(5): track(ident=1), range(4, 9): track(ident=2, xyxy=moved(0.01))}
    assert count_people(facts_of(tracks=tracks)) == 2


def test_an_object_of_another_family_is_another_object() -> None:
    tracks = {range(5): track("vehicle", ident=1), range(5, 10): track(ident=2)}
    assert count_people(facts_of(tracks=tracks)) == 1
    assert count_people(facts_of(tracks=tracks), ("vehicle",)) == 1


def test_a_flicker_is_nobody() -> None:
    assert count_people(facts_of(tracks={range(7, 8): track(score=0.95)})) == 0


@pytest.mark.parametrize(
    ("height", "expected"),
    [(0.1, 1), (0.03, 0)],
    ids=["clear to see", "a few lines of the picture"],
)
def test_what_is_too_small_to_be_made_out_is_nobody(height: float, expected: int) -> None:
    standing = (0.5, 0.5, 0.5 + height / 2, 0.5 + height)

    assert count_people(facts_of(tracks={range(10): track(xyxy=standing)})) == expected


def test_kinds_are_voted_on() -> None:
    tracks = {
        range(2): track("person", ident=1, score=0.6),
        range(2, 8): track("child", ident=2),
    }
    assert count_people(facts_of(tracks=tracks), ("child",)) == 1


def test_the_same_id_of_another_camera_is_someone_else() -> None:
    front = facts_of(10, tracks={range(10): track()})
    rear = facts_of(10, camera="rear", tracks={range(10): track()})
    assert count_people((*front, *rear)) == 2


def test_of_an_object_in_doubt_the_count_is_a_range() -> None:
    facts = facts_of(tracks={range(10): track(ident=1), range(20, 22): track(ident=2, score=0.76)})
    objects = follow_objects(facts, VOCABULARY)
    assert objects is not None
    count = count_objects(facts, objects, PEOPLE, least=0.5)
    assert (count.fewest, count.most) == (1, 2)
    assert count.confidence < 0.55


@pytest.mark.parametrize(("xyxy", "expected"), [(AHEAD, True), (BESIDE, False), (None, False)])
def test_who_stands_in_the_way_is_on_the_road(
    xyxy: tuple[float, float, float, float] | None,
    expected: bool,  # noqa: FBT001 (a parameter of the table)
) -> None:
    assert is_on_road(track(xyxy=xyxy)) == expected


def test_only_those_on_the_road_are_shown_there() -> None:
    tracks = {range(10): track(ident=1), range(20, 30): track(ident=2, xyxy=AHEAD)}
    facts = facts_of(tracks=tracks)
    found = object_presence(
        facts, follow_objects(facts, VOCABULARY) or (), PEOPLE, least=0.5, where=is_on_road
    )
    assert np.flatnonzero(found.shown).tolist() == list(range(20, 30))
    assert found.probability == pytest.approx(0.9)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 29),
            st.integers(1, 10),
            st.floats(0.05, 1.0),
            st.sampled_from(["person", "child", "vehicle"]),
        ),
        max_size=8,
    )
)
def test_counts_stay_between_those_at_once_and_those_followed(
    tracks: list[tuple[int, int, float, str]],
) -> None:
    facts = facts_of(
        tracks={
            range(start, start + length): track(label, ident=number, score=score)
            for number, (start, length, score, label) in enumerate(tracks)
        }
    )
    objects = follow_objects(facts, VOCABULARY)
    assert objects is not None
    count = count_objects(facts, objects, PEOPLE, least=0.5)
    assert 0 <= count.fewest_at_once <= count.fewest <= count.most <= len(tracks)
    assert count.fewest_at_once <= count.most_at_once <= count.most
    assert 0.5 <= count.confidence <= 1.0
