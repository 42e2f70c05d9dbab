"""Captions under rendered frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendered import make_drive

from scene_clip_ros.sim.captions import OBJECTS, WORDS, write_captions
from scene_clip_ros.sim.scenario import scenario_names
from scene_clip_ros.sim.script.conditions import SURFACES, TIMES_OF_DAY, WEATHERS
from scene_clip_ros.sim.script.road import ROADS
from scene_clip_ros.sim.semantics import BOX_CLASSES
from scene_clip_ros.sim.truth import ATTRIBUTES, TruthBox

SCENE: dict[str, str | None] = {
    "weather": "rain",
    "time_of_day": "night",
    "road": "city street",
    "surface": "wet",
}
CHILD = TruthBox(
    id=0,
    kind="child",
    colour="red",
    xyxy=(40, 20, 60, 80),
    visible=1.0,
    truncated=0.0,
    contrast=0.5,
    on_road=True,
    distance_m=12.0,
    across_m=0.5,
)


def captions_of(*boxes: TruthBox, seed: int = 0) -> tuple[str, ...]:
    return write_captions(SCENE, boxes, 100, np.random.default_rng(seed))


def mentions(captions: tuple[str, ...], kind: str) -> bool:
    return any(word in caption for caption in captions for word in OBJECTS[kind])


def test_every_label_and_class_has_wordings() -> None:
    labels = {name: set(words) for name, words in WORDS.items()}
    assert tuple(labels) == ATTRIBUTES
    assert labels["weather"] == set(WEATHERS)
    assert labels["time_of_day"] == set(TIMES_OF_DAY)
    assert labels["road"] == set(ROADS)
    assert labels["surface"] == set(SURFACES)
    assert OBJECTS.keys() == BOX_CLASSES.keys()


def test_no_wording_means_two_labels() -> None:
    for labels in WORDS.values():
        words = [word for each in labels.values() for word in each]
        assert len(words) == len(set(words))


@pytest.mark.parametrize("name", scenario_names())
def test_captions_say_what_is_true_and_no_more(name: str) -> None:
    truth = make_drive(name).render(40).truth
    for attribute, label in truth.attributes.items():
        said = {
            each
            for each, words in WORDS[attribute].items()
            if any(word in truth.captions for word in words)
        }
        assert said == ({label} - {None})


def test_the_first_caption_is_about_the_whole_scene() -> None:
    scene = captions_of()[0]
    for attribute, label in SCENE.items():
        assert label is not None
        assert any(word in scene for word in WORDS[attribute][label])


def test_what_cannot_be_told_is_left_out() -> None:
    tunnel = {**dict.fromkeys(ATTRIBUTES), "road": "tunnel"}
    captions = write_captions(tunnel, (), 100, np.random.default_rng(0))
    assert len(captions) == 1
    assert captions[0] in WORDS["road"]["tunnel"]


def test_no_caption_comes_twice() -> None:
    captions = captions_of(CHILD, replace(CHILD, id=1), replace(CHILD, id=2))
    assert len(captions) == len(set(captions))


def test_who_stands_out_is_mentioned() -> None:
    assert mentions(captions_of(CHILD), "child")


@pytest.mark.parametrize(
    "change", [{"visible": 0.2}, {"xyxy": (40, 20, 42, 23)}], ids=["hidden", "tiny"]
)
def test_who_can_hardly_be_seen_is_not_mentioned(change: dict[str, object]) -> None:
    assert not mentions(captions_of(replace(CHILD, **change)), "child")


def test_people_are_mentioned_before_vehicles() -> None:
    cars = [replace(CHILD, id=i, kind="car") for i in range(1, 5)]
    assert mentions(captions_of(*cars, CHILD), "child")


@pytest.mark.parametrize("seed", range(6))
def test_who_is_beside_the_road_is_not_said_to_cross(seed: int) -> None:
    captions = captions_of(replace(CHILD, on_road=False), seed=seed)
    assert any(caption.endswith("beside the road") for caption in captions)
    assert not any("crossing" in caption or "on the road" in caption for caption in captions[:2])


@pytest.mark.parametrize(
    ("across_m", "place"), [(0.0, "ahead"), (4.0, "on the right"), (-4.0, "on the left")]
)
def test_vehicles_are_placed(across_m: float, place: str) -> None:
    truck = replace(CHILD, kind="truck", across_m=across_m)
    assert place in captions_of(truck)[1]


def test_colours_take_the_right_article() -> None:
    orange = replace(CHILD, kind="car", colour="orange")
    texts = " ".join(caption for seed in range(20) for caption in captions_of(orange, seed=seed))
    assert "an orange " in texts
    assert "a orange" not in texts
