"""Draws lit, hazy shapes into a picture and, in step, into a map of what is where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.arrays import Colour, Float, IdentMap, Picture, Pixel, Points, as_pixel
from scene_clip_ros.sim.render.atmosphere import Atmosphere
from scene_clip_ros.sim.render.camera import Camera

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

_SHIFT = 3
"""Bits of a pixel that OpenCV draws to."""

_LIMIT_PX = 1 << 14
"""OpenCV overflows far outside the picture."""

_LIT_WINDOW = np.array((255, 205, 130), np.float32)


@dataclass(frozen=True, slots=True)
class Glow:
    """A light that shines into the lens: pixel position, radius in pixels, RGB strength."""

    u: float
    v: float
    radius: float
    colour: Colour


@dataclass(slots=True)
class Canvas:
    """A picture under way.

    Attributes:
        camera: Where it is seen from.
        air: Light and haze.
        rgb: ``(H, W, 3)`` uint8.
        ident: ``(H, W)`` uint16, see ``arrays.IdentMap``.
        glows: Lights to bloom once all is drawn.
    """

    camera: Camera
    air: Atmosphere
    rgb: Picture
    ident: IdentMap
    glows: list[Glow] = field(default_factory=list)

    @classmethod
    def blank(cls, camera: Camera, air: Atmosphere) -> Canvas:
        """Return a black canvas on which nothing is anywhere."""
        shape = (camera.height, camera.width)
        return cls(camera, air, np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint16))

    def copy(self) -> Canvas:
        """Return a canvas with the same picture, to be drawn on apart, and no lights yet."""
        return Canvas(self.camera, self.air, self.rgb.copy(), self.ident.copy())

    def seen(self, colour: Colour, point: Points, facing: float = 1.0) -> Pixel:
        """Return the colour that an albedo at a world point has for the lens.

        Args:
            colour: RGB albedo in [0, 255].
            point: ``(3,)`` metres.
            facing: How much direct sun the surface takes, in [0, 1].
        """
        x, _, depth = point.tolist()
        lit = np.asarray(colour, np.float64) * self.air.light_at(x, depth, facing)
        return as_pixel(self.air.through_haze(lit, depth))

    def shaded(self, uv: Points, share: float, *, depth_m: float) -> Pixel:
        """Return the colour under a ``(2,)`` pixel, darkened to a share; less so in haze."""
        u, v = self.camera.pixel_at(uv)
        seen = 1 - (1 - share) * float(np.exp(-self.air.haze_per_m * depth_m))
        return as_pixel(self.rgb[v, u] * seen)

    def ident_at(self, uv: Points) -> int:
        """Return what is drawn at a ``(2,)`` pixel."""
        u, v = self.camera.pixel_at(uv)
        return int(self.ident[v, u])

    def surface(
        self, corners: Points, colour: Colour, ident: int, *, at: Points, facing: float
    ) -> None:
        """Fill a flat outline in the world.

        Args:
            corners: ``(N, 3)`` metres.
            colour: RGB albedo in [0, 255].
            ident: What is painted.
            at: ``(3,)`` metres, where its light and haze are taken.
            facing: How much direct sun it takes, in [0, 1].
        """
        self.fill(self.camera.project(corners), self.seen(colour, at, facing), ident)

    def fill(self, uv: Points, colour: Pixel, ident: int) -> None:
        """Fill a polygon of ``(N, 2)`` pixels with a final colour."""
        if not self._touches(uv, margin=0.0):
            return
        points = _fixed_point(uv)
        cv2.fillPoly(self.rgb, [points], colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.ident, [points], (ident,), cv2.LINE_8, _SHIFT)

    def stroke(self, uv: Points, colour: Pixel, ident: int, *, width_px: float) -> None:
        """Draw a round-ended line of a final colour through ``(N, 2)`` pixels."""
        if not self._touches(uv, margin=width_px + 2):
            return
        points, thick = _fixed_point(uv), max(1, round(width_px))
        final = colour if width_px >= 1 else self._thinned(uv, colour, width_px)
        cv2.polylines(self.rgb, [points], False, final, thick, cv2.LINE_AA, _SHIFT)
        cv2.polylines(self.ident, [points], False, (ident,), thick, cv2.LINE_8, _SHIFT)

    def _thinned(self, uv: Points, colour: Pixel, width_px: float) -> Sequence[float]:
        """Return the colour of a line thinner than a pixel: mixed with what is behind it."""
        u, v = self.camera.pixel_at(uv.mean(axis=0))
        behind = self.rgb[v, u].astype(np.float64)
        mixed: list[float] = (behind + (np.asarray(colour) - behind) * max(width_px, 0.15)).tolist()
        return mixed

    def ellipse(
        self, centre: Points, axes: tuple[float, float], colour: Pixel, *, ident: int
    ) -> None:
        """Fill an upright ellipse: ``(2,)`` pixels and half axes in pixels."""
        turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        ring = np.stack([centre[0] + axes[0] * np.cos(turn), centre[1] + axes[1] * np.sin(turn)], 1)
        self.fill(ring, colour, ident)

    def paste(self, sprite: Float, box: Box, at: Points, *, ident: int) -> None:
        """Blend a sprite, lit and hazed for its place, over a pixel box.

        Args:
            sprite: ``(h, w, 4)`` float32: RGB albedo in [0, 255], coverage in [0, 1].
            box: Where.
            at: ``(3,)`` metres, where it stands.
            ident: What is painted.
        """
        clipped = self._clipped(box)
        if clipped is None:
            return
        patch = _scaled_sprite(sprite, box, clipped)
        x, _, depth = at.tolist()
        lit = patch[..., :3] * self.air.light_at(x, depth).astype(np.float32)
        self._blend(self.air.through_haze(lit, depth), patch[..., 3:], clipped, ident=ident)

    def wall(self, texture: Float, uv: Points, at: Points, *, facing: float, ident: int) -> None:
        """Warp a wall texture onto a quadrilateral.

        Args:
            texture: ``(h, w, 4)`` float32: RGB albedo and lit-window mask.
            uv: ``(4, 2)`` pixels: top left, top right, bottom right, bottom left.
            at: ``(3,)`` metres, the wall's middle.
            facing: Direct sun it takes, in [0, 1].
            ident: What is painted.
        """
        box = (uv[:, 0].min(), uv[:, 1].min(), uv[:, 0].max(), uv[:, 1].max())
        clipped = self._clipped(box)
        if clipped is None:
            return
        local = uv - clipped[:2]
        patch = _warped(_shrunk(texture, box), local, clipped)
        if patch is None:
            return
        x, _, depth = at.tolist()
        light = self.air.light_at(x, depth, facing).astype(np.float32)
        windows = patch[..., 3:] * (np.float32(self.air.windows) * _LIT_WINDOW)
        lit = self.air.through_haze(np.maximum(patch[..., :3] * light, windows), depth)
        self._blend(lit, _quad_cover(local, clipped), clipped, ident=ident)

    def shine(self, uv: Points, colour: Colour, *, radius_px: float, depth_m: float) -> None:
        """Remember a light at a ``(2,)`` pixel for blooming; haze weakens it with depth."""
        strength = float(np.exp(-self.air.haze_per_m * depth_m))
        r, g, b = (c * strength for c in colour)
        self.glows.append(Glow(float(uv[0]), float(uv[1]), radius_px, (r, g, b)))

    def _blend(
        self, lit: Float, cover: Float, box: tuple[int, int, int, int], *, ident: int
    ) -> None:
        x0, y0, x1, y1 = box
        under = self.rgb[y0:y1, x0:x1]
        under[:] = np.clip(under + (lit - under) * cover, 0, 255).astype(np.uint8)
        self.ident[y0:y1, x0:x1][cover[..., 0] > 0.5] = ident

    def _touches(self, uv: Points, *, margin: float) -> bool:
        """Say whether the outline of ``(N, 2)`` pixels may reach into the picture."""
        (left, top), (right, bottom) = uv.min(axis=0) - margin, uv.max(axis=0) + margin
        camera = self.camera
        return bool(right >= 0 and bottom >= 0 and left <= camera.width and top <= camera.height)

    def _clipped(self, box: Box) -> tuple[int, int, int, int] | None:
        """Return the whole pixels of a box that lie in the picture, if any."""
        x0, y0 = max(0, int(np.floor(box[0]))), max(0, int(np.floor(box[1])))
        x1 = min(self.camera.width, int(np.ceil(box[2])))
        y1 = min(self.camera.height, int(np.ceil(box[3])))
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def _fixed_point(uv: Points) -> npt.NDArray[np.int32]:
    """Return pixels in OpenCV's units of ``2**-_SHIFT``, kept from overflowing."""
    limit = _LIMIT_PX << _SHIFT
    return np.clip(uv * (1 << _SHIFT), -limit, limit).astype(np.int32)


