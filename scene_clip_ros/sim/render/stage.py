"""Draws one moment of a drive: the backdrop, then all that stands or moves, far to near."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from scene_clip_ros.sim.arrays import Float, Indices, Mask, Picture, Points
from scene_clip_ros.sim.render.actor_drawing import draw_actor
from scene_clip_ros.sim.render.atmosphere import Atmosphere
from scene_clip_ros.sim.render.camera import Camera, Spot
from scene_clip_ros.sim.render.canvas import Canvas
from scene_clip_ros.sim.render.far_land import paint_far_land
from scene_clip_ros.sim.render.glare import bloom, reflect
from scene_clip_ros.sim.render.ground import shade
from scene_clip_ros.sim.render.markings import ground_rows
from scene_clip_ros.sim.render.prop_drawing import PARKED_KINDS, draw_prop, parked_vehicle
from scene_clip_ros.sim.render.sky import paint_sky
from scene_clip_ros.sim.render.tunnel import SEEN_WITHIN_M, draw_tunnel
from scene_clip_ros.sim.script.actors import Actor
from scene_clip_ros.sim.script.alignment import Alignment
from scene_clip_ros.sim.script.props import FARTHEST_SEEN_M, Prop, make_props
from scene_clip_ros.sim.script.road import Segment
from scene_clip_ros.sim.script.storyboard import Scenario
from scene_clip_ros.sim.semantics import ACTOR_BASE, PARKED_BASE, SemanticClass

_ACTOR_SEEN_M = 160.0
_ACTOR_NEAREST_M = 1.0
_PROP_BEHIND_M = 30.0
_PROP_NEAREST_M = 0.8
_GROUND_AHEAD_M = 600.0
"""Beyond this, the segment that lies there is painted up to the horizon."""

_LAMP_SPAN_M = (-5.0, 80.0)
_MAX_LAMPS = 14
_DRIFT_TEXELS_PER_S = 1.5
_TURN_PER_M = 0.002
"""Radians by which the far land turns past the ego."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where the camera is.

    Attributes:
        seconds: Since the start of the drive.
        along: Metres along the drive.
        air: Light and air.
    """

    seconds: float
    along: float
    air: Atmosphere


@dataclass(frozen=True, slots=True)
class _Item:
    """Something to draw at a depth; ``across`` is from the ego lane's middle, metres."""

    depth: float
    across: float
    what: Prop | Actor | Segment
    ident: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """An actor or a parked vehicle as it was drawn.

    Attributes:
        actor: Who or what it is.
        along: Metres along the drive.
        across: Metres right of the ego lane's middle.
        painted: Pixels that it covered before anything nearer hid it.
        truncated: Share of it that lies outside the picture, [0, 1).
    """

    actor: Actor
    along: float
    across: float
    painted: int
    truncated: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn moment.

    Attributes:
        canvas: The picture, and what is where in it.
        things: Actors and parked vehicles by their number in ``canvas.ident``, far to near.
        contrast: ``(H, W)`` uint8: by how many levels the thing at a pixel differs from what it
            hides, in the colour where that is most.
    """

    canvas: Canvas
    things: dict[int, Thing]
    contrast: Picture


class Stage:
    """A scenario's world, furnished and ready to be drawn."""

    def __init__(
        self, scenario: Scenario, camera: Camera, *, alignment: Alignment, far_seed: int
    ) -> None:
        """Furnish the road.

        Args:
            scenario: What happens.
            camera: Where it is seen from.
            alignment: How the road bends.
            far_seed: Of the sky and the far land.
        """
        self._scenario = scenario
        self._camera = camera
        self._alignment = alignment
        self._far_seed = far_seed
        self._props = [make_props(segment) for segment in scenario.segments]
        parked = [prop for props in self._props for prop in props if prop.kind in PARKED_KINDS]
        self._parked_ident = {prop: PARKED_BASE + i for i, prop in enumerate(parked)}

    def draw(self, moment: Moment) -> Drawn:
        """Draw everything but what happens in the lens; lights bloom already."""
        canvas = self._backdrop(moment)
        items = sorted(self._visible(moment), key=lambda item: -item.depth)
        in_tunnel = self._scenario.segment_at(moment.along).kind == "tunnel"
        if moment.air.wetness > 0.05 and not in_tunnel:
            self._mirror(canvas, items, moment)
        drawn = Drawn(canvas, {}, np.zeros_like(canvas.rgb[..., 0]))
        for item in items:
            if isinstance(item.what, Actor):
                self._draw_thing(drawn, item, item.what, moment)
            else:
                self._draw_item(canvas, item, moment)
        bloom(canvas)
        return drawn

    def _draw_thing(self, drawn: Drawn, item: _Item, actor: Actor, moment: Moment) -> None:
        """Draw an actor, and note how much of it can be seen and how it stands out."""
        canvas = drawn.canvas
        before = canvas.rgb.copy()
        self._draw_item(canvas, item, moment)
        v, u = np.nonzero(canvas.ident == item.ident)
        change = canvas.rgb[v, u].astype(np.int16) - before[v, u]
        drawn.contrast[v, u] = np.abs(change).max(axis=1)
        truncated = self._truncation(item, moment) if _on_edge(v, u, canvas.camera) else 0.0
        along = moment.along + item.depth
        drawn.things[item.ident] = Thing(actor, along, item.across, len(v), truncated)

    def _truncation(self, item: _Item, moment: Moment) -> float:
        """Return the share of an item that a picture nine times as large would show besides."""
        camera, (columns, rows) = self._camera, self._camera.spare_margin
        wide = replace(
            camera,
            width=camera.width + 2 * columns,
            height=camera.height + 2 * rows,
            horizon_v=camera.horizon_v + rows,
        )
        spare = Canvas.blank(wide, moment.air)
        self._draw_item(spare, item, moment)
        painted = spare.ident == item.ident
        inside = painted[rows : rows + camera.height, columns : columns + camera.width]
        return 1 - int(np.count_nonzero(inside)) / max(1, int(np.count_nonzero(painted)))

    def _offset(self, along: float, depth: float | Points) -> Points:
        """Return how far the ego lane has moved right ahead, metres; parking lots are straight."""
        if self._scenario.segment_at(along).kind == "parking lot":
            return np.zeros_like(depth, np.float64)
        return self._alignment.offset(along, depth)

    def _spot(self, item: _Item, moment: Moment) -> Spot:
        offset = self._offset(moment.along, item.depth)
        ahead, behind = self._offset(moment.along, np.array((item.depth + 1.0, item.depth - 1.0)))
        heading = float(np.arctan2(ahead - behind, 2.0))
        return Spot(item.across + float(offset), item.depth, heading)

    def _backdrop(self, moment: Moment) -> Canvas:
        """Paint sky, ground and far land."""
        camera, air, along = self._camera, moment.air, moment.along
        drift = moment.seconds * _DRIFT_TEXELS_PER_S
        picture = paint_sky(camera, air, drift=drift, seed=self._far_seed)
        ident = np.full((camera.height, camera.width), SemanticClass.SKY, np.uint16)
        offset, lamps = self._offset(along, camera.ground_depths()), self._lamps(along)
        rows = ground_rows(camera, along, offset)
        first = camera.height - len(offset)
        for index, part in self._stretches(rows.along[:, 0], along):
            colour, classes = shade(rows.part(part), self._scenario.segments[index], air, lamps)
            target = slice(first + part.start, first + part.stop)
            picture[target], ident[target] = colour, classes
        canvas = Canvas(camera, air, picture.astype(np.uint8), ident)
        road = self._scenario.segment_at(along).kind
        if road != "tunnel":
            heading = _TURN_PER_M * along
            paint_far_land(canvas, seed=self._far_seed, road=road, heading=heading)
        return canvas

    def _stretches(self, rows_along: Float, along: float) -> Iterator[tuple[int, slice]]:
        """Yield the index of each segment in sight and the ground rows that lie on it."""
        edges = [segment.start for segment in self._scenario.segments[1:]]
        reach = np.minimum(rows_along, along + _GROUND_AHEAD_M)
        which = np.searchsorted(edges, reach, side="right")
        for index in np.unique(which).tolist():
            rows = np.flatnonzero(which == index)
            yield index, slice(int(rows[0]), int(rows[-1]) + 1)

    def _lamps(self, along: float) -> Points:
        """Return ``(L, 2)`` street lamps that light the ground: metres across and ahead."""
        low, high = _LAMP_SPAN_M
        found = [
            (prop.across, prop.along - along)
            for props in self._props
            for prop in props
            if prop.kind == "lamp" and low < prop.along - along < high
        ]
        return np.array(found[:_MAX_LAMPS], np.float64).reshape(-1, 2)

    def _visible(self, moment: Moment) -> Iterator[_Item]:
        along = moment.along
        yield from self._visible_props(along)
        for i, actor in enumerate(self._scenario.actors):
            at, across = actor.place(moment.seconds)
            if _ACTOR_NEAREST_M < at - along < _ACTOR_SEEN_M:
                yield _Item(at - along, across, actor, ACTOR_BASE + i)
        for segment in self._scenario.segments:
            ahead = segment.start - along < SEEN_WITHIN_M
            if segment.kind == "tunnel" and segment.end > along and ahead:
                yield _Item(max(segment.end - along, 1.0) + 0.1, 0.0, segment)

    def _visible_props(self, along: float) -> Iterator[_Item]:
        for props in self._props:
            start = bisect_right([prop.along for prop in props], along - _PROP_BEHIND_M)
            end = bisect_right([prop.along for prop in props], along + FARTHEST_SEEN_M)
            for prop in props[start:end]:
                depth = prop.along - along
                begun = depth + prop.size[0] / 2 > _PROP_NEAREST_M
                if begun and depth <= prop.seen_within_m:
                    what, ident = parked_vehicle(prop) or prop, self._parked_ident.get(prop, 0)
                    yield _Item(depth, prop.across, what, ident)

    def _draw_item(self, canvas: Canvas, item: _Item, moment: Moment) -> None:
        along = moment.along
        if isinstance(item.what, Segment):
            draw_tunnel(canvas, item.what, along, lambda z: float(self._offset(along, z)))
        elif isinstance(item.what, Actor):
            spot = self._spot(item, moment)
            draw_actor(canvas, item.what, spot, seconds=moment.seconds, ident=item.ident)
        else:
            draw_prop(canvas, item.what, self._spot(item, moment))

    def _mirror(self, canvas: Canvas, items: list[_Item], moment: Moment) -> None:
        """Let wet ground show what is drawn over it, where it stays in sight."""
        ground = np.isin(canvas.ident, (SemanticClass.ROAD, SemanticClass.SIDEWALK))
        spare = canvas.copy()
        for item in items:
            self._draw_item(spare, item, moment)
        bloom(spare)
        reflect(spare, moment.air.wetness, ground)
        _take_over(canvas, spare, ground)


def _on_edge(v: Indices, u: Indices, camera: Camera) -> bool:
    """Say whether any of the pixels, by rows and columns, is on the picture's edge."""
    if not len(v):
        return False
    on_side = u.min() == 0 or u.max() == camera.width - 1
    return bool(on_side or v.min() == 0 or v.max() == camera.height - 1)


def _take_over(canvas: Canvas, spare: Canvas, ground: Mask) -> None:
    """Take the ground over from a spare picture where nothing stood before it."""
    still = ground & (spare.ident == canvas.ident)
    canvas.rgb[still] = spare.rgb[still]
