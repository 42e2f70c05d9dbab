"""Ground truth of a rendered frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

ATTRIBUTES = ("weather", "time_of_day", "road", "surface")
HAZARDS = ("person_on_road", "animal_on_road", "debris_on_road", "road_works")


@dataclass(frozen=True, slots=True)
class TruthBox:
    """One thing that can be seen.

    Attributes:
        id: The same in every frame of the drive.
        kind: A class of ``semantics.BOX_CLASSES``.
        colour: Word for its paint or clothes.
        xyxy: Pixels of what is visible, left, top, right, bottom.
        visible: Share of its drawn pixels that nothing hides, (0, 1].
        truncated: Share of it that lies outside the picture, [0, 1).
        contrast: How much what is visible differs from what it hides, as a mean share of full
            scale in the colour where that is most, [0, 1]; before rain, glare and noise.
        on_road: Whether it stands on the roadway.
        distance_m: Metres ahead of the camera.
        across_m: Metres right of the ego lane's middle.
        parked: Whether it is a vehicle that nobody drives.
    """

    id: int
    kind: str
    colour: str
    xyxy: tuple[int, int, int, int]
    visible: float
    truncated: float
    contrast: float
    on_road: bool
    distance_m: float
    across_m: float
    parked: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the record of a truth file."""
        return {
            "id": self.id,
            "class": self.kind,
            "colour": self.colour,
            "xyxy": list(self.xyxy),
            "visible": round(self.visible, 3),
            "truncated": round(self.truncated, 3),
            "contrast": round(self.contrast, 3),
            "on_road": self.on_road,
            "distance_m": round(self.distance_m, 2),
            "across_m": round(self.across_m, 2),
            "parked": self.parked,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> TruthBox:
        """Return the box that a record of `to_json` is of."""
        sides = {"kind": record["class"], "xyxy": tuple(record["xyxy"])}
        return cls(**{name: value for name, value in record.items() if name != "class"} | sides)


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """Everything known about a rendered frame.

    Attributes:
        camera: Name of the camera.
        stamp_ns: The frame's stamp.
        attributes: By attribute; ``None`` where the picture cannot show it.
        hazards: By hazard.
        boxes: Of everything visible.
        captions: Sentences a person might write under the picture.
        events: Scripted events that have begun: name and stamp.
    """

    camera: str
    stamp_ns: int
    attributes: dict[str, str | None]
    hazards: dict[str, bool]
    boxes: tuple[TruthBox, ...]
    captions: tuple[str, ...]
    events: tuple[tuple[str, int], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the record that bags and truth files carry."""
        return {
            "camera": self.camera,
            "stamp_ns": self.stamp_ns,
            "attributes": dict(self.attributes),
            "hazards": dict(self.hazards),
            "boxes": [box.to_json() for box in self.boxes],
            "captions": list(self.captions),
            "events": [{"name": name, "stamp_ns": stamp} for name, stamp in self.events],
        }


@dataclass(frozen=True, slots=True)
class RenderedFrame:
    """A picture and what it shows.

    Attributes:
        stamp_ns: Nanoseconds since the drive's epoch.
        rgb: ``(H, W, 3)`` uint8.
        labels_mask: ``(H, W)`` uint8 ids of ``semantics.SemanticClass``.
        truth: Ground truth.
    """

    stamp_ns: int
    rgb: npt.NDArray[np.uint8]
    labels_mask: npt.NDArray[np.uint8]
    truth: FrameTruth
