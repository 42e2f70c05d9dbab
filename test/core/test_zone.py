from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from street import CAMERA, MOUNT_M, SIZE_WH, Walker

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.zone import (
    DEFAULT_ZONE,
    Corridor,
    PinholeCamera,
    Zone,
    pinhole_from_matrices,
)

MIDDLE = Zone(((0.25, 0.5), (0.75, 0.5), (0.75, 1.0), (0.25, 1.0)))
ARMS = Zone(
    ((0.1, 0.2), (0.3, 0.2), (0.3, 0.8), (0.7, 0.8), (0.7, 0.2), (0.9, 0.2), (0.9, 1), (0.1, 1))
)
PICTURE = (200, 100)
LEVEL = Corridor(width_m=3.0, length_m=22.0, camera_height_m=MOUNT_M)

CORRIDORS = st.builds(
    Corridor,
    width_m=st.floats(0.5, 20),
    length_m=st.floats(1, 200),
    camera_height_m=st.floats(0.1, 10),
    camera_pitch_deg=st.floats(-45, 60),
)
CAMERAS = st.builds(
    PinholeCamera,
    size_wh=st.tuples(st.integers(32, 4000), st.integers(32, 4000)),
    focal_xy=st.tuples(st.floats(30, 5000), st.floats(30, 5000)),
    centre_xy=st.tuples(st.floats(-500, 4500), st.floats(-500, 4500)),
)
BOXES = st.tuples(st.floats(0, 200), st.floats(0, 100), st.floats(0, 200), st.floats(0, 100)).map(
    lambda xyxy: (min(xyxy[::2]), min(xyxy[1::2]), max(xyxy[::2]), max(xyxy[1::2]))
)


def is_in(zone: Zone, point: tuple[float, float]) -> bool:
    """Return whether a foot without width at a point of the picture, in fractions, is in it."""
    x, y = point
    return zone.foot_share((x, y, x, y), (1, 1)) == 1


