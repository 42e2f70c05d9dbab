"""Where things really are in a rendered frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scene_clip_ros.core.box_types import Xyxy
from scene_clip_ros.core.boxes import longer_side
from scene_clip_ros.core.errors import SourceError


@dataclass(frozen=True, slots=True)
class TrueBox:
    """One thing that can be seen.

    Attributes:
        id: The same in every frame of the drive.
        kind: What it is, e.g. ``wheelchair user``.
        xyxy: Pixels of what is visible, left, top, right, bottom.
        visible: Share of its pixels that nothing hides, (0, 1].
        distance_m: Metres ahead of the camera.
        truncated: Share of it that lies outside the picture, [0, 1).
        contrast: Mean difference from what it hides, as a share of full scale, [0, 1].
    """

    id: int
    kind: str
    xyxy: Xyxy
    visible: float
    distance_m: float
    truncated: float = 0.0
    contrast: float = 1.0

    @property
    def longer_side(self) -> float:
        """The larger one of width and height, pixels."""
        return longer_side(self.xyxy)


@dataclass(frozen=True, slots=True)
class TrueBoxes:
    """Everything that can be seen in one frame.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Stamp of the frame in nanoseconds.
        boxes: In any order; empty if nothing can be seen.
    """

    camera: str
    stamp_ns: int
    boxes: tuple[TrueBox, ...]


def parse_true_boxes(data: Mapping[str, Any], *, where: str) -> TrueBoxes | None:
    """Check a decoded truth record and keep of it what boxes are scored against.

    Args:
        data: A JSON object as a rendered drive carries it for every frame.
        where: File and line, or topic and stamp, for messages.

    Returns:
        ``None`` if the record tells nothing of boxes.

    Raises:
        SourceError: A key is missing or of the wrong type.
    """
    if "boxes" not in data:
        return None
    try:
        boxes = tuple(_parse_box(box) for box in data["boxes"])
        return TrueBoxes(str(data["camera"]), int(data["stamp_ns"]), boxes)
    except (KeyError, TypeError, ValueError) as err:
        message = f"{where}: expected a truth record with boxes, got one that fails at {err!r}"
        raise SourceError(message) from err


def _parse_box(data: Mapping[str, Any]) -> TrueBox:
    left, top, right, bottom = (float(side) for side in data["xyxy"])
    return TrueBox(
        id=int(data["id"]),
        kind=str(data["class"]),
        xyxy=(left, top, right, bottom),
        visible=float(data["visible"]),
        distance_m=float(data["distance_m"]),
        truncated=float(data.get("truncated", 0.0)),
        contrast=float(data.get("contrast", 1.0)),
    )
