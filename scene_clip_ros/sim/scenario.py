"""What happens on a drive: the road ahead, the weather, and who does what when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.errors import SimulationError
from scene_clip_ros.sim.actors import ANIMALS, Actor
from scene_clip_ros.sim.atmosphere import SURFACES, TIMES_OF_DAY, WEATHERS
from scene_clip_ros.sim.road import ROADS, Segment, make_segment

CRUISE_MPS = {
    "highway": 27.0,
    "tunnel": 22.0,
    "city street": 10.0,
    "residential": 7.5,
    "parking lot": 3.0,
}
"""Usual speed of the ego by kind of road, metres per second."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Weather, time of day and surface from a moment on.

    Attributes:
        since: Seconds from the start of the drive.
        weather: One of ``WEATHERS``.
        time_of_day: One of ``TIMES_OF_DAY``.
        surface: One of ``SURFACES``.
    """

    since: float
    weather: str
    time_of_day: str
    surface: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something scripted: its name and when it begins, seconds from the start."""

    name: str
    at: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole drive, before anything is drawn.

    Attributes:
        name: Of the scenario.
        conditions: In order of ``since``; the first at 0.
        segments: The road, without gaps, in order.
        speed: Of the ego, metres per second.
        actors: Everyone and everything that is not a prop.
        events: In order of time.
    """

    name: str
    conditions: tuple[Conditions, ...]
    segments: tuple[Segment, ...]
    speed: float
    actors: tuple[Actor, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """What a scenario's maker is given: a seeded generator, the length in seconds, the seed."""

    rng: np.random.Generator
    seconds: float
    seed: int


Maker = Callable[[Brief], Scenario]


def scenario_names() -> tuple[str, ...]:
    """Return the names that ``make_scenario`` knows."""
    return tuple(_MAKERS)


def make_scenario(name: str, *, seed: int, seconds: float) -> Scenario:
    """Script a drive.

    Args:
        name: One of ``scenario_names()``.
        seed: Equal seeds give equal drives.
        seconds: Length of the drive, > 0.

    Raises:
        SimulationError: The name is unknown or the length is not positive.
    """
    if name not in _MAKERS:
        message = f"expected a scenario among {', '.join(_MAKERS)}; got {name!r}"
        raise SimulationError(message)
    if not 0 < seconds <= 24 * 3600:
        message = f"expected a length above 0 s and up to a day, got {seconds} s"
        raise SimulationError(message)
    return _MAKERS[name](Brief(np.random.default_rng([seed, 1]), seconds, seed))


def pick_surface(weather: str, rng: np.random.Generator) -> str:
    """Draw a surface that goes with a weather."""
    odds = {
        "clear": (0.86, 0.06, 0.08),
        "overcast": (0.72, 0.16, 0.12),
        "rain": (0.0, 1.0, 0.0),
        "snow": (0.0, 0.1, 0.9),
        "fog": (0.55, 0.35, 0.1),
    }[weather]
    return str(rng.choice(SURFACES, p=odds))


def _conditions(
    rng: np.random.Generator, *, since: float = 0.0, weather: str = "", time: str = ""
) -> Conditions:
    weather = weather or str(rng.choice(WEATHERS, p=(0.3, 0.2, 0.2, 0.15, 0.15)))
    time = time or str(rng.choice(TIMES_OF_DAY, p=(0.45, 0.22, 0.33)))
    return Conditions(since, weather, time, pick_surface(weather, rng))


def _road(kind: str, brief: Brief, speed: float) -> tuple[Segment, ...]:
    return (
        make_segment(kind, -60.0, speed * brief.seconds + 500.0, int(brief.rng.integers(1 << 30))),
    )


