"""Solid shapes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendered import GREY, NOTHING, PLAIN_AIR, blank_canvas

from scene_clip_ros.sim.render.camera import Spot
from scene_clip_ros.sim.render.meshes import Face, Mesh, box_mesh, draw_mesh, pack
from scene_clip_ros.sim.render.vehicles import vehicle_mesh

IDENT = 140
RED = (200.0, 0.0, 0.0)
BOX = box_mesh((2.0, 1.0, 4.0), RED)
VEHICLES = ("car", "hatch", "suv", "van", "bus", "truck")
DARK = replace(PLAIN_AIR, ambient=np.full(3, 0.1), lamps=1.0)

headings = st.floats(-np.pi, np.pi)


def outline(mesh: Mesh, spot: Spot) -> tuple[int, int, int, int]:
    canvas = blank_canvas()
    draw_mesh(canvas, mesh, spot, ident=IDENT)
    v, u = np.nonzero(canvas.ident == IDENT)
    return int(u.min()), int(v.min()), int(u.max()) + 1, int(v.max()) + 1


def extent(mesh: Mesh) -> list[float]:
    return np.ptp(mesh.corners, axis=0).tolist()


def test_a_box_is_drawn_where_it_projects_to() -> None:
    left, top, right, bottom = outline(BOX, Spot(0.0, 12.0))
    assert (left, right) == (pytest.approx(68, abs=1), pytest.approx(93, abs=1))
    assert top == pytest.approx(44, abs=1)
    assert bottom == pytest.approx(58, abs=1)


def test_a_box_turned_sideways_is_as_wide_as_it_is_long() -> None:
    ahead = outline(BOX, Spot(0.0, 40.0))
    across = outline(BOX, Spot(0.0, 40.0, heading=np.pi / 2))
    assert (across[2] - across[0]) / (ahead[2] - ahead[0]) == pytest.approx(2, rel=0.25)


def test_the_near_face_hides_the_far_one() -> None:
    near, far = (
        Face(np.array([(-1.0, 0, z), (-1, 2, z), (1, 2, z), (1, 0, z)]), colour)
        for z, colour in ((-1.0, RED), (1.0, (0.0, 200.0, 0.0)))
    )
    for faces in ((near, far), (far, near)):
        canvas = blank_canvas()
        draw_mesh(canvas, pack(faces, (0.0, 1.0, 5.0)), Spot(0.0, 10.0), ident=IDENT)
        assert canvas.rgb[45, 80].tolist() == [200, 0, 0]


@given(headings)
def test_boxes_have_no_holes(heading: float) -> None:
    canvas = blank_canvas()
    draw_mesh(canvas, BOX, Spot(0.0, 12.0, heading), ident=IDENT)
    seen = canvas.ident == IDENT
    for row in seen[seen.any(axis=1)]:
        columns = np.flatnonzero(row)
        assert len(columns) == columns[-1] - columns[0] + 1


@pytest.mark.parametrize("shape", VEHICLES)
def test_faces_show_outwards(shape: str) -> None:
    mesh = vehicle_mesh(shape, RED)
    box = mesh.corners.min(axis=0), mesh.corners.max(axis=0)
    highest = np.argmax(mesh.middles[:, 1])
    assert box[0][1] >= -0.1
    assert mesh.normals[highest, 1] > 0


@pytest.mark.parametrize("shape", VEHICLES)
def test_vehicles_are_painted(shape: str) -> None:
    assert (vehicle_mesh(shape, RED).colours == RED).all(axis=1).any()
    assert (vehicle_mesh(shape, RED).colours >= 0).all()


def test_vehicles_differ_in_size() -> None:
    lengths = {shape: extent(vehicle_mesh(shape, RED))[2] for shape in VEHICLES}
    heights = {shape: extent(vehicle_mesh(shape, RED))[1] for shape in VEHICLES}
    assert lengths["hatch"] < lengths["car"] < lengths["van"] < lengths["truck"] < lengths["bus"]
    assert heights["car"] < heights["suv"] < heights["van"] < heights["bus"]


@pytest.mark.parametrize(("heading", "redder"), [(0.0, True), (np.pi, False)], ids=["tail", "head"])
def test_lamps_shine_in_the_dark(heading: float, *, redder: bool) -> None:
    canvas = blank_canvas(DARK)
    draw_mesh(canvas, vehicle_mesh("car", RED), Spot(0.0, 12.0, heading), ident=IDENT)
    assert len(canvas.glows) == 2
    red, green, _ = canvas.glows[0].colour
    assert (red > 3 * green) is redder


@pytest.mark.parametrize(("air", "lit"), [(PLAIN_AIR, True), (DARK, False)], ids=["day", "parked"])
def test_lamps_are_off_by_day_and_on_parked_cars(air: object, *, lit: bool) -> None:
    canvas = blank_canvas(air)
    draw_mesh(canvas, vehicle_mesh("car", RED), Spot(0.0, 12.0), ident=IDENT, lit=lit)
    assert canvas.glows == []


@given(headings, st.floats(-60, -6))
def test_what_is_behind_the_camera_is_not_drawn(heading: float, depth: float) -> None:
    canvas = blank_canvas()
    draw_mesh(canvas, BOX, Spot(1.0, depth, heading), ident=IDENT)
    assert (canvas.rgb == GREY).all()
    assert (canvas.ident == NOTHING).all()


@given(st.floats(1.5, 6), st.floats(-2, 6))
def test_what_the_camera_passes_stays_on_its_side(across: float, depth: float) -> None:
    canvas = blank_canvas()
    draw_mesh(canvas, BOX, Spot(across, depth), ident=IDENT)
    columns = np.nonzero(canvas.ident == IDENT)[1]
    assert (columns >= canvas.camera.centre_u).all()
