"""Drawing into the picture and the map of what is where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rendered import GREY, NOTHING, PLAIN_AIR, blank_canvas

SQUARE = np.array([(40.0, 30.0), (60.0, 30.0), (60.0, 50.0), (40.0, 50.0)])
RED = (255, 0, 0)
IDENT = 140
AT = np.array((0.0, 0.0, 10.0))


def test_a_shape_is_drawn_into_picture_and_map_alike() -> None:
    canvas = blank_canvas()
    canvas.fill(SQUARE, RED, IDENT)
    assert canvas.rgb[40, 50].tolist() == [255, 0, 0]
    assert canvas.ident_at(np.array((50.0, 40.0))) == IDENT
    changed = (canvas.rgb != GREY).any(axis=2)
    assert (changed | (canvas.ident == NOTHING)).all()
    assert np.count_nonzero(canvas.ident == IDENT) == pytest.approx(400, abs=50)


@pytest.mark.parametrize("shift", [(-200, 0), (0, -200), (200, 0), (0, 200), (1e6, 1e6)])
def test_what_is_outside_the_picture_changes_nothing(shift: tuple[float, float]) -> None:
    canvas = blank_canvas()
    canvas.fill(SQUARE + shift, RED, IDENT)
    canvas.stroke(SQUARE + shift, RED, IDENT, width_px=3.0)
    canvas.ellipse(SQUARE[0] + shift, (5.0, 5.0), RED, ident=IDENT)
    assert (canvas.rgb == GREY).all()
    assert (canvas.ident == NOTHING).all()


def test_lines_thinner_than_a_pixel_are_fainter() -> None:
    line = np.array([(10.0, 40.0), (150.0, 40.0)])
    levels = []
    for width in (0.2, 0.5, 1.0):
        canvas = blank_canvas()
        canvas.stroke(line, (255, 255, 255), IDENT, width_px=width)
        levels.append(int(canvas.rgb[40, 80, 0]))
    assert GREY < levels[0] < levels[1] < levels[2]


def test_colours_are_lit_and_hazed() -> None:
    dim = replace(PLAIN_AIR, ambient=np.full(3, 0.5))
    hazy = replace(PLAIN_AIR, haze_per_m=0.05)
    assert blank_canvas().seen((200, 100, 0), AT) == (200, 100, 0)
    assert blank_canvas(dim).seen((200, 100, 0), AT) == (100, 50, 0)
    assert blank_canvas(hazy).seen((0, 0, 0), AT)[0] > 50


def test_shadows_fade_in_haze() -> None:
    at = np.array((50.0, 40.0))
    clear, fog = blank_canvas(), blank_canvas(replace(PLAIN_AIR, haze_per_m=0.1))
    assert clear.shaded(at, 0.5, depth_m=30.0) == (50, 50, 50)
    assert fog.shaded(at, 0.5, depth_m=30.0)[0] > 90


def test_a_sprite_is_blended_by_its_coverage() -> None:
    sprite = np.full((16, 16, 4), 200.0, np.float32)
    sprite[..., 3] = 1.0
    sprite[:, :8, 3] = 0.0
    canvas = blank_canvas()
    canvas.paste(sprite, (40, 30, 72, 62), AT, ident=IDENT)
    assert (canvas.rgb[45, 42:52] == GREY).all()
    assert (canvas.rgb[45, 60:70] == 200).all()
    assert canvas.ident[45, 45] == NOTHING
    assert canvas.ident[45, 65] == IDENT


def test_a_wall_is_stretched_over_its_corners() -> None:
    texture = np.zeros((8, 8, 4), np.float32)
    texture[:4, :, 0] = 200
    canvas = blank_canvas()
    canvas.wall(texture, SQUARE, AT, facing=0.0, ident=IDENT)
    assert canvas.rgb[33, 50].tolist() == [200, 0, 0]
    assert canvas.rgb[47, 50].tolist() == [0, 0, 0]
    assert canvas.ident[40, 50] == IDENT
    assert canvas.ident[40, 70] == NOTHING


def test_windows_are_lit_at_night() -> None:
    texture = np.zeros((8, 8, 4), np.float32)
    texture[..., 3] = 1.0
    canvas = blank_canvas(replace(PLAIN_AIR, ambient=np.zeros(3), windows=1.0))
    canvas.wall(texture, SQUARE, AT, facing=0.0, ident=IDENT)
    assert canvas.rgb[40, 50].min() > 100


def test_walls_seen_from_their_edge_are_left_out() -> None:
    canvas = blank_canvas()
    edge = np.array([(50.0, 30.0), (50.0, 30.0), (50.0, 50.0), (50.0, 50.0)])
    canvas.wall(np.ones((8, 8, 4), np.float32), edge, AT, facing=0.0, ident=IDENT)
    assert (canvas.rgb == GREY).all()


def test_lights_are_weaker_from_afar() -> None:
    canvas = blank_canvas(replace(PLAIN_AIR, haze_per_m=0.02))
    for depth in (5.0, 50.0):
        canvas.shine(SQUARE[0], (200, 200, 200), radius_px=3.0, depth_m=depth)
    near, far = canvas.glows
    assert near.colour[0] > 2 * far.colour[0]


def test_a_copy_is_drawn_on_apart() -> None:
    canvas = blank_canvas()
    canvas.copy().fill(SQUARE, RED, IDENT)
    assert (canvas.rgb == GREY).all()
    assert (canvas.ident == NOTHING).all()