def _assemble(
    name: str,
    brief: Brief,
    *,
    road: str,
    conditions: tuple[Conditions, ...],
    extra: tuple[Actor, ...] = (),
    events: tuple[Event, ...] = (),
    busy: float = 1.0,
    speed: float | None = None,
) -> Scenario:
    rng = brief.rng
    pace = CRUISE_MPS[road] * rng.uniform(0.85, 1.15) if speed is None else speed
    segments = _road(road, brief, pace)
    actors = (
        traffic(segments, pace, brief.seconds, rng, busy=busy)
        + bystanders(segments, rng, busy=busy)
        + list(extra)
    )
    return Scenario(name, conditions, segments, pace, tuple(actors), events)


def traffic(
    segments: tuple[Segment, ...],
    ego_speed: float,
    seconds: float,
    rng: np.random.Generator,
    *,
    busy: float,
) -> list[Actor]:
    """Fill the lanes; nobody drives in the ego's own lane nearer than 14 m ahead."""
    actors: list[Actor] = []
    for segment in segments:
        if segment.bays:
            continue
        for across, direction in segment.lanes:
            actors += _lane_traffic(segment, across, direction, ego_speed, seconds, rng, busy)
    return actors


def _lane_traffic(
    segment: Segment,
    across: float,
    direction: int,
    ego_speed: float,
    seconds: float,
    rng: np.random.Generator,
    busy: float,
) -> list[Actor]:
    gap = {"highway": 45.0, "tunnel": 55.0, "city street": 32.0, "residential": 120.0}[
        segment.kind
    ] / max(busy, 0.05)
    own = abs(across) < 0.5 and direction > 0
    speed = ego_speed if own else direction * ego_speed * rng.uniform(0.82, 1.12)
    drift = (ego_speed - speed) * seconds
    start, end = min(-20.0, drift - 60), max(segment.end, 0) + max(0.0, drift) + 120
    start, end = (
        max(start, segment.start - max(0.0, speed * seconds) - 10),
        min(end, segment.end + max(0.0, -speed * seconds)),
    )
    at = start + rng.exponential(gap)
    actors = []
    while at < end:
        if not own or at > 14:
            kind = str(rng.choice(["car", "van", "truck", "bus"], p=(0.76, 0.09, 0.11, 0.04)))
            actors.append(
                Actor(
                    kind,
                    int(rng.integers(1 << 20)),
                    float(at),
                    across + float(rng.normal(0, 0.12)),
                    speed,
                )
            )
        at += max(11.0, rng.exponential(gap))
    return actors


def bystanders(
    segments: tuple[Segment, ...], rng: np.random.Generator, *, busy: float
) -> list[Actor]:
    """Put people on the pavements of streets, and a few beside parked cars."""
    actors: list[Actor] = []
    for segment in segments:
        each = {"city street": 9.0, "residential": 42.0, "parking lot": 40.0}.get(segment.kind)
        if each is None:
            continue
        at = segment.start + rng.exponential(each / max(busy, 0.05))
        while at < segment.end:
            side = float(rng.choice((-1.0, 1.0)))
            edge = segment.right if side > 0 else -segment.left
            off = rng.uniform(0.8, 2.6) if not segment.bays else rng.uniform(1.0, 4.0)
            actors.append(
                person(
                    rng,
                    float(at),
                    side * (edge + off),
                    speed=float(rng.choice((-1.3, 0.0, 1.3), p=(0.4, 0.2, 0.4))),
                )
            )
            at += rng.exponential(each / max(busy, 0.05))
    return actors


def person(
    rng: np.random.Generator, along: float, across: float, *, kind: str = "", speed: float = 0.0
) -> Actor:
    """Draw someone at random; babies and wheelchair users stand still unless told to cross."""
    kind = kind or str(
        rng.choice(
            ["adult", "child", "stroller", "wheelchair user", "cyclist"],
            p=(0.7, 0.13, 0.07, 0.05, 0.05),
        )
    )
    height = {"child": rng.uniform(1.0, 1.35), "baby": rng.uniform(0.6, 0.78)}.get(
        kind, rng.uniform(1.55, 1.92)
    )
    return Actor(
        kind,
        int(rng.integers(1 << 20)),
        along,
        across,
        speed * (3.0 if kind == "cyclist" else 1.0),
        height=float(height),
    )


