"""Draws lit, hazy shapes into a picture and, in step, into a map of what is where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.atmosphere import Atmosphere
from scene_clip_ros.sim.camera import Camera, Points
from scene_clip_ros.sim.textures import Float, Sprite

Colour = Sequence[float]
SHIFT = 3
_LIMIT = 1 << 14


@dataclass(frozen=True, slots=True)
class Glow:
    """A light that shines into the lens: pixel position, radius in pixels, RGB strength."""

    u: float
    v: float
    radius: float
    colour: tuple[float, float, float]


@dataclass(slots=True)
class Canvas:
    """A picture under way.

    Attributes:
        camera: Where it is seen from.
        air: Light and haze.
        rgb: ``(H, W, 3)`` uint8.
        ident: ``(H, W)`` uint16: below 100 a ``SemanticClass``, from 100 an actor.
        glows: Lights to bloom once all is drawn.
        drawn: Pixels painted per actor identity, hidden later or not.
    """

    camera: Camera
    air: Atmosphere
    rgb: npt.NDArray[np.uint8]
    ident: npt.NDArray[np.uint16]
    glows: list[Glow] = field(default_factory=list)

    def seen(self, colour: Colour, point: Points, facing: float = 1.0) -> tuple[int, int, int]:
        """Return the colour that an albedo at a world point has for the lens.

        Args:
            colour: RGB albedo in [0, 255].
            point: ``(3,)`` metres.
            facing: How much direct sun the surface takes, in [0, 1].
        """
        lit = np.asarray(colour, np.float64) * self.air.light_at(point[0], point[2], facing)
        r, g, b = self.air.through_haze(lit, float(point[2]))
        return int(r), int(g), int(b)

    def fill(self, uv: Points, colour: Colour, ident: int) -> None:
        """Fill a polygon of ``(N, 2)`` pixels with a final RGB colour."""
        if not _touches(uv, self.camera):
            return
        points = np.clip(uv * (1 << SHIFT), -_LIMIT * 8, _LIMIT * 8).astype(np.int32)
        cv2.fillPoly(self.rgb, [points], tuple(colour), cv2.LINE_AA, SHIFT)
        cv2.fillPoly(self.ident, [points], ident, cv2.LINE_8, SHIFT)

    def stroke(self, uv: Points, colour: Colour, ident: int, width: float) -> None:
        """Draw a round-ended line through ``(N, 2)`` pixels, ``width`` pixels thick."""
        margin = width + 2
        low, high = uv.min(axis=0) - margin, uv.max(axis=0) + margin
        if high[0] < 0 or high[1] < 0 or low[0] > self.camera.width or low[1] > self.camera.height:
            return
        points = np.clip(uv * (1 << SHIFT), -_LIMIT * 8, _LIMIT * 8).astype(np.int32)
        thick = max(1, round(width))
        final = tuple(colour)
        if width < 1:
            final = tuple(self._thinned(uv, final, width))
        cv2.polylines(self.rgb, [points], False, final, thick, cv2.LINE_AA, SHIFT)
        cv2.polylines(self.ident, [points], False, ident, thick, cv2.LINE_8, SHIFT)

    def _thinned(self, uv: Points, colour: Colour, width: float) -> list[float]:
        u = int(np.clip(uv[:, 0].mean(), 0, self.camera.width - 1))
        v = int(np.clip(uv[:, 1].mean(), 0, self.camera.height - 1))
        behind = self.rgb[v, u].astype(np.float64)
        return [float(c) for c in behind + (np.asarray(colour) - behind) * max(width, 0.15)]

    def ellipse(
        self, centre: Points, axes: tuple[float, float], colour: Colour, ident: int
    ) -> None:
        """Fill an upright ellipse: ``(2,)`` pixels and half axes in pixels."""
        turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        ring = np.stack([centre[0] + axes[0] * np.cos(turn), centre[1] + axes[1] * np.sin(turn)], 1)
        self.fill(ring, colour, ident)

    def paste(
        self, sprite: Sprite, box: tuple[float, float, float, float], at: Points, ident: int
    ) -> None:
        """Blend a sprite, lit and hazed for its place, over a pixel box.

        Args:
            sprite: ``(h, w, 4)`` float32: RGB albedo in [0, 255], coverage in [0, 1].
            box: Left, top, right, bottom in pixels.
            at: ``(3,)`` metres, where it stands.
            ident: What is painted.
        """
        clipped = _clip_box(box, self.camera.width, self.camera.height)
        if clipped is None:
            return
        x0, y0, x1, y1 = clipped
        scale = np.array([[0, 0, 0], [0, 0, 0]], np.float64)
        scale[0, 0] = (box[2] - box[0]) / sprite.shape[1]
        scale[1, 1] = (box[3] - box[1]) / sprite.shape[0]
        scale[:, 2] = box[0] - x0, box[1] - y0
        source = sprite
        while min(scale[0, 0], scale[1, 1]) < 0.5 and min(source.shape[:2]) > 8:
            source = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            scale[:, :2] *= 2
        patch = cv2.warpAffine(source, scale, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
        lit = patch[..., :3] * self.air.light_at(at[0], at[2], 1.0).astype(np.float32)
        lit = self.air.through_haze(lit, float(at[2]))
        self._blend(lit, patch[..., 3:], clipped, ident)

    def _blend(self, lit: Float, cover: Float, box: tuple[int, int, int, int], ident: int) -> None:
        x0, y0, x1, y1 = box
        under = self.rgb[y0:y1, x0:x1]
        under[:] = np.clip(under + (lit - under) * cover, 0, 255).astype(np.uint8)
        self.ident[y0:y1, x0:x1][cover[..., 0] > 0.5] = ident

    def wall(self, texture: Float, uv: Points, at: Points, facing: float, ident: int) -> None:
        """Warp a wall texture onto a quadrilateral.

        Args:
            texture: ``(h, w, 4)`` float32: RGB albedo and lit-window mask.
            uv: ``(4, 2)`` pixels: top left, top right, bottom right, bottom left.
            at: ``(3,)`` metres, the wall's middle.
            facing: Direct sun it takes, in [0, 1].
            ident: What is painted.
        """
        box = (uv[:, 0].min(), uv[:, 1].min(), uv[:, 0].max(), uv[:, 1].max())
        clipped = _clip_box(box, self.camera.width, self.camera.height)
        if clipped is None:
            return
        x0, y0, x1, y1 = clipped
        texture = _shrunk(texture, box)
        h, w = texture.shape[:2]
        corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
        matrix = cv2.getPerspectiveTransform(corners, (uv - (x0, y0)).astype(np.float32))
        if not np.isfinite(matrix).all():
            return
        patch = cv2.warpPerspective(
            texture,
            matrix,
            (x1 - x0, y1 - y0),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        cover = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillConvexPoly(
            cover, np.round((uv - (x0, y0)) * 8).astype(np.int32), 255, cv2.LINE_AA, 3
        )
        light = self.air.light_at(at[0], at[2], facing).astype(np.float32)
        glow = patch[..., 3:] * (
            np.float32(self.air.windows) * np.array((255, 205, 130), np.float32)
        )
        lit = self.air.through_haze(np.maximum(patch[..., :3] * light, glow), float(at[2]))
        self._blend(lit, cover[..., None].astype(np.float32) / 255, clipped, ident)

    def shine(self, uv: Points, radius: float, colour: Colour, depth_m: float) -> None:
        """Remember a light for blooming: ``(2,)`` pixels, radius in pixels."""
        strength = float(np.exp(-self.air.haze_per_m * depth_m))
        r, g, b = (float(c) * strength for c in colour)
        self.glows.append(Glow(float(uv[0]), float(uv[1]), radius, (r, g, b)))


def _touches(uv: Points, camera: Camera) -> bool:
    low, high = uv.min(axis=0), uv.max(axis=0)
    inside = high[0] >= 0 and high[1] >= 0 and low[0] <= camera.width and low[1] <= camera.height
    return bool(inside)


def _clip_box(
    box: tuple[float, float, float, float], width: int, height: int
) -> tuple[int, int, int, int] | None:
    x0, y0 = max(0, int(np.floor(box[0]))), max(0, int(np.floor(box[1])))
    x1, y1 = min(width, int(np.ceil(box[2]))), min(height, int(np.ceil(box[3])))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _shrunk(texture: Float, box: tuple[float, float, float, float]) -> Float:
    wanted = (max(2, int(box[2] - box[0])), max(2, int(box[3] - box[1])))
    h, w = texture.shape[:2]
    if wanted[0] >= w and wanted[1] >= h:
        return texture
    size = (min(w, wanted[0]), min(h, wanted[1]))
    return cv2.resize(texture, size, interpolation=cv2.INTER_AREA)
