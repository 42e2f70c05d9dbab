"""Colours of clothes, coats and paint; every actor always wears the same."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.sim.arrays import Colour
from scene_clip_ros.sim.render.figure import Outfit
from scene_clip_ros.sim.script.actors import ANIMALS, VEHICLES, Actor

_SKIN: tuple[Colour, ...] = (
    (236, 196, 168),
    (214, 166, 132),
    (176, 124, 90),
    (126, 84, 58),
    (84, 56, 40),
)
_HAIR: tuple[Colour, ...] = (
    (28, 22, 20),
    (70, 46, 28),
    (140, 96, 52),
    (206, 176, 118),
    (150, 148, 146),
)
_CLOTHES: dict[str, Colour] = {
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
_TROUSERS = ("blue", "black", "grey", "brown", "white", "green")
_PAINTS: dict[str, Colour] = {
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
_VESTS: tuple[Colour, Colour] = ((206, 226, 48), (236, 150, 30))
_HELMET: Colour = (240.0, 200.0, 40.0)
_COATS: dict[str, tuple[Colour, ...]] = {
    "dog": ((196, 160, 112), (54, 46, 42), (220, 214, 204)),
    "deer": ((152, 108, 66), (136, 98, 64)),
    "cow": ((226, 222, 214), (92, 60, 42)),
}
_PATCHES: Colour = (40.0, 36.0, 34.0)


def colour_name(actor: Actor) -> str:
    """Return the word for an actor's paint or clothes."""
    rng = np.random.default_rng([actor.look, 2])
    palette = _PAINTS if actor.kind in VEHICLES else _CLOTHES
    return str(rng.choice(list(palette)))


def paint_of(vehicle: Actor, rng: np.random.Generator) -> Colour:
    """Return the RGB albedo of a vehicle's paint, near the colour of its name."""
    return _jittered(_PAINTS[colour_name(vehicle)], rng)


def outfit_of(actor: Actor) -> Outfit:
    """Dress a person, an animal or a thing; the top has the colour of its name."""
    rng = np.random.default_rng([actor.look, 3])
    top = _jittered(_CLOTHES[colour_name(actor)], rng)
    legs = _jittered(_CLOTHES[str(rng.choice(_TROUSERS))], rng)
    gear = _jittered(_CLOTHES[str(rng.choice(list(_CLOTHES)))], rng)
    if actor.kind == "worker":
        top, gear = _jittered(_VESTS[int(rng.random() < 0.5)], rng), _HELMET
    elif actor.kind in ANIMALS:
        coats = _COATS[actor.kind]
        top, gear = _jittered(coats[int(rng.integers(len(coats)))], rng), _PATCHES
    skin = _SKIN[int(rng.integers(len(_SKIN)))]
    return Outfit(skin, _HAIR[int(rng.integers(len(_HAIR)))], top, legs, gear)


def _jittered(colour: Colour, rng: np.random.Generator) -> Colour:
    shifted = np.asarray(colour) * rng.uniform(0.85, 1.12) + rng.uniform(-10, 10, 3)
    r, g, b = np.clip(shifted, 8, 245).round().tolist()
    return r, g, b