def crossing(
    segments: tuple[Segment, ...],
    kind: str,
    ego_speed: float,
    at: float,
    rng: np.random.Generator,
    *,
    ahead: float = 24.0,
) -> Actor:
    """Script someone who steps into the ego's lane ``ahead`` metres in front at second ``at``."""
    pace = {
        "adult": 1.5,
        "child": 2.1,
        "baby": 0.75,
        "wheelchair user": 1.3,
        "cyclist": 3.6,
        "stroller": 1.2,
        "dog": 2.6,
        "deer": 4.0,
        "cow": 1.1,
    }[kind]
    side = float(rng.choice((-1.0, 1.0)))
    along = ego_speed * at + ahead
    segment = next(s for s in segments if s.start <= along < s.end)
    edge = min(segment.right if side > 0 else -segment.left, 4.6)
    start = {"baby": 2.6}.get(kind, edge + 0.6)
    who = (
        person(rng, along, side * start, kind=kind)
        if kind not in ANIMALS
        else Actor(
            kind,
            int(rng.integers(1 << 20)),
            along,
            side * start,
            height={"dog": 0.95, "deer": 1.5, "cow": 2.1}[kind],
        )
    )
    lead = (start - 1.5) / pace
    return Actor(
        who.kind,
        who.look,
        along,
        who.across,
        0.0,
        -side * pace,
        max(0.0, at - lead),
        -side * (edge + 2.5),
        who.height,
    )


def road_works(along: float, right: float, rng: np.random.Generator) -> list[Actor]:
    """Close the right edge of the road: cones in a row, a barrier, a worker."""
    actors = [
        Actor(
            "traffic cone",
            int(rng.integers(1000)),
            along + 4.0 * i,
            right - 0.6 - 0.12 * i,
            height=0.75,
        )
        for i in range(9)
    ]
    actors.append(Actor("barrier", 1, along + 37, right - 1.5, height=1.1))
    actors.append(Actor("worker", int(rng.integers(1 << 20)), along + 30, right + 0.7, height=1.8))
    return actors


def _plain(name: str, road: str, *, weather: str = "", time: str = "", busy: float = 1.0) -> Maker:
    def make(brief: Brief) -> Scenario:
        return _assemble(
            name,
            brief,
            road=road,
            conditions=(_conditions(brief.rng, weather=weather, time=time),),
            busy=busy,
        )

    return make


def _crossing_maker(name: str, kind: str) -> Maker:
    def make(brief: Brief) -> Scenario:
        rng = brief.rng
        road = str(rng.choice(["city street", "residential"]))
        speed = float(rng.uniform(5.5, 8.5))
        conditions = (
            _conditions(
                rng,
                weather=str(rng.choice(["clear", "overcast"])),
                time=str(rng.choice(["day", "day", "dusk"])),
            ),
        )
        base = _assemble(name, brief, road=road, conditions=conditions, busy=0.6, speed=speed)
        times = np.arange(min(4.0, brief.seconds * 0.4), max(brief.seconds - 2, 1.0), 9.0)
        extra = tuple(crossing(base.segments, kind, speed, float(t), rng) for t in times)
        events = tuple(Event(f"{kind} steps out", a.cross_from) for a in extra)
        clear = tuple(a for a in base.actors if not (a.speed > 0 and abs(a.across) < 1.0))
        return Scenario(name, base.conditions, base.segments, speed, clear + extra, events)

    return make


