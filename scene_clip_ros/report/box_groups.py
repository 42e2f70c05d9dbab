"""What kinds of truth a label may name: the groups that boxes are scored in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BoxGroup:
    """Kinds of things that are told apart from all others, and not from each other.

    Attributes:
        name: E.g. ``people``.
        kinds: Classes of the truth.
        labels: What boxes of them are called.
        tolerated: Classes of the truth that a box may cover without being false, because they
            are hard to tell from ``kinds``.
        composed: Those of ``kinds`` that hold another thing of the group, which has no box of its
            own in the truth: who pushes a stroller is a person. A box within is not false.
    """

    name: str
    kinds: frozenset[str]
    labels: frozenset[str]
    tolerated: frozenset[str] = frozenset()
    composed: frozenset[str] = frozenset()


_PEOPLE = frozenset({"adult", "child", "baby", "wheelchair user", "stroller", "worker"})
_CYCLISTS = frozenset({"cyclist"})
_VEHICLES = frozenset({"car", "van", "truck", "bus"})
_ANIMALS = frozenset({"dog", "deer", "cow"})
_CONES = frozenset({"traffic cone"})

PEOPLE = BoxGroup(
    "people",
    _PEOPLE,
    frozenset({"person", "child", "baby", "wheelchair user", "stroller"}),
    tolerated=_CYCLISTS,
    composed=frozenset({"stroller", "wheelchair user"}),
)
CYCLISTS = BoxGroup(
    "cyclists", _CYCLISTS, frozenset({"cyclist", "motorcyclist"}), tolerated=_PEOPLE
)

GROUPS = (
    PEOPLE,
    CYCLISTS,
    BoxGroup("vehicles", _VEHICLES, _VEHICLES | {"vehicle"}),
    BoxGroup("animals", _ANIMALS, _ANIMALS | {"animal"}),
    BoxGroup("cones", _CONES, _CONES),
)
"""Whatever is in none of them is not scored."""

ROAD_USER_KINDS = PEOPLE.kinds | CYCLISTS.kinds
"""Classes of the truth whose way into the vehicle's corridor is worth an alert."""
