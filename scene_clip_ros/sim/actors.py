"""Who and what moves: traffic, people, animals, and how each is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.sim.canvas import Canvas
from scene_clip_ros.sim.meshes import draw_mesh, vehicle_mesh
from scene_clip_ros.sim.people import (
    HAIR,
    SKIN_TONES,
    Outfit,
    Pose,
    draw_animal,
    draw_baby,
    draw_barrier,
    draw_cone,
    draw_cyclist,
    draw_debris,
    draw_stroller,
    draw_walker,
    draw_wheelchair_user,
)

VEHICLES = ("car", "van", "truck", "bus")
PEOPLE = ("adult", "child", "baby", "wheelchair user", "stroller", "cyclist", "worker")
ANIMALS = ("dog", "deer", "cow")

_CLOTHES: dict[str, tuple[float, float, float]] = {
    "red": (196, 38, 42),
    "blue": (44, 78, 168),
    "green": (52, 128, 66),
    "yellow": (228, 190, 52),
    "white": (232, 232, 228),
    "black": (34, 34, 38),
    "grey": (128, 130, 134),
    "orange": (226, 118, 36),
    "purple": (112, 58, 138),
    "brown": (112, 78, 52),
    "pink": (226, 134, 160),
}
_PAINTS: dict[str, tuple[float, float, float]] = {
    "white": (228, 228, 226),
    "black": (30, 31, 34),
    "grey": (120, 122, 126),
    "silver": (178, 180, 184),
    "red": (168, 32, 34),
    "blue": (36, 66, 138),
    "green": (40, 92, 62),
    "yellow": (224, 184, 44),
    "brown": (98, 74, 56),
    "orange": (214, 104, 34),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Something that moves on its own path.

    Attributes:
        kind: A ground-truth class, see ``semantics.BOX_CLASSES``.
        look: Which individual of its kind.
        along: Metres along the drive at time 0.
        across: Metres right of the ego lane's middle at time 0.
        speed: Metres per second along the drive.
        cross_speed: Metres per second to the right, while crossing.
        cross_from: Seconds when crossing starts; before, it waits where it is.
        cross_to: Across position at which it stops, metres.
        height: Metres (length for animals and babies).
    """

    kind: str
    look: int
    along: float
    across: float
    speed: float = 0.0
    cross_speed: float = 0.0
    cross_from: float = 0.0
    cross_to: float = 0.0
    height: float = 1.75

    def place(self, seconds: float) -> tuple[float, float]:
        """Return metres along and across at a time."""
        moved = self.cross_speed * max(0.0, seconds - self.cross_from)
        across = self.across + moved
        if self.cross_speed > 0:
            across = min(across, self.cross_to)
        elif self.cross_speed < 0:
            across = max(across, self.cross_to)
        return self.along + self.speed * seconds, across

    def crossing(self, seconds: float) -> bool:
        """Say whether it is walking across at a time."""
        return (
            self.cross_speed != 0
            and seconds >= self.cross_from
            and self.place(seconds)[1] != self.cross_to
        )


def colour_name(actor: Actor) -> str:
    """Return the word for an actor's paint or clothes."""
    rng = np.random.default_rng([actor.look, 2])
    palette = _PAINTS if actor.kind in VEHICLES else _CLOTHES
    return str(rng.choice(list(palette)))


def _jittered(
    colour: tuple[float, float, float], rng: np.random.Generator
) -> tuple[float, float, float]:
    r, g, b = np.clip(
        np.asarray(colour) * rng.uniform(0.85, 1.12) + rng.uniform(-10, 10, 3), 8, 245
    )
    return round(float(r)), round(float(g)), round(float(b))


def outfit_of(actor: Actor) -> Outfit:
    """Dress an actor, always the same way."""
    rng = np.random.default_rng([actor.look, 3])
    top = _jittered(_CLOTHES[colour_name(actor)], rng)
    legs = _jittered(
        _CLOTHES[str(rng.choice(["blue", "black", "grey", "brown", "white", "green"]))], rng
    )
    gear = _jittered(_CLOTHES[str(rng.choice(list(_CLOTHES)))], rng)
    if actor.kind == "worker":
        top, gear = (
            _jittered((236, 150, 30) if rng.random() < 0.5 else (206, 226, 48), rng),
            (240.0, 200.0, 40.0),
        )
    if actor.kind in ANIMALS:
        coats = {
            "dog": ((196, 160, 112), (54, 46, 42), (220, 214, 204)),
            "deer": ((152, 108, 66), (136, 98, 64)),
            "cow": ((226, 222, 214), (92, 60, 42)),
        }[actor.kind]
        top, gear = _jittered(coats[int(rng.integers(len(coats)))], rng), (40.0, 36.0, 34.0)
    skin, hair = SKIN_TONES[int(rng.integers(len(SKIN_TONES)))], HAIR[int(rng.integers(len(HAIR)))]
    return Outfit(skin, hair, top, legs, gear)