@pytest.mark.parametrize(
    ("points", "message"),
    [
        pytest.param((), "expected at least 3 corners, got 0", id="none"),
        pytest.param(((0, 0), (1, 1)), "expected at least 3 corners, got 2", id="two"),
        pytest.param(((0, 0), (1.2, 0), (1, 1)), r"got \(1.2, 0\)", id="outside"),
        pytest.param(((0, 0), (math.nan, 0), (1, 1)), r"got \(nan, 0\)", id="NaN"),
        pytest.param(((0, 0), (1, 0, 0), (1, 1)), r"got \(1, 0, 0\)", id="three numbers"),
        pytest.param(((0, 0), (1, 1), (1, 0), (0, 1)), "edges do not cross", id="crossed"),
        pytest.param(((0, 0), (0.5, 0.5), (1, 1)), "edges do not cross", id="flat"),
    ],
)
def test_zone_that_is_no_polygon_is_refused(points: tuple, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Zone(points)


@pytest.mark.parametrize(
    ("point", "inside"),
    [
        pytest.param((0.5, 0.7), True, id="within"),
        pytest.param((0.25, 1.0), True, id="on a corner"),
        pytest.param((0.75, 0.6), True, id="on an edge"),
        pytest.param((0.2, 0.7), False, id="beside"),
        pytest.param((0.5, 0.4), False, id="above"),
    ],
)
def test_border_belongs_to_the_zone(point: tuple[float, float], *, inside: bool) -> None:
    assert is_in(MIDDLE, point) is inside


@pytest.mark.parametrize(
    ("xyxy", "share"),
    [
        pytest.param((60, 0, 100, 80), 1.0, id="within"),
        pytest.param((30, 0, 70, 80), 0.5, id="half within"),
        pytest.param((0, 0, 50, 80), 0.0, id="touching"),
        pytest.param((60, 0, 100, 40), 0.0, id="feet above"),
        pytest.param((60, 0, 100, 100), 1.0, id="cut by the picture's bottom"),
        pytest.param((70, 0, 70, 80), 1.0, id="without width, within"),
        pytest.param((40, 0, 40, 80), 0.0, id="without width, beside"),
        pytest.param((0, 0, 200, 80), 0.5, id="wider than the zone"),
    ],
)
def test_foot_share_is_that_of_the_bottom_edge(
    xyxy: tuple[float, float, float, float], share: float
) -> None:
    assert MIDDLE.foot_share(xyxy, PICTURE) == pytest.approx(share)


@pytest.mark.parametrize(
    ("xyxy", "gap"),
    [
        pytest.param((60, 0, 100, 80), 0.0, id="within"),
        pytest.param((20, 0, 50, 80), 0.0, id="touching"),
        pytest.param((0, 40, 30, 80), 0.5, id="left of it, tall"),
        pytest.param((170, 60, 190, 70), 1.0, id="right of it, wide"),
        pytest.param((60, 0, 100, 48), 15 * 2 / 48, id="beyond it"),
        pytest.param((10, 20, 20, 40), math.hypot(30, 15 * 10) / 20, id="beyond and left of it"),
    ],
)
def test_gap_is_told_in_units_of_the_longer_side(
    xyxy: tuple[float, float, float, float], gap: float
) -> None:
    assert MIDDLE.gap(xyxy, PICTURE) == pytest.approx(gap)


@pytest.mark.parametrize(
    ("xyxy", "gap"),
    [
        pytest.param((60, 40, 100, 90), 10 / 50, id="before it"),
        pytest.param((160, 40, 180, 90), math.hypot(10, 10) / 50, id="before and right of it"),
    ],
)
def test_gap_before_a_zone_that_ends_above_the_bottom_is_in_pixels(
    xyxy: tuple[float, float, float, float], gap: float
) -> None:
    ends_early = Zone(tuple((x, min(y, 0.8)) for x, y in MIDDLE.points))

    assert ends_early.gap(xyxy, PICTURE) == pytest.approx(gap)


@given(BOXES)
def test_gap_does_not_jump_at_the_ends_of_the_zone(xyxy: tuple[float, float, float, float]) -> None:
    left, top, right, _ = xyxy
    gaps = [MIDDLE.gap((left, min(top, 50), right, 50 + d), PICTURE) for d in (-1e-6, 0, 1e-6)]

    assert gaps == pytest.approx([gaps[1]] * 3, abs=1e-3)


def test_gap_between_two_arms_is_that_to_the_nearer() -> None:
    assert ARMS.gap((90, 30, 130, 70), PICTURE) == pytest.approx(10 / 40)
    assert ARMS.foot_share((40, 30, 160, 70), PICTURE) == pytest.approx(40 / 120)


@given(BOXES)
def test_whoever_has_a_foot_in_the_zone_is_not_beside_it(
    xyxy: tuple[float, float, float, float],
) -> None:
    share, gap = ARMS.foot_share(xyxy, PICTURE), ARMS.gap(xyxy, PICTURE)

    assert 0 <= share <= 1
    assert gap >= 0
    assert share == 0 or gap == 0


@given(BOXES, st.integers(1, 9))
def test_zone_does_not_depend_on_the_size_of_the_picture(
    xyxy: tuple[float, float, float, float], scale: int
) -> None:
    left, top, right, bottom = (scale * 16 * value for value in xyxy)
    size_wh = (PICTURE[0] * scale * 16, PICTURE[1] * scale * 16)

    share = MIDDLE.foot_share((left, top, right, bottom), size_wh)

    assert share == pytest.approx(MIDDLE.foot_share(xyxy, PICTURE), abs=1e-6)


@pytest.mark.parametrize(
    ("across_m", "ahead_m", "inside"),
    [
        pytest.param(0.0, 21.5, True, id="straight ahead"),
        pytest.param(0.0, 22.5, False, id="too far"),
        pytest.param(-1.4, 10.0, True, id="just within"),
        pytest.param(-1.6, 10.0, False, id="just beside"),
        pytest.param(1.4, 4.0, True, id="close, just within"),
        pytest.param(1.6, 4.0, False, id="close, just beside"),
    ],
)
@pytest.mark.parametrize("pitch_deg", [0.0, 8.0, -4.0])
def test_corridor_is_projected_on_flat_ground(
    across_m: float, ahead_m: float, pitch_deg: float, *, inside: bool
) -> None:
    zone = Corridor(camera_height_m=MOUNT_M, camera_pitch_deg=pitch_deg).zone(CAMERA)
    pitch = math.radians(pitch_deg)
    depth = ahead_m * math.cos(pitch) + MOUNT_M * math.sin(pitch)
    below = MOUNT_M * math.cos(pitch) - ahead_m * math.sin(pitch)
    foot = (640 + 700 * across_m / depth, 360 + 700 * below / depth)

    assert is_in(zone, (foot[0] / SIZE_WH[0], foot[1] / SIZE_WH[1])) is inside


def test_corridor_reaches_the_bottom_of_the_picture() -> None:
    assert max(y for _, y in LEVEL.zone(CAMERA).points) == 1.0


def test_corridor_of_a_long_lens_is_cut_by_the_sides_of_the_picture() -> None:
    wide = Corridor(width_m=12.0).zone(CAMERA)

    assert {0.0, 1.0} <= {x for x, _ in wide.points}
    assert wide.gap(Walker(across_m=6.6, ahead_m=10.0, width_m=0.0).xyxy, SIZE_WH) == pytest.approx(
        0.6 / 1.75, rel=0.01
    )


@given(CORRIDORS, CAMERAS)
def test_corridor_is_a_zone_or_refused_as_out_of_the_picture(
    corridor: Corridor, camera: PinholeCamera
) -> None:
    try:
        zone = corridor.zone(camera)
    except ParameterError as refusal:
        if "in the picture" not in str(refusal):
            raise
    else:
        assert all(zone.gap((x, y, x, y), (1, 1)) < 1e-6 for x, y in zone.points)


@pytest.mark.parametrize(
    "camera",
    [
        pytest.param(PinholeCamera((640, 480), (500.0, 500.0), (9e4, 240.0)), id="looks aside"),
        pytest.param(
            PinholeCamera((640, 480), (500.0, 500.0), (320.0, 470.0)), id="horizon at the bottom"
        ),
    ],
)
def test_corridor_beyond_the_picture_is_refused(camera: PinholeCamera) -> None:
    with pytest.raises(ParameterError, match="expected the ground up to 5 m ahead in the picture"):
        Corridor(length_m=5.0).zone(camera)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("width_m", 0.0), ("length_m", math.nan), ("camera_height_m", -1.0), ("camera_pitch_deg", 90)],
)
def test_corridor_that_makes_no_sense_is_refused(setting: str, value: float) -> None:
    with pytest.raises(ParameterError, match=f"corridor.{setting}: expected a number in"):
        Corridor(**{setting: value})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param(((0, 480), (500, 500), (320, 240)), "at least 1x1", id="no picture"),
        pytest.param(((640, 480), (0, 500), (320, 240)), r"above 0 px, got \(0", id="uncalibrated"),
        pytest.param(((640, 480), (500, math.nan), (320, 240)), "above 0 px", id="NaN"),
        pytest.param(((640, 480), (500, 500), (math.inf, 240)), "finite principal", id="no centre"),
    ],
)
def test_camera_without_a_calibration_is_refused(values: tuple, message: str) -> None:
    size_wh, focal_xy, centre_xy = values

    with pytest.raises(ParameterError, match=message):
        PinholeCamera(size_wh=size_wh, focal_xy=focal_xy, centre_xy=centre_xy)