def _scaled_sprite(sprite: Float, box: Box, clipped: tuple[int, int, int, int]) -> Float:
    """Return the part of a sprite, stretched over a box, that the clipped box shows."""
    x0, y0, x1, y1 = clipped
    scale = np.zeros((2, 3))
    scale[0, 0] = (box[2] - box[0]) / sprite.shape[1]
    scale[1, 1] = (box[3] - box[1]) / sprite.shape[0]
    scale[:, 2] = box[0] - x0, box[1] - y0
    source = sprite
    while min(scale[0, 0], scale[1, 1]) < 0.5 and min(source.shape[:2]) > 8:
        half = cv2.resize(source, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        source = np.asarray(half, np.float32)
        scale[:, :2] *= 2
    patch = cv2.warpAffine(source, scale, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
    return np.asarray(patch, np.float32)


def _shrunk(texture: Float, box: Box) -> Float:
    """Return a texture no larger than the box it is to fill, so that it does not shimmer."""
    wanted = (max(2, int(box[2] - box[0])), max(2, int(box[3] - box[1])))
    h, w = texture.shape[:2]
    if wanted[0] >= w and wanted[1] >= h:
        return texture
    size = (min(w, wanted[0]), min(h, wanted[1]))
    return np.asarray(cv2.resize(texture, size, interpolation=cv2.INTER_AREA), np.float32)


def _warped(texture: Float, uv: Points, clipped: tuple[int, int, int, int]) -> Float | None:
    """Return a texture stretched onto ``(4, 2)`` pixels of a patch; none if they lie on a line."""
    x0, y0, x1, y1 = clipped
    h, w = texture.shape[:2]
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, uv.astype(np.float32))
    if not np.isfinite(matrix).all():
        return None
    patch = cv2.warpPerspective(
        texture,
        matrix,
        (x1 - x0, y1 - y0),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(patch, np.float32)


def _quad_cover(uv: Points, clipped: tuple[int, int, int, int]) -> Float:
    """Return ``(h, w, 1)`` in [0, 1]: how much of each pixel of a patch a quadrilateral covers."""
    x0, y0, x1, y1 = clipped
    cover = np.zeros((y1 - y0, x1 - x0), np.uint8)
    points = np.round(uv * (1 << _SHIFT)).astype(np.int32)
    cv2.fillConvexPoly(cover, points, (255,), cv2.LINE_AA, _SHIFT)
    return np.asarray(cover[..., None].astype(np.float32) / 255, np.float32)
