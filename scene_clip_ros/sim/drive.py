"""Renders a scenario, frame by frame."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.errors import SimulationError
from scene_clip_ros.sim.actors import Actor, colour_name, draw_actor
from scene_clip_ros.sim.atmosphere import Atmosphere, blend, make_atmosphere
from scene_clip_ros.sim.camera import Camera
from scene_clip_ros.sim.canvas import Canvas
from scene_clip_ros.sim.captions import write_captions
from scene_clip_ros.sim.effects import Sensor, bloom, expose, make_sensor, precipitate, reflect
from scene_clip_ros.sim.ground import rows_of, shade, slice_rows
from scene_clip_ros.sim.props import Prop, draw_prop, make_props
from scene_clip_ros.sim.road import Segment
from scene_clip_ros.sim.scenario import Conditions, Scenario
from scene_clip_ros.sim.semantics import ACTOR_BASE, BOX_CLASSES, SemanticClass
from scene_clip_ros.sim.sky import paint_far_land, paint_sky
from scene_clip_ros.sim.truth import FrameTruth, RenderedFrame, TruthBox
from scene_clip_ros.sim.tunnel import draw_tunnel

SEE_M = {
    "actor": 160.0,
    "tree": 170.0,
    "building": 190.0,
    "house": 150.0,
    "parked": 75.0,
    "parked across": 60.0,
}
_DEFAULT_SEE_M = 130.0
_TURN_S = 1.2
_PORTAL_LEAD_M = 26.0


@dataclass(frozen=True, slots=True)
class _Item:
    """Something to draw at a depth: a prop, an actor (with its index) or a tunnel segment."""

    depth: float
    across: float
    what: Prop | Actor | Segment
    index: int = -1


class Drive:
    """A drive through a scenario, seen by one camera; iterate for its frames."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int,
        seconds: float,
        size_wh: tuple[int, int] = (1280, 720),
        rate_hz: float = 10.0,
        camera: str = "front",
        epoch_ns: int = 0,
    ) -> None:
        """Set a drive up; nothing is rendered yet.

        Args:
            scenario: What happens.
            seed: Of everything the scenario leaves open; equal seeds give equal pixels.
            seconds: Length, > 0.
            size_wh: Picture width and height, pixels, within [32, 8192].
            rate_hz: Frames per second, within (0, 240].
            camera: Name that the frames carry.
            epoch_ns: Stamp of the first frame, nanoseconds.

        Raises:
            SimulationError: The size, rate or length is out of range.
        """
        if not 0 < rate_hz <= 240:
            message = f"expected a rate above 0 and up to 240 Hz, got {rate_hz}"
            raise SimulationError(message)
        if not seconds > 0:
            message = f"expected a length above 0 s, got {seconds}"
            raise SimulationError(message)
        rng = np.random.default_rng([seed, 101])
        self.scenario = scenario
        self.camera_name = camera
        self.rate_hz = rate_hz
        self.frame_count = max(1, round(seconds * rate_hz))
        self._seed = seed
        self._epoch_ns = epoch_ns
        self._pinhole = _make_camera(size_wh, rng)
        self._sensor: Sensor = make_sensor(rng)
        self._airs = [
            make_atmosphere(c.weather, c.time_of_day, c.surface, rng) for c in scenario.conditions
        ]
        self._props = [make_props(segment) for segment in scenario.segments]
        self._waves = rng.uniform((0.0, 140.0, 0.0), (2.2, 400.0, 6.28))
        self._far_seed = int(rng.integers(1 << 20))

    @property
    def camera(self) -> Camera:
        """The camera that sees the drive."""
        return self._pinhole

    def __len__(self) -> int:
        """Return the number of frames."""
        return self.frame_count

    def __iter__(self) -> Iterator[RenderedFrame]:
        """Render every frame in order."""
        return (self.render(i) for i in range(self.frame_count))

    def render(self, index: int) -> RenderedFrame:
        """Render one frame; frames may be rendered in any order.

        Args:
            index: Frame number in ``[0, len(self))``.
        """
        seconds = index / self.rate_hz
        along = self.scenario.speed * seconds
        rng = np.random.default_rng([self._seed, 7, index])
        air = self._air_at(seconds, along)
        here = self._segment_at(along)
        canvas = self._backdrop(air, here, along, seconds)
        drawn = self._draw_items(canvas, along, seconds)
        bloom(canvas)
        if here.kind != "tunnel":
            precipitate(canvas.rgb, self._pinhole, air, rng)
        picture = expose(canvas.rgb, self._sensor, rng)
        stamp = self._epoch_ns + round(index * 1e9 / self.rate_hz)
        truth = self._truth(canvas, drawn, stamp, seconds, along)
        return RenderedFrame(stamp, picture, self._mask(canvas, drawn), truth)

    def _conditions_at(self, seconds: float) -> int:
        return max(0, bisect_right([c.since for c in self.scenario.conditions], seconds) - 1)

    def _air_at(self, seconds: float, along: float) -> Atmosphere:
        now = self._conditions_at(seconds)
        air = self._airs[now]
        since = self.scenario.conditions[now].since
        if now > 0 and seconds - since < _TURN_S / 2:
            air = blend(self._airs[now - 1], air, 0.5 + (seconds - since) / _TURN_S)
        elif now + 1 < len(self._airs):
            ahead = self.scenario.conditions[now + 1].since - seconds
            if ahead < _TURN_S / 2:
                air = blend(air, self._airs[now + 1], 0.5 - ahead / _TURN_S)
        span = next(
            (
                (s.start - along, s.end - along)
                for s in self.scenario.segments
                if s.kind == "tunnel" and s.end > along - 5 and s.start < along + 300
            ),
            (0.0, 0.0),
        )
        return replace(air, tunnel_span=span)

    def _segment_at(self, along: float) -> Segment:
        return next(
            (s for s in self.scenario.segments if s.start <= along < s.end),
            self.scenario.segments[-1],
        )

    def _bend(self, along: float, depth: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return how far the ego lane has moved right at depths ahead, metres."""
        size, length, phase = self._waves
        if self._segment_at(along).kind == "parking lot":
            return np.zeros_like(np.asarray(depth, np.float64))
        wave = 2 * np.pi / length
        z = np.asarray(depth, np.float64)
        here = size * 6 * np.sin(wave * along + phase)
        slope = size * 6 * wave * np.cos(wave * along + phase)
        return np.asarray(size * 6 * np.sin(wave * (along + z) + phase) - here - slope * z)

    def _heading(self, along: float, depth: float) -> float:
        ahead, behind = self._bend(along, np.array((depth + 1.0, depth - 1.0)))
        return float(np.arctan2(ahead - behind, 2.0))

    def _backdrop(self, air: Atmosphere, here: Segment, along: float, seconds: float) -> Canvas:
        camera = self._pinhole
        depths = camera.ground_depths()
        picture = paint_sky(camera, air, drift=seconds * 1.5, seed=self._far_seed)
        ident = np.full((camera.height, camera.width), int(SemanticClass.SKY), np.uint16)
        rows = rows_of(camera, along, self._bend(along, depths))
        first, lamps = camera.height - len(depths), self._lamps(along)
        edges = [s.start for s in self.scenario.segments[1:]]
        which = np.searchsorted(edges, np.minimum(rows.along[:, 0], along + 600), side="right")
        for k in np.unique(which):
            picked = np.flatnonzero(which == k)
            part = slice(int(picked[0]), int(picked[-1]) + 1)
            colour, classes = shade(
                slice_rows(rows, part), self.scenario.segments[int(k)], air, lamps
            )
            target = slice(first + part.start, first + part.stop)
            picture[target], ident[target] = colour, classes
        canvas = Canvas(camera, air, np.ascontiguousarray(picture, np.uint8), ident)
        if here.kind != "tunnel":
            paint_far_land(canvas, seed=self._far_seed, kind=here.kind, heading=0.002 * along)
        return canvas

    def _lamps(self, along: float) -> npt.NDArray[np.float64]:
        found = [
            (p.across, p.along - along)
            for props in self._props
            for p in props
            if p.kind == "lamp" and -5 < p.along - along < 80
        ]
        return np.array(found[:14], np.float64).reshape(-1, 2)

    def _draw_items(self, canvas: Canvas, along: float, seconds: float) -> dict[int, int]:
        """Draw all that stands or moves, far to near; return pixels drawn per actor index."""
        items = sorted(self._visible(along, seconds), key=lambda item: -item.depth)
        ground = np.isin(canvas.ident, (int(SemanticClass.ROAD), int(SemanticClass.SIDEWALK)))
        mirrored = canvas.air.wetness > 0.05 and self._segment_at(along).kind != "tunnel"
        drawn: dict[int, int] = {}
        if mirrored:
            spare = Canvas(canvas.camera, canvas.air, canvas.rgb.copy(), canvas.ident.copy())
            for item in items:
                self._draw(spare, item, along, seconds)
            bloom(spare)
            reflect(spare, canvas.air.wetness, ground)
            _keep_ground(canvas, spare, ground)
        for item in items:
            self._draw(canvas, item, along, seconds)
            if item.index >= 0:
                drawn[item.index] = int(np.count_nonzero(canvas.ident == ACTOR_BASE + item.index))
        return drawn

    def _visible(self, along: float, seconds: float) -> Iterator[_Item]:
        for props in self._props:
            start = bisect_right([p.along for p in props], along - 30)
            for prop in props[start:]:
                depth = prop.along - along
                if depth > SEE_M.get(prop.kind.partition(":")[0], _DEFAULT_SEE_M):
                    break
                if depth + prop.size[0] / 2 > 0.8:
                    yield _Item(depth, prop.across, prop)
        for i, actor in enumerate(self.scenario.actors):
            at, across = actor.place(seconds)
            if 1.0 < at - along < SEE_M["actor"]:
                yield _Item(at - along, across, actor, i)
        for segment in self.scenario.segments:
            if segment.kind == "tunnel" and segment.end > along and segment.start - along < 240:
                yield _Item(max(segment.end - along, 1.0) + 0.1, 0.0, segment)

    def _draw(self, canvas: Canvas, item: _Item, along: float, seconds: float) -> None:
        if isinstance(item.what, Segment):
            draw_tunnel(canvas, item.what, along, lambda depth: float(self._bend(along, depth)))
            return
        heading = self._heading(along, item.depth)
        place = (item.across + float(self._bend(along, item.depth)), item.depth)
        if isinstance(item.what, Actor):
            draw_actor(canvas, item.what, place, heading, seconds, ACTOR_BASE + item.index)
        elif item.what.kind in ("parked", "parked across"):
            self._draw_parked(canvas, item.what, place, heading)
        else:
            draw_prop(canvas, item.what, place, heading)

    def _draw_parked(
        self, canvas: Canvas, prop: Prop, place: tuple[float, float], heading: float
    ) -> None:
        speed = 0.0 if prop.kind == "parked across" else float(-np.sign(prop.across)) * -0.2
        cross = 0.001 if prop.kind == "parked across" and prop.variant % 2 else 0.0
        cross = -0.001 if prop.kind == "parked across" and not cross else cross
        kind = "van" if prop.variant % 9 == 0 else "car"
        actor = Actor(kind, prop.variant, 0.0, 0.0, speed, cross_speed=cross)
        draw_actor(canvas, actor, place, heading, 0.0, int(SemanticClass.VEHICLE))

    def _mask(self, canvas: Canvas, drawn: dict[int, int]) -> npt.NDArray[np.uint8]:
        table = np.arange(ACTOR_BASE + len(self.scenario.actors) + 1, dtype=np.uint16)
        for index in drawn:
            table[ACTOR_BASE + index] = int(BOX_CLASSES[self.scenario.actors[index].kind])
        return table[canvas.ident].astype(np.uint8)

    def _truth(
        self, canvas: Canvas, drawn: dict[int, int], stamp: int, seconds: float, along: float
    ) -> FrameTruth:
        boxes = tuple(self._boxes(canvas, drawn, seconds, along))
        ahead = self._segment_at(
            along + (_PORTAL_LEAD_M if self._segment_at(along).kind != "tunnel" else 6.0)
        )
        conditions = self.scenario.conditions[self._conditions_at(seconds)]
        attributes = _attributes(conditions, ahead.kind)
        hazards = _hazards(boxes)
        events = tuple(
            (e.name, self._epoch_ns + round(e.at * 1e9))
            for e in self.scenario.events
            if e.at <= seconds
        )
        rng = np.random.default_rng([self._seed, 13, round(seconds * 1000)])
        captions = write_captions(attributes, boxes, canvas.camera, rng)
        return FrameTruth(self.camera_name, stamp, attributes, hazards, boxes, captions, events)

    def _boxes(
        self, canvas: Canvas, drawn: dict[int, int], seconds: float, along: float
    ) -> Iterator[TruthBox]:
        for index, painted in drawn.items():
            actor = self.scenario.actors[index]
            v, u = np.nonzero(canvas.ident == ACTOR_BASE + index)
            if len(v) < 6 or painted == 0:
                continue
            xyxy = (int(u.min()), int(v.min()), int(u.max()) + 1, int(v.max()) + 1)
            at, across = actor.place(seconds)
            segment = self._segment_at(at)
            on_road = segment.left <= across <= segment.right
            share = min(1.0, len(v) / painted)
            yield TruthBox(
                index, actor.kind, colour_name(actor), xyxy, share, on_road, at - along, across
            )


def _keep_ground(canvas: Canvas, spare: Canvas, ground: npt.NDArray[np.bool_]) -> None:
    """Take the mirrored ground over from the spare picture where nothing stood before it."""
    still = ground & (spare.ident == canvas.ident)
    canvas.rgb[still] = spare.rgb[still]


def _make_camera(size_wh: tuple[int, int], rng: np.random.Generator) -> Camera:
    width, height = size_wh
    focal = width * rng.uniform(0.62, 1.15)
    horizon = height * rng.uniform(0.42, 0.62)
    return Camera(width, height, float(focal), float(rng.uniform(1.2, 1.7)), float(horizon))


def _attributes(conditions: Conditions, road: str) -> dict[str, str | None]:
    if road == "tunnel":
        return {"weather": None, "time_of_day": None, "road": road, "surface": None}
    return {
        "weather": conditions.weather,
        "time_of_day": conditions.time_of_day,
        "road": road,
        "surface": conditions.surface,
    }


def _hazards(boxes: tuple[TruthBox, ...]) -> dict[str, bool]:
    near = [b for b in boxes if b.distance_m < 45 and b.visible > 0.3]
    people = {
        kind
        for kind, group in BOX_CLASSES.items()
        if group in (SemanticClass.PERSON, SemanticClass.CYCLIST)
    } - {"worker"}
    animals = {kind for kind, group in BOX_CLASSES.items() if group == SemanticClass.ANIMAL}
    return {
        "person_on_road": any(
            b.kind in people and b.on_road and abs(b.across_m) < 3.2 for b in near
        ),
        "animal_on_road": any(b.kind in animals and b.on_road for b in near),
        "debris_on_road": any(b.kind == "debris" and b.on_road for b in near),
        "road_works": sum(b.kind in ("traffic cone", "barrier", "worker") for b in near) >= 2,
    }
