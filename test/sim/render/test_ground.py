"""The ground and what is painted on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendered import PLAIN_AIR, make_camera

from scene_clip_ros.sim.arrays import Float
from scene_clip_ros.sim.render.atmosphere import Atmosphere
from scene_clip_ros.sim.render.ground import shade
from scene_clip_ros.sim.render.markings import (
    Rows,
    cover_bays,
    cover_between,
    cover_crosswalk,
    cover_line,
    ground_rows,
)
from scene_clip_ros.sim.script.layouts import make_segment
from scene_clip_ros.sim.script.road import ROADS, Marking
from scene_clip_ros.sim.semantics import SemanticClass

WHITE = (225.0, 225.0, 220.0)
NO_LAMPS = np.zeros((0, 2))
STREET = make_segment("city street", -60, 500, seed=3)


def make_rows(offset: float = 0.0) -> Rows:
    camera = make_camera()
    return ground_rows(camera, 50.0, np.full(len(camera.ground_depths()), offset))


def level_at(across: float, depth: float, air: Atmosphere, lamps: Float = NO_LAMPS) -> float:
    rows = make_rows()
    colour, _ = shade(rows, STREET, air, lamps)
    near = (np.abs(rows.across - across) < 0.3) & (np.abs(rows.depth - depth) < 0.1 * depth)
    return float(colour[near].mean())


def road_level(air: Atmosphere) -> float:
    colour, ident = shade(make_rows(), STREET, air, NO_LAMPS)
    return float(colour[ident == SemanticClass.ROAD].mean())


def test_rows_tell_where_each_pixel_is() -> None:
    rows = make_rows(offset=2.0)
    assert rows.along - rows.depth == pytest.approx(50, abs=1e-4)
    assert rows.across == pytest.approx(rows.x - 2.0)
    assert rows.x[0, 80] == pytest.approx(rows.pixel[0, 0] / 2)


def test_a_part_of_the_rows_keeps_them_together() -> None:
    rows = make_rows()
    part = rows.part(slice(5, 9))
    assert part.across.shape == (4, 160)
    assert (part.depth == rows.depth[5:9]).all()


@given(st.floats(-2, 2), st.floats(0.5, 2))
def test_a_strip_covers_its_width(start: float, width: float) -> None:
    rows = make_rows()
    cover = cover_between(rows.across, start, start + width, pixel=rows.pixel)[10:25]
    assert ((cover >= 0) & (cover <= 1)).all()
    assert cover.sum(axis=1) * rows.pixel[10:25, 0] == pytest.approx(width, rel=0.02)


def test_a_dashed_line_is_painted_in_part() -> None:
    solid, dashed = (
        cover_line(make_rows(), Marking(0.0, 0.4, WHITE, dash)) for dash in (None, (3.0, 9.0))
    )
    assert (dashed <= solid + 1e-6).all()
    assert dashed.sum() < 0.6 * solid.sum()
    assert dashed[-30:].max() == pytest.approx(1)
    assert dashed[-30:, 80].min() == 0


def test_far_dashes_blur_into_their_average() -> None:
    rows = make_rows()
    far = rows.stretch[:, 0] > 9.0
    solid, dashed = (
        cover_line(rows, Marking(0.0, 0.4, WHITE, dash))[far] for dash in (None, (3.0, 9.0))
    )
    assert dashed == pytest.approx(solid / 3, abs=1e-6)


def test_a_crosswalk_lies_across_the_roadway_only() -> None:
    rows = make_rows()
    cover = cover_crosswalk(rows, STREET, 58.0)
    off_road = (rows.across < STREET.left) | (rows.across > STREET.right)
    beyond = np.broadcast_to((rows.along < 57) | (rows.along > 63), cover.shape)
    assert cover.max() > 0.9
    assert cover[off_road].max() < 0.1
    assert cover[beyond].max() < 0.1


def test_bays_leave_the_aisle_free() -> None:
    rows = make_rows()
    cover = cover_bays(rows, 3.2)
    assert cover.max() > 0.8
    assert (cover[np.abs(rows.across) < 3.2] == 0).all()


@pytest.mark.parametrize("kind", ROADS)
def test_the_roadway_is_road_and_all_else_is_told_apart(kind: str) -> None:
    segment, rows = make_segment(kind, -60, 500, seed=3), make_rows()
    colour, ident = shade(rows, segment, PLAIN_AIR, NO_LAMPS)
    on_road = (rows.across > segment.left + 0.5) & (rows.across < segment.right - 0.5)
    assert (ident[on_road] == SemanticClass.ROAD).all()
    assert (ident[np.abs(rows.across) > 90] == SemanticClass.TERRAIN).all()
    assert ((colour >= 0) & (colour <= 255)).all()


def test_snow_brightens_the_road_and_water_darkens_it() -> None:
    dry = road_level(PLAIN_AIR)
    assert road_level(replace(PLAIN_AIR, snow_cover=0.9)) > dry + 30
    assert road_level(replace(PLAIN_AIR, wetness=1.0)) < 0.8 * dry


def test_wheels_leave_tracks_in_snow() -> None:
    snowy = replace(PLAIN_AIR, snow_cover=0.75)
    assert level_at(0.8, 12.0, snowy) < level_at(0.0, 12.0, snowy) - 10


def test_street_lamps_light_the_ground_below_them_at_night() -> None:
    night = replace(PLAIN_AIR, ambient=np.full(3, 0.1), lamps=1.0)
    lamps = np.array([(0.0, 20.0)])
    assert level_at(0.0, 20.0, night, lamps) > 2 * level_at(0.0, 20.0, night)
    assert level_at(0.0, 20.0, PLAIN_AIR, lamps) == level_at(0.0, 20.0, PLAIN_AIR)


def test_far_ground_fades_into_the_haze() -> None:
    hazy = replace(PLAIN_AIR, haze_per_m=0.1)
    colour, _ = shade(make_rows(), STREET, hazy, NO_LAMPS)
    assert colour[0].mean() == pytest.approx(200, abs=1)
    assert colour[0].std() < colour[-1].std()
