"""What a pixel or a box can be."""

from __future__ import annotations

from enum import IntEnum

ACTOR_BASE = 100
"""In the map of what is where, a ``SemanticClass`` is below this; from here, actor index + base."""

PARKED_BASE = 20_000
"""From here on, the number of a parked vehicle + base."""


class SemanticClass(IntEnum):
    """Ids of the pixel masks; ``0`` is never drawn."""

    SKY = 1
    ROAD = 2
    SIDEWALK = 3
    TERRAIN = 4
    BUILDING = 5
    VEGETATION = 6
    STRUCTURE = 7
    POLE = 8
    SIGN = 9
    VEHICLE = 10
    PERSON = 11
    CYCLIST = 12
    ANIMAL = 13
    CONE = 14
    DEBRIS = 15


BOX_CLASSES: dict[str, SemanticClass] = {
    "car": SemanticClass.VEHICLE,
    "van": SemanticClass.VEHICLE,
    "truck": SemanticClass.VEHICLE,
    "bus": SemanticClass.VEHICLE,
    "adult": SemanticClass.PERSON,
    "child": SemanticClass.PERSON,
    "baby": SemanticClass.PERSON,
    "wheelchair user": SemanticClass.PERSON,
    "stroller": SemanticClass.PERSON,
    "worker": SemanticClass.PERSON,
    "cyclist": SemanticClass.CYCLIST,
    "dog": SemanticClass.ANIMAL,
    "deer": SemanticClass.ANIMAL,
    "cow": SemanticClass.ANIMAL,
    "traffic cone": SemanticClass.CONE,
    "barrier": SemanticClass.SIGN,
    "debris": SemanticClass.DEBRIS,
}
"""Every class that a ground-truth box can carry, and the mask class of its pixels."""
