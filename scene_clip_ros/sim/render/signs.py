"""Draws road signs, gantries over highways, and billboards."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scene_clip_ros.sim.arrays import Colour, Points, as_colour, as_pixel
from scene_clip_ros.sim.render.camera import NEAR_M, Spot
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.script.props import Prop
from scene_clip_ros.sim.semantics import SemanticClass

_STEEL: Colour = (130, 132, 134)
_GANTRY_STEEL: Colour = (136, 138, 140)
_GANTRY_GREEN: Colour = (22, 104, 66)
_RIM: Colour = (238, 238, 236)
_WHITE: Colour = (245, 245, 245)
_SPEEDS = tuple(str(30 + 10 * k) for k in range(6))
_DESTINATIONS = ("NORTH", "AIRPORT", "CENTER", "EXIT 12")
_LIGHT_HEIGHT_M = 3.0
_LETTERS_PX = 5
"""Half the width of the smallest text that is written."""

_FAR_OUT_PX = (-4000, 12000)


@dataclass(frozen=True, slots=True)
class _Board:
    """The face of a sign.

    Attributes:
        corners: Number of its corners; 18 for a round one.
        aspect: Height by width.
        colour: RGB albedo of the face, or of the ring around a white one.
        white_inside: Share of its size that is white inside; 0 for none.
        texts: One of them is on it, by variant.
        text_width: Of the text, as a share of the board's.
        ink: RGB of the text.
    """

    corners: int
    aspect: float
    colour: Colour
    white_inside: float = 0.0
    texts: tuple[str, ...] = ("",)
    text_width: float = 0.9
    ink: Colour = _WHITE

    def outline(self) -> Points:
        """Return ``(corners, 2)`` about the middle, flat at the top, half a board large."""
        turn = np.pi / self.corners
        angles = np.linspace(0, 2 * np.pi, self.corners, endpoint=False) + turn
        stretch = 1 / np.cos(turn) if self.corners < 10 else 1.0
        return np.stack([np.cos(angles), np.sin(angles)], axis=1) * stretch


_BOARDS = {
    "green": _Board(4, 0.5, (24, 112, 72), texts=("EXIT",)),
    "round": _Board(18, 1.0, (200, 26, 30), 0.74, texts=_SPEEDS, ink=(20, 20, 22)),
    "stop": _Board(8, 1.0, (196, 28, 34), texts=("STOP",), text_width=1.2),
}


def draw_sign(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a sign on a pole: ``green``, ``round`` or ``stop`` by its detail."""
    _draw_board(canvas, prop, spot, _BOARDS[prop.detail], pole=0.09)


def draw_billboard(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a billboard of any colour."""
    rng = np.random.default_rng([prop.variant, 9])
    board = _Board(4, 0.35, as_colour(rng.uniform(40, 225, 3)))
    _draw_board(canvas, prop, spot, board, pole=0.9)


def _draw_board(canvas: Canvas, prop: Prop, spot: Spot, board: _Board, *, pole: float) -> None:
    """Draw a board ``size[0]`` metres wide that hangs from the top of its pole."""
    if spot.z < 2 * NEAR_M:
        return
    scale, at = canvas.camera.scale_at(spot.z), spot.at(_LIGHT_HEIGHT_M)
    shaft = canvas.camera.project(np.stack([spot.at(), spot.at(prop.size[1])]))
    steel = canvas.seen(_STEEL, at, 0.7)
    canvas.stroke(shaft, steel, SemanticClass.POLE, width_px=pole * scale)
    half = prop.size[0] / 2 * scale
    high = prop.size[0] * board.aspect / 2 * scale
    middle, outline = shaft[1] + (0, high), board.outline()
    layers = [(1.06, _RIM), (1.0, board.colour)]
    if board.white_inside:
        layers.append((board.white_inside, (242, 242, 240)))
    for share, colour in layers:
        uv = middle + outline * (half * share, high * share)
        canvas.fill(uv, canvas.seen(colour, at, 1.0), SemanticClass.SIGN)
    text = board.texts[prop.variant % len(board.texts)]
    _write(canvas, text, middle, half_px=half * board.text_width, ink=board.ink)


def draw_gantry(canvas: Canvas, prop: Prop, spot: Spot) -> None:
    """Draw a gantry over the road, ``size`` metres, with one or two green boards."""
    if spot.z < 2 * NEAR_M:
        return
    (wide, tall), x, z = prop.size, spot.x, spot.z
    scale, at = canvas.camera.scale_at(z), spot.at(tall)
    left, right = x - wide / 2 - 1, x + wide / 2 + 1
    frame = np.array([(left, 0.0, z), (left, tall, z), (right, tall, z), (right, 0.0, z)])
    steel = canvas.seen(_GANTRY_STEEL, at, 0.7)
    uv = canvas.camera.project(frame)
    canvas.stroke(uv, steel, SemanticClass.POLE, width_px=0.3 * scale)
    top, bottom = tall + 0.6, tall - 1.6
    for k in range(1 + prop.variant % 2):
        a = x - wide / 2 + 0.5 + k * wide / 2
        b = a + wide * 0.42
        board = np.array([(a, top, z), (b, top, z), (b, bottom, z), (a, bottom, z)])
        canvas.surface(board, _GANTRY_GREEN, SemanticClass.SIGN, at=at, facing=1.0)
        text = _DESTINATIONS[(prop.variant + k) % 4]
        middle = canvas.camera.project(board).mean(axis=0)
        _write(canvas, text, middle, half_px=wide * 0.16 * scale, ink=(242, 242, 242))


def _write(canvas: Canvas, text: str, middle: Points, *, half_px: float, ink: Colour) -> None:
    """Write text about a ``(2,)`` pixel, unless it would be too small to be read."""
    low, high = _FAR_OUT_PX
    if not text or half_px < _LETTERS_PX or not ((low < middle) & (middle < high)).all():
        return
    font, air = cv2.FONT_HERSHEY_DUPLEX, canvas.air
    (w, h), _ = cv2.getTextSize(text, font, 1.0, 2)
    size = 2 * half_px / w * 0.8
    origin = (int(middle[0] - w * size / 2), int(middle[1] + h * size / 2))
    light = np.clip(air.ambient.mean() + air.sun.mean() + 0.35 * air.headlights, 0.1, 1)
    colour = as_pixel(c * light for c in ink)
    cv2.putText(canvas.rgb, text, origin, font, size, colour, max(1, round(size * 2)), cv2.LINE_AA)
