"""The pinhole camera."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendered import make_camera

from scene_clip_ros.core.errors import SimulationError
from scene_clip_ros.sim.render.camera import NEAR_M, Camera, Spot, clip_near
from scene_clip_ros.sim.render.camera import make_camera as draw_camera

CAMERA = make_camera()


@given(st.floats(NEAR_M, 1e4))
def test_the_point_at_lens_height_is_on_the_horizon(depth: float) -> None:
    u, v = CAMERA.project(np.array([[0.0, CAMERA.mount_m, depth]]))[0]
    assert (u, v) == pytest.approx((CAMERA.centre_u, CAMERA.horizon_v))


@given(st.floats(-20, 20), st.floats(-1, 20), st.floats(1, 200))
def test_a_thing_twice_as_far_is_half_as_far_from_the_middle(
    x: float, y: float, depth: float
) -> None:
    near, far = CAMERA.project(np.array([(x, y, depth), (x, y, 2 * depth)]))
    middle = (CAMERA.centre_u, CAMERA.horizon_v)
    assert far - middle == pytest.approx((near - middle) / 2, abs=1e-6)


def test_ground_depths_are_those_that_project_to_each_row() -> None:
    depths = CAMERA.ground_depths()
    ground = np.stack([np.zeros_like(depths), np.zeros_like(depths), depths], axis=1)
    rows = np.arange(CAMERA.height - len(depths), CAMERA.height) + 0.5
    assert CAMERA.project(ground)[:, 1] == pytest.approx(rows)
    assert (np.diff(depths) < 0).all()


def test_what_is_behind_the_lens_is_projected_as_if_just_before_it() -> None:
    behind, near = CAMERA.project(np.array([(1.0, 0.0, -5.0), (1.0, 0.0, NEAR_M)]))
    assert behind == pytest.approx(near)


def test_pixels_outside_are_moved_to_the_border() -> None:
    assert CAMERA.pixel_at(np.array((-5.0, 300.0))) == (0, 89)
    assert CAMERA.pixel_at(np.array((70.9, 20.2))) == (70, 20)


def test_a_spot_has_points_above_it() -> None:
    assert Spot(2.0, 9.0).at(1.5).tolist() == [2.0, 1.5, 9.0]


@pytest.mark.parametrize("size", [(31, 90), (90, 8193)])
def test_pictures_too_small_or_too_large_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(SimulationError, match=r"expected a picture size within 32\.\.8192 px"):
        Camera(*size, focal_px=100.0, mount_m=1.5, horizon_v=40.0)


@given(st.integers(0, 1 << 30))
def test_drawn_cameras_see_road_and_sky(seed: int) -> None:
    camera = draw_camera((160, 90), np.random.default_rng(seed))
    assert 20 < camera.horizon_v < 70
    assert len(camera.ground_depths()) > 20


points = st.tuples(st.floats(-5, 5), st.floats(0, 5), st.floats(-5, 5))


@given(st.lists(points, min_size=2, max_size=7), st.floats(NEAR_M, 50))
def test_polygons_are_cut_at_the_near_plane(
    corners: list[tuple[float, float, float]], depth: float
) -> None:
    polygon = np.array([*corners, (0.0, 0.0, depth)])
    cut = clip_near(polygon)
    assert (cut[:, 2] >= NEAR_M - 1e-9).all()
    assert len(cut) <= 2 * len(polygon)


def test_polygons_beyond_the_near_plane_stay_whole() -> None:
    triangle = np.array([(0.0, 0.0, 5.0), (1.0, 0.0, 5.0), (0.0, 1.0, 6.0)])
    assert clip_near(triangle).tolist() == triangle.tolist()


@pytest.mark.parametrize(
    ("size_wh", "margin"),
    [
        pytest.param((160, 90), (160, 90), id="its own size"),
        pytest.param((8192, 2000), (0, 2000), id="no wider than a picture may be"),
        pytest.param((4000, 4000), (2096, 2096), id="both sides limited"),
    ],
)
def test_a_picture_may_grow_by_its_own_size(
    size_wh: tuple[int, int], margin: tuple[int, int]
) -> None:
    assert Camera(*size_wh, focal_px=100, mount_m=1.5, horizon_v=20).spare_margin == margin
