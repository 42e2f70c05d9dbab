"""What masks are asked for, in which words, and which pixels that means."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.sim.semantics import BOX_CLASSES, SemanticClass
from scene_clip_ros.training.wordings import object_pools

Pool = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MaskTarget:
    """One thing, or kind of stuff, to mark.

    Attributes:
        name: What people call it.
        classes: Its pixels' classes.
        kind: Class of the boxes that its pixels must belong to; None: all pixels of ``classes``.
        words: Wordings that training uses.
    """

    name: str
    classes: frozenset[SemanticClass]
    kind: str | None
    words: Pool


_STUFF: dict[str, tuple[tuple[SemanticClass, ...], Pool]] = {
    "road": (
        (SemanticClass.ROAD,),
        (
            "road",
            "the road",
            "a road",
            "asphalt",
            "the asphalt",
            "the roadway",
            "the street surface",
            "the road ahead",
            "the road surface",
            "a driving lane",
            "drivable ground",
            "the street",
            "a street",
            "the lane",
            "lanes of the road",
            "the highway",
            "paved road",
            "the driveable area",
            "the surface that cars drive on",
            "the ground ahead",
        ),
    ),
    "sidewalk": (
        (SemanticClass.SIDEWALK,),
        (
            "sidewalk",
            "the sidewalk",
            "a footpath",
            "the kerb",
            "a pavement for pedestrians",
            "a footway",
            "the pavement beside the road",
            "a walkway",
            "the curb",
        ),
    ),
    "terrain": (
        (SemanticClass.TERRAIN,),
        (
            "terrain",
            "grass",
            "a lawn",
            "the ground beside the road",
            "a meadow",
            "a verge",
            "a field",
            "soil",
            "the roadside",
            "earth and grass",
        ),
    ),
    "building": (
        (SemanticClass.BUILDING,),
        (
            "building",
            "buildings",
            "a building",
            "houses",
            "a house",
            "a facade",
            "walls of houses",
            "an apartment block",
            "a skyscraper",
            "shops",
            "the city skyline",
            "windows of a building",
        ),
    ),
    "vegetation": (
        (SemanticClass.VEGETATION,),
        (
            "vegetation",
            "trees",
            "a tree",
            "bushes",
            "plants",
            "trees and bushes",
            "greenery",
            "the branches of a tree",
            "a hedge",
            "leaves",
            "a forest",
            "woodland",
            "trees beside the road",
            "a bush",
            "a shrub",
            "green leaves",
            "tree tops",
        ),
    ),
    "structure": (
        (SemanticClass.STRUCTURE,),
        ("a guard rail", "a bridge", "a wall", "a fence", "a concrete structure"),
    ),
    "pole": (
        (SemanticClass.POLE,),
        (
            "pole",
            "a pole",
            "a lamp post",
            "street lamps",
            "a mast",
            "a street light",
            "a post",
            "lamps beside the road",
        ),
    ),
    "traffic sign": (
        (SemanticClass.SIGN,),
        (
            "traffic sign",
            "a traffic sign",
            "a road sign",
            "traffic signs",
            "signs and signals",
            "a sign",
            "a traffic light",
            "a speed limit sign",
        ),
    ),
    "sky": (
        (SemanticClass.SKY,),
        (
            "sky",
            "the sky",
            "clouds in the sky",
            "the sky above",
            "the heavens",
            "open sky",
            "clouds",
            "a cloudy sky",
            "the blue sky",
            "the night sky",
            "the sky in the upper half",
        ),
    ),
    "vehicle": (
        (SemanticClass.VEHICLE,),
        (
            "vehicle",
            "vehicles",
            "a vehicle",
            "cars and trucks",
            "traffic",
            "motor vehicles",
            "parked and moving vehicles",
            "cars",
            "motor cars",
            "road users with engines",
            "cars, vans, trucks and buses",
            "automobile traffic",
            "something that drives",
            "oncoming traffic",
        ),
    ),
    "person": (
        (SemanticClass.PERSON, SemanticClass.CYCLIST),
        (
            "person",
            "people",
            "a human",
            "humans",
            "somebody",
            "persons",
            "someone on the road",
            "human beings",
            "a group of people",
            "anybody",
            "men, women and children",
            "a crowd",
            "passers-by and cyclists",
            "human figures",
        ),
    ),
    "pedestrian": (
        (SemanticClass.PERSON,),
        (
            "pedestrian",
            "pedestrians",
            "people on foot",
            "a person walking",
            "walking people",
            "passers-by",
            "somebody crossing the road",
            "pedestrians crossing",
        ),
    ),
    "animal": (
        (SemanticClass.ANIMAL,),
        (
            "animal",
            "an animal",
            "animals",
            "a live animal",
            "a beast",
            "wildlife",
            "livestock on the road",
            "a four-legged animal",
        ),
    ),
}

HELD_OUT_STUFF: dict[str, Pool] = {
    "road": ("the tarmac", "the carriageway", "where cars drive"),
    "person": ("a human being", "men and women", "folks"),
    "vehicle": ("automobiles", "a motorised vehicle", "the traffic ahead"),
    "vegetation": ("foliage", "leafy plants", "shrubs and trees"),
    "sky": ("the sky overhead", "the firmament", "clouds and sky"),
}
"""Wordings that training never uses, to measure others than it knows."""


def mask_targets() -> tuple[MaskTarget, ...]:
    """Return everything that training asks for: stuff first, then every kind of box."""
    stuff = [
        MaskTarget(name, frozenset(classes), None, words)
        for name, (classes, words) in _STUFF.items()
    ]
    kinds = [
        MaskTarget(kind, frozenset({BOX_CLASSES[kind]}), kind, pool)
        for kind, pool in object_pools().items()
        if kind in BOX_CLASSES
    ]
    return (*stuff, *kinds)


def measured_targets() -> tuple[MaskTarget, ...]:
    """Return what masks are measured by."""
    wanted = ("road", "person", "vehicle", "vegetation", "sky")
    return tuple(target for target in mask_targets() if target.name in wanted)