def draw_actor(
    canvas: Canvas,
    actor: Actor,
    place: tuple[float, float],
    heading: float,
    seconds: float,
    ident: int,
) -> None:
    """Draw an actor.

    Args:
        canvas: Where.
        actor: Who.
        place: Metres right of and ahead of the camera.
        heading: Radians that the road has turned there.
        seconds: Time of the drive, for the gait.
        ident: Written wherever it is drawn.
    """
    if actor.kind in VEHICLES:
        _draw_vehicle(canvas, actor, place, heading, ident)
        return
    if place[1] < 1.2:
        return
    side = int(np.sign(actor.cross_speed)) if actor.cross_speed else 0
    if not side and actor.kind in ANIMALS:
        side = 1 if actor.look % 2 else -1
    gait = 2 * np.pi * (1.9 if actor.kind != "child" else 2.4) * seconds / 2
    moving = actor.speed != 0 or actor.crossing(seconds)
    pose = Pose(place[0], place[1], actor.height, gait + actor.look if moving else 0.6, side)
    outfit = outfit_of(actor)
    if actor.kind in ANIMALS:
        draw_animal(canvas, pose, actor.kind, outfit, ident)
    elif actor.kind == "baby":
        draw_baby(canvas, pose, outfit, ident)
    elif actor.kind == "wheelchair user":
        draw_wheelchair_user(canvas, pose, outfit, ident)
    elif actor.kind == "cyclist":
        draw_cyclist(canvas, pose, outfit, ident)
    elif actor.kind == "stroller":
        draw_stroller(canvas, pose, outfit, ident)
    elif actor.kind == "traffic cone":
        draw_cone(canvas, pose, ident)
    elif actor.kind == "barrier":
        draw_barrier(canvas, pose, ident)
    elif actor.kind == "debris":
        draw_debris(canvas, pose, outfit, ident)
    else:
        draw_walker(
            canvas, pose, outfit, ident, child=actor.kind == "child", vest=actor.kind == "worker"
        )


def _draw_vehicle(
    canvas: Canvas, actor: Actor, place: tuple[float, float], heading: float, ident: int
) -> None:
    rng = np.random.default_rng([actor.look, 3])
    colour = _jittered(_PAINTS[colour_name(actor)], rng)
    kind = actor.kind if actor.kind != "car" else str(rng.choice(["car", "hatch", "suv"]))
    turned = heading + (np.pi if actor.speed < 0 else 0.0)
    if actor.cross_speed:
        turned = heading + np.sign(actor.cross_speed) * np.pi / 2
    _vehicle_shadow(canvas, place, {"truck": 4.8, "bus": 5.6}.get(kind, 2.2), heading)
    draw_mesh(canvas, vehicle_mesh(kind, colour), place, turned, ident, lit=abs(actor.speed) > 1.0)


def _vehicle_shadow(
    canvas: Canvas, place: tuple[float, float], half_length: float, heading: float
) -> None:
    x, z = place
    if z - half_length < 0.8:
        return
    lean = 0.5 * canvas.air.sun_side if canvas.air.sun.mean() > 0.15 else 0.0
    turn = np.sin(heading) * half_length
    corners = np.array(
        [
            (x - 1.05 - turn, 0, z - half_length),
            (x - 1.05 + turn, 0, z + half_length),
            (x + 1.05 + turn - 2 * lean, 0, z + half_length),
            (x + 1.05 - turn - 2 * lean, 0, z - half_length),
        ]
    )
    uv = canvas.camera.project(corners)
    u, v = (
        int(c)
        for c in np.clip(uv.mean(axis=0), 0, (canvas.camera.width - 1, canvas.camera.height - 1))
    )
    under = canvas.rgb[v, u] * 0.42
    canvas.fill(uv, (int(under[0]), int(under[1]), int(under[2])), int(canvas.ident[v, u]))
