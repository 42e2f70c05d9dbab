"""Reflections and bloom."""

from __future__ import annotations

import numpy as np
from rendered import GREY, blank_canvas

from scene_clip_ros.sim.arrays import Mask
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.glare import bloom, reflect

HORIZON = 40


def half_bright() -> tuple[Canvas, Mask]:
    """Return a canvas bright above the horizon on the left, and its ground."""
    canvas = blank_canvas()
    canvas.rgb[:HORIZON, :80] = 255
    canvas.rgb[:HORIZON, 80:] = 0
    ground = np.zeros(canvas.ident.shape, bool)
    ground[HORIZON:] = True
    return canvas, ground


def test_wet_ground_mirrors_what_is_above_it() -> None:
    canvas, ground = half_bright()
    reflect(canvas, 1.0, ground)
    assert canvas.rgb[HORIZON + 5, 20].mean() > GREY + 30
    assert canvas.rgb[HORIZON + 5, 140].mean() < GREY - 30


def test_reflections_are_upside_down() -> None:
    canvas, ground = half_bright()
    canvas.rgb[:] = GREY
    canvas.rgb[HORIZON - 30 : HORIZON - 20] = 255
    reflect(canvas, 1.0, ground)
    levels = canvas.rgb[HORIZON:, 80, 0]
    assert levels[20:30].mean() > levels[:10].mean() + 20
    assert levels[20:30].mean() > levels[38:48].mean() + 20


def test_reflections_grow_with_the_film_of_water() -> None:
    levels = []
    for wetness in (0.0, 0.5, 1.0):
        canvas, ground = half_bright()
        reflect(canvas, wetness, ground)
        levels.append(float(canvas.rgb[HORIZON + 5, 20].mean()))
    assert levels[0] == GREY
    assert levels[0] < levels[1] < levels[2]


def test_only_the_ground_mirrors() -> None:
    canvas, ground = half_bright()
    ground[:, 60:] = False
    before = canvas.rgb.copy()
    reflect(canvas, 1.0, ground)
    assert (canvas.rgb[:, 60:] == before[:, 60:]).all()
    assert (canvas.rgb[:HORIZON] == before[:HORIZON]).all()


def test_lights_bloom_into_their_surroundings() -> None:
    canvas = blank_canvas()
    canvas.shine(np.array((80.0, 30.0)), (200, 100, 0), radius_px=4.0, depth_m=1.0)
    bloom(canvas)
    assert canvas.rgb[30, 80, 0] > canvas.rgb[30, 86, 0] > GREY
    assert canvas.rgb[30, 80, 0] > canvas.rgb[30, 80, 1]
    assert canvas.rgb[30, 80, 2] == GREY
    assert (canvas.rgb[30, 140] == GREY).all()


def test_without_lights_nothing_blooms() -> None:
    canvas = blank_canvas()
    bloom(canvas)
    assert (canvas.rgb == GREY).all()