def _weather_turns(brief: Brief) -> Scenario:
    rng = brief.rng
    order = [str(w) for w in rng.permutation(["clear", "overcast", "rain", "snow", "fog"])]
    time = str(rng.choice(["day", "day", "dusk", "night"]))
    step = max(4.0, brief.seconds / 4)
    conditions = tuple(
        _conditions(rng, since=i * step, weather=w, time=time)
        for i, w in enumerate(order[:4])
        if i * step < brief.seconds
    )
    events = tuple(Event(f"weather turns to {c.weather}", c.since) for c in conditions[1:])
    return _assemble(
        "weather-turns",
        brief,
        road=str(rng.choice(["highway", "city street", "residential"])),
        conditions=conditions,
        events=events,
    )


def _walker_beside(brief: Brief) -> Scenario:
    rng = brief.rng
    speed = float(rng.uniform(7, 10))
    base = _assemble(
        "walker-beside-road",
        brief,
        road="residential",
        conditions=(_conditions(rng),),
        busy=0.4,
        speed=speed,
    )
    right = base.segments[0].right
    walkers = tuple(
        person(rng, 25.0 + 45 * i, right + rng.uniform(0.4, 1.6), speed=1.2)
        for i in range(int(speed * brief.seconds / 45) + 1)
    )
    return Scenario(
        base.name,
        base.conditions,
        base.segments,
        speed,
        base.actors + walkers,
        (Event("someone walks beside the road", 0.0),),
    )


def _obstacles(name: str, kind: str) -> Maker:
    def make(brief: Brief) -> Scenario:
        rng = brief.rng
        road = str(rng.choice(["highway", "residential", "city street"]))
        speed = CRUISE_MPS[road] * float(rng.uniform(0.6, 0.8))
        base = _assemble(
            name, brief, road=road, conditions=(_conditions(rng),), busy=0.5, speed=speed
        )
        clear = [a for a in base.actors if not (a.speed > 0 and abs(a.across) < 1.0)]
        events = []
        for at in np.arange(25.0, speed * brief.seconds + 60, 110.0):
            clear += _obstacle(kind, float(at), base.segments[0], rng)
            events.append(Event(f"{kind} ahead", max(0.0, (float(at) - 60) / speed)))
        return Scenario(name, base.conditions, base.segments, speed, tuple(clear), tuple(events))

    return make


def _obstacle(kind: str, along: float, segment: Segment, rng: np.random.Generator) -> list[Actor]:
    if kind == "road works":
        return road_works(along, segment.right, rng)
    if kind == "debris":
        return [
            Actor(
                "debris",
                int(rng.integers(1 << 20)),
                along + i * 2.0,
                float(rng.uniform(-1.4, 1.4)),
                height=float(rng.uniform(0.35, 0.8)),
            )
            for i in range(2)
        ]
    animal = str(rng.choice(ANIMALS))
    length = {"dog": 0.95, "deer": 1.5, "cow": 2.1}[animal]
    return [
        Actor(
            animal, int(rng.integers(1 << 20)), along, float(rng.uniform(-2.0, 2.0)), height=length
        )
    ]


def _demo_tour(brief: Brief) -> Scenario:
    rng, n = brief.rng, brief.seconds
    cuts = [0.0, 0.24 * n, 0.36 * n, 0.58 * n, 0.82 * n]
    kinds = ("highway", "tunnel", "city street", "residential", "highway")
    speed = 14.0
    edges = [-60.0, *(speed * c for c in cuts[1:]), speed * n + 500]
    segments = tuple(
        make_segment(k, edges[i], edges[i + 1], int(rng.integers(1 << 30)))
        for i, k in enumerate(kinds)
    )
    conditions = (
        Conditions(0.0, "clear", "day", "dry"),
        Conditions(0.14 * n, "overcast", "day", "dry"),
        Conditions(0.44 * n, "rain", "day", "wet"),
        Conditions(0.62 * n, "rain", "dusk", "wet"),
        Conditions(0.72 * n, "snow", "dusk", "snowy"),
        Conditions(0.88 * n, "clear", "night", "dry"),
    )
    actors = traffic(segments, speed, n, rng, busy=0.8) + bystanders(segments, rng, busy=0.8)
    actors = [a for a in actors if not (a.speed > 0 and abs(a.across) < 1.0 and a.along < 40)]
    events = [
        Event(f"weather turns to {c.weather} at {c.time_of_day}", c.since) for c in conditions[1:]
    ]
    for kind, at in (("adult", 0.5 * n), ("child", 0.68 * n)):
        actors.append(crossing(segments, kind, speed, at, rng, ahead=26.0))
        events.append(Event(f"{kind} steps out", actors[-1].cross_from))
    return Scenario(
        "demo-tour",
        conditions,
        segments,
        speed,
        tuple(actors),
        tuple(sorted(events, key=lambda e: e.at)),
    )


