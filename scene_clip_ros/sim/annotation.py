"""Tells the ground truth of a drawn moment."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scene_clip_ros.sim.arrays import Picture
from scene_clip_ros.sim.render.stage import Drawn, Moment
from scene_clip_ros.sim.render.wardrobe import colour_name
from scene_clip_ros.sim.script.storyboard import Scenario
from scene_clip_ros.sim.semantics import ACTOR_BASE, BOX_CLASSES, PARKED_BASE, SemanticClass
from scene_clip_ros.sim.truth import TruthBox

HAZARD_SHARE = 0.06
"""Height of the smallest thing that is a hazard in sight, as a share of the picture's."""

_FULL_SCALE = 255
_NEAR_VISIBLE = 0.3
_MIN_BOX_PIXELS = 6
_PORTAL_LEAD_M = 26.0
_EXIT_LEAD_M = 6.0


def _kinds(*classes: SemanticClass) -> frozenset[str]:
    return frozenset(kind for kind, group in BOX_CLASSES.items() if group in classes)


_PEOPLE = _kinds(SemanticClass.PERSON, SemanticClass.CYCLIST) - {"worker"}
_ANIMALS = _kinds(SemanticClass.ANIMAL)
_ROAD_WORKS = frozenset({"traffic cone", "barrier", "worker"})


def find_boxes(scenario: Scenario, drawn: Drawn, moment: Moment) -> Iterator[TruthBox]:
    """Yield every actor and parked vehicle that can be seen, far to near."""
    for ident, thing in drawn.things.items():
        v, u = np.nonzero(drawn.canvas.ident == ident)
        if len(v) < _MIN_BOX_PIXELS:
            continue
        segment = scenario.segment_at(thing.along)
        yield TruthBox(
            id=ident - ACTOR_BASE,
            kind=thing.actor.kind,
            colour=colour_name(thing.actor),
            xyxy=(int(u.min()), int(v.min()), int(u.max()) + 1, int(v.max()) + 1),
            visible=min(1.0, len(v) / thing.painted),
            truncated=thing.truncated,
            contrast=float(drawn.contrast[v, u].mean()) / _FULL_SCALE,
            on_road=segment.left <= thing.across <= segment.right,
            distance_m=thing.along - moment.along,
            across_m=thing.across,
            parked=ident >= PARKED_BASE,
        )


def make_mask(scenario: Scenario, drawn: Drawn) -> Picture:
    """Return ``(H, W)`` uint8 ids of ``SemanticClass``."""
    kinds = (BOX_CLASSES[actor.kind] for actor in scenario.actors)
    classes = np.array([*range(ACTOR_BASE), *kinds, SemanticClass.VEHICLE], np.uint8)
    # Whatever is beyond the actors is a parked vehicle.
    return np.asarray(classes[np.minimum(drawn.canvas.ident, len(classes) - 1)])


def find_attributes(scenario: Scenario, moment: Moment) -> dict[str, str | None]:
    """Return the label of each attribute; in a tunnel only the road can be told.

    A tunnel begins before its portal, where it fills the picture, and ends before its exit.
    """
    inside = scenario.segment_at(moment.along).kind == "tunnel"
    lead = _EXIT_LEAD_M if inside else _PORTAL_LEAD_M
    road = scenario.segment_at(moment.along + lead).kind
    if road == "tunnel":
        return {"weather": None, "time_of_day": None, "road": road, "surface": None}
    conditions = scenario.conditions[scenario.conditions_at(moment.seconds)]
    return {
        "weather": conditions.weather,
        "time_of_day": conditions.time_of_day,
        "road": road,
        "surface": conditions.surface,
    }


def find_hazards(boxes: tuple[TruthBox, ...], *, height: int) -> dict[str, bool]:
    """Return for each hazard whether a picture ``height`` pixels tall shows it.

    What is too small or too hidden to be made out does not count.
    """
    tall = HAZARD_SHARE * height
    near = [b for b in boxes if b.visible > _NEAR_VISIBLE and b.xyxy[3] - b.xyxy[1] >= tall]
    on_road = [box for box in near if box.on_road]
    return {
        "person_on_road": any(b.kind in _PEOPLE for b in on_road),
        "animal_on_road": any(b.kind in _ANIMALS for b in on_road),
        "debris_on_road": any(b.kind == "debris" for b in on_road),
        "road_works": sum(b.kind in _ROAD_WORKS for b in near) >= 2,
    }