K = (700, 0, 640, 0, 690, 360, 0, 0, 1)
P = (600, 0, 630, -42, 0, 590, 350, 0, 0, 0, 1, 0)
NO_P = (0,) * 12


@pytest.mark.parametrize(
    ("k", "p", "expected"),
    [
        pytest.param(K, P, ((600, 590), (630, 350)), id="rectified"),
        pytest.param(K, NO_P, ((700, 690), (640, 360)), id="not rectified"),
        pytest.param(K, (math.nan,) * 12, ((700, 690), (640, 360)), id="rectified by nothing"),
        pytest.param((0,) * 9, P, ((600, 590), (630, 350)), id="rectified picture only"),
    ],
)
def test_camera_is_that_of_the_rectified_picture_where_it_is_known(
    k: tuple[float, ...], p: tuple[float, ...], expected: tuple
) -> None:
    assert pinhole_from_matrices(k, p, size_wh=SIZE_WH) == PinholeCamera(SIZE_WH, *expected)


def test_camera_that_is_not_calibrated_is_none() -> None:
    assert pinhole_from_matrices((0,) * 9, NO_P, size_wh=SIZE_WH) is None


def test_corridor_is_the_same_ground_in_a_picture_resized_to_another_shape() -> None:
    resized = PinholeCamera((640, 640), (350.0, 700.0 * 640 / 720), (320.0, 320.0))

    assert np.allclose(LEVEL.zone(resized).points, LEVEL.zone(CAMERA).points)


def test_default_zone_is_the_corridor_of_a_usual_camera() -> None:
    usual = Corridor().zone(PinholeCamera((1280, 720), (1152.0, 1152.0), (640.0, 360.0)))

    assert np.allclose(DEFAULT_ZONE.points, usual.points, atol=0.006)
