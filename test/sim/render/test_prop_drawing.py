"""How things beside the road look."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendered import NOTHING, PLAIN_AIR, blank_canvas

from scene_clip_ros.sim.render.actor_drawing import draw_actor
from scene_clip_ros.sim.render.camera import Spot
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.prop_drawing import draw_prop, parked_vehicle
from scene_clip_ros.sim.script.layouts import make_segment
from scene_clip_ros.sim.script.props import TREE_KINDS, Prop, make_props
from scene_clip_ros.sim.script.road import ROADS
from scene_clip_ros.sim.semantics import SemanticClass

NIGHT = replace(PLAIN_AIR, ambient=np.full(3, 0.1), lamps=1.0, windows=1.0)
SNOWY = replace(PLAIN_AIR, snow_cover=1.0)
LAMP = Prop("lamp", 0.0, 4.0, (2.0, 7.0))
HOUSE = Prop("house", 0.0, 10.0, (12.0, 5.0), 3)


def every_kind() -> dict[str, Prop]:
    """Return one prop of every kind that stands beside some road."""
    found: dict[str, Prop] = {}
    for road in ROADS:
        for seed in range(12):
            for prop in make_props(make_segment(road, 0, 900, seed=seed)):
                found.setdefault(prop.kind, prop)
    return found


KINDS = every_kind()


def draw(prop: Prop, spot: Spot, canvas: Canvas | None = None) -> Canvas:
    canvas = canvas or blank_canvas()
    if vehicle := parked_vehicle(prop):
        draw_actor(canvas, vehicle, spot, seconds=0.0, ident=SemanticClass.VEHICLE)
    else:
        draw_prop(canvas, prop, spot)
    return canvas


def test_many_kinds_of_things_stand_beside_roads() -> None:
    assert len(KINDS) >= 18


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_seen_ahead(kind: str) -> None:
    prop = KINDS[kind]
    across = float(np.clip(prop.across, -9, 9))
    canvas = draw(prop, Spot(across, 25.0, 0.05))
    classes = set(np.unique(canvas.ident).tolist()) - {NOTHING}
    assert classes
    assert classes <= {int(each) for each in SemanticClass}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("z", [-30.0, 0.0, 0.7, 1.5])
def test_nothing_breaks_when_the_camera_passes(kind: str, z: float) -> None:
    prop = KINDS[kind]
    draw(prop, Spot(prop.across or 5.0, z, -0.2))


@pytest.mark.parametrize("kind", TREE_KINDS)
def test_trees_have_crowns_of_their_kind(kind: str) -> None:
    canvas = draw(Prop("tree", 0.0, 0.0, (6.0, 8.0), 2, kind), Spot(0.0, 20.0))
    seen = canvas.ident == SemanticClass.VEGETATION
    assert 50 < seen.sum() < 60 * 60
    others = {
        other: draw(Prop("tree", 0.0, 0.0, (6.0, 8.0), 2, other), Spot(0.0, 20.0)).rgb
        for other in TREE_KINDS
        if other != kind
    }
    assert not any(np.array_equal(canvas.rgb, rgb) for rgb in others.values())


def test_snow_lies_on_trees_and_roofs() -> None:
    for prop, spot in (
        (Prop("tree", 0.0, 0.0, (6.0, 8.0), 2, "conifer"), Spot(0.0, 20.0)),
        (HOUSE, Spot(10.0, 30.0)),
    ):
        bare, snowy = draw(prop, spot), draw(prop, spot, blank_canvas(SNOWY))
        seen = bare.ident != NOTHING
        assert snowy.rgb[seen].mean() > bare.rgb[seen].mean() + 5


def test_street_lamps_shine_at_night_only() -> None:
    assert draw(LAMP, Spot(4.0, 20.0)).glows == []
    (glow,) = draw(LAMP, Spot(4.0, 20.0), blank_canvas(NIGHT)).glows
    foot = 80 + 120 * 4.0 / 20
    assert glow.u < foot, "the arm reaches over the road"


@pytest.mark.parametrize("variant", range(3))
def test_one_bulb_of_a_traffic_light_is_lit(variant: int) -> None:
    prop = Prop("traffic light", 0.0, 4.0, (0.35, 4.6), variant)
    glows = draw(prop, Spot(4.0, 15.0)).glows
    assert len(glows) == 2
    assert len({glow.colour for glow in glows}) == 1
    red, green, _ = glows[0].colour
    assert (red > green, red > 3 * green) == [(True, True), (True, False), (False, False)][variant]


def test_windows_are_lit_at_night() -> None:
    prop, spot = Prop("building", 0.0, 8.0, (20.0, 20.0), 2), Spot(8.0, 30.0)
    night = draw(prop, spot, blank_canvas(NIGHT))
    walls = night.rgb[night.ident == SemanticClass.BUILDING]
    assert 0.02 < (walls[:, 0] > 80).mean() < 0.7


def test_road_signs_can_be_read_when_they_are_near() -> None:
    sign = Prop("sign", 0.0, 3.0, (1.5, 3.0), detail="stop")
    near = draw(sign, Spot(1.0, 5.0))
    face = near.rgb[near.ident == SemanticClass.SIGN].astype(int)
    assert ((face[:, 0] > 150) & (face[:, 1] < 80)).mean() > 0.3
    assert (face.min(axis=1) > 180).mean() > 0.1


def test_cars_park_as_their_side_of_the_road_drives() -> None:
    right, left = (Prop("parked", 0.0, across, (0, 0), 4) for across in (4.0, -4.0))
    ahead, oncoming = draw(right, Spot(0.0, 15.0)), draw(left, Spot(0.0, 15.0))
    assert not np.array_equal(ahead.rgb, oncoming.rgb)
    assert (ahead.ident == SemanticClass.VEHICLE).sum() > 50
