"""How actors look."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendered import NOTHING, blank_canvas

from scene_clip_ros.sim.arrays import Mask
from scene_clip_ros.sim.render.actor_drawing import draw_actor
from scene_clip_ros.sim.render.camera import Spot
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.wardrobe import colour_name, outfit_of
from scene_clip_ros.sim.script.actors import ANIMALS, VEHICLES, Actor
from scene_clip_ros.sim.semantics import BOX_CLASSES

IDENT = 140
KINDS = tuple(BOX_CLASSES)


def draw(actor: Actor, *, z: float = 8.0, seconds: float = 0.0) -> Canvas:
    canvas = blank_canvas()
    draw_actor(canvas, actor, Spot(0.0, z), seconds=seconds, ident=IDENT)
    return canvas


def silhouette(actor: Actor, *, z: float = 8.0, seconds: float = 0.0) -> Mask:
    return np.asarray(draw(actor, z=z, seconds=seconds).ident == IDENT)


def height_px(seen: Mask) -> int:
    return int(np.ptp(np.nonzero(seen)[0])) + 1


def width_px(seen: Mask) -> int:
    return int(np.ptp(np.nonzero(seen)[1])) + 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_class_can_be_drawn(kind: str) -> None:
    canvas = draw(Actor(kind, 5, 0, 0))
    assert np.count_nonzero(canvas.ident == IDENT) > 20
    assert set(np.unique(canvas.ident).tolist()) == {NOTHING, IDENT}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_farther_is_smaller(kind: str) -> None:
    actor = Actor(kind, 5, 0, 0)
    near, far = silhouette(actor, z=10.0), silhouette(actor, z=25.0)
    assert height_px(far) < 0.7 * height_px(near)
    assert far.sum() < 0.4 * near.sum()


@pytest.mark.parametrize("kind", ["adult", "child", "worker"])
def test_people_are_as_tall_as_they_are(kind: str) -> None:
    seen = silhouette(Actor(kind, 5, 0, 0, height=1.8))
    assert height_px(seen) == pytest.approx(1.8 * 120 / 8, rel=0.15)


def test_people_stand_on_the_ground() -> None:
    canvas = draw(Actor("adult", 5, 0, 0))
    feet = np.nonzero(canvas.ident == IDENT)[0].max()
    assert feet == pytest.approx(40 + 120 * 1.5 / 8, abs=2)


def test_a_baby_crawls_low_and_long() -> None:
    baby = silhouette(Actor("baby", 5, 0, 0, cross_speed=0.7, cross_to=9, height=0.7))
    adult = silhouette(Actor("adult", 5, 0, 0))
    assert height_px(baby) < 0.45 * height_px(adult)
    assert width_px(baby) > height_px(baby)


@pytest.mark.parametrize("kind", ["adult", "baby", "cyclist", "wheelchair user", "stroller"])
def test_who_crosses_faces_where_they_go(kind: str) -> None:
    right = silhouette(Actor(kind, 5, 0, 0, cross_speed=1.0, cross_to=9))
    left = silhouette(Actor(kind, 5, 0, 0, cross_speed=-1.0, cross_to=-9))
    front = silhouette(Actor(kind, 5, 0, 0))
    mirrored = np.roll(right[:, ::-1], 1, axis=1)
    assert (mirrored & left).sum() > 0.9 * left.sum()
    assert not np.array_equal(right, front)


@pytest.mark.parametrize("kind", ["adult", "child", "cyclist", "dog"])
def test_who_walks_moves_and_who_stands_does_not(kind: str) -> None:
    standing, walking = Actor(kind, 5, 0, 0), Actor(kind, 5, 0, 0, speed=1.3)
    assert np.array_equal(draw(standing).rgb, draw(standing, seconds=0.4).rgb)
    assert not np.array_equal(draw(walking).rgb, draw(walking, seconds=0.4).rgb)


@pytest.mark.parametrize("kind", KINDS)
def test_an_actor_always_looks_the_same(kind: str) -> None:
    actor = Actor(kind, 77, 0, 0)
    assert outfit_of(actor) == outfit_of(replace(actor, along=50.0))
    assert np.array_equal(draw(actor).rgb, draw(actor).rgb)


@pytest.mark.parametrize("kind", ["adult", "car"])
def test_actors_have_the_colour_of_its_name(kind: str) -> None:
    red = next(a for a in (Actor(kind, k, 0, 0) for k in range(99)) if colour_name(a) == "red")
    canvas = draw(red, z=6.0)
    seen = canvas.rgb[canvas.ident == IDENT].astype(int)
    assert ((seen[:, 0] > 80) & (seen[:, 0] > 2 * seen[:, 1])).mean() > 0.15


def test_clothes_and_paint_vary() -> None:
    assert len({colour_name(Actor("adult", look, 0, 0)) for look in range(60)}) > 8
    assert len({colour_name(Actor("car", look, 0, 0)) for look in range(60)}) > 7


def test_workers_wear_bright_vests() -> None:
    for look in range(20):
        red, green, _ = outfit_of(Actor("worker", look, 0, 0)).top
        assert red > 150
        assert green > 100


@pytest.mark.parametrize("kind", [*VEHICLES, *ANIMALS])
def test_figures_beside_the_lens_are_left_out_or_cut(kind: str) -> None:
    canvas = blank_canvas()
    draw_actor(canvas, Actor(kind, 5, 0, 0), Spot(3.0, 0.3), seconds=0.0, ident=IDENT)
    assert not (canvas.ident[:, :60] == IDENT).any()