def _random(brief: Brief) -> Scenario:
    rng = brief.rng
    road = str(rng.choice(ROADS, p=(0.26, 0.24, 0.2, 0.14, 0.16)))
    base = _assemble(
        "random",
        brief,
        road=road,
        conditions=(_conditions(rng),),
        busy=float(rng.uniform(0.15, 1.6)),
    )
    actors = list(base.actors)
    edge = base.segments[0]
    for _ in range(int(rng.integers(0, 4))):
        along = float(rng.uniform(8, 45))
        roll = rng.random()
        if roll < 0.42:
            kind = str(
                rng.choice(["adult", "child", "baby", "wheelchair user", "stroller", "cyclist"])
            )
            actors.append(crossing(base.segments, kind, 0.0, 0.0, rng, ahead=along))
            actors[-1] = _mid_crossing(actors[-1], rng)
        elif roll < 0.62:
            actors += _obstacle("animal", along, edge, rng)
        elif roll < 0.8:
            actors += _obstacle("debris", along, edge, rng)
        else:
            actors += road_works(along, edge.right, rng)
    return Scenario("random", base.conditions, base.segments, base.speed, tuple(actors), ())


def _mid_crossing(actor: Actor, rng: np.random.Generator) -> Actor:
    """Move someone who crosses to anywhere within the ego's lane."""
    return Actor(
        actor.kind,
        actor.look,
        actor.along,
        float(rng.uniform(-1.8, 1.8)),
        actor.speed,
        actor.cross_speed,
        0.0,
        actor.cross_to,
        actor.height,
    )


_MAKERS: dict[str, Maker] = {
    "city-day": _plain("city-day", "city street", weather="clear", time="day"),
    "city-night": _plain("city-night", "city street", time="night"),
    "city-rain": _plain("city-rain", "city street", weather="rain"),
    "residential-day": _plain("residential-day", "residential", time="day"),
    "residential-snow": _plain("residential-snow", "residential", weather="snow"),
    "highway-day": _plain("highway-day", "highway", time="day"),
    "highway-fog": _plain("highway-fog", "highway", weather="fog"),
    "highway-night": _plain("highway-night", "highway", time="night"),
    "empty-highway": _plain("empty-highway", "highway", weather="clear", time="day", busy=0.03),
    "tunnel": _plain("tunnel", "tunnel"),
    "parking-lot": _plain("parking-lot", "parking lot"),
    "weather-turns": _weather_turns,
    "crossing-adult": _crossing_maker("crossing-adult", "adult"),
    "crossing-child": _crossing_maker("crossing-child", "child"),
    "crossing-baby": _crossing_maker("crossing-baby", "baby"),
    "crossing-wheelchair": _crossing_maker("crossing-wheelchair", "wheelchair user"),
    "crossing-cyclist": _crossing_maker("crossing-cyclist", "cyclist"),
    "crossing-stroller": _crossing_maker("crossing-stroller", "stroller"),
    "walker-beside-road": _walker_beside,
    "animal-on-road": _obstacles("animal-on-road", "animal"),
    "debris-on-road": _obstacles("debris-on-road", "debris"),
    "road-works": _obstacles("road-works", "road works"),
    "demo-tour": _demo_tour,
    "random": _random,
}
