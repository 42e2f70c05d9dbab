from __future__ import annotations

from collections import Counter

import numpy as np

from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.sim.script.storyboard import Scenario
from scene_clip_ros.sim.semantics import BOX_CLASSES
from scene_clip_ros.training.detection.crowds import populate

SECONDS = 8.0
BARE = make_scenario("residential-day", seed=3, seconds=SECONDS)


def crowded(seed: int) -> Scenario:
    return populate(BARE, np.random.default_rng(seed), seconds=SECONDS)


def test_everybody_who_was_there_stays() -> None:
    assert crowded(0).actors[: len(BARE.actors)] == BARE.actors


def test_every_rare_kind_comes_often() -> None:
    added = Counter(a.kind for seed in range(20) for a in crowded(seed).actors[len(BARE.actors) :])
    vehicles_and_fixtures = {"car", "van", "truck", "bus", "barrier"}
    assert set(added) == set(BOX_CLASSES) - vehicles_and_fixtures
    assert min(added.values()) >= 5


def test_equal_seeds_give_equal_crowds() -> None:
    assert crowded(4) == crowded(4)
    assert crowded(4) != crowded(5)


def test_many_of_them_can_be_seen() -> None:
    def people(scenario: Scenario) -> int:
        drive = Drive(scenario, seed=3, seconds=SECONDS, size_wh=(160, 90))
        boxes = drive.render(20).truth.boxes
        return sum(box.kind not in {"car", "van", "truck", "bus"} for box in boxes)

    assert people(crowded(1)) >= people(BARE) + 4
