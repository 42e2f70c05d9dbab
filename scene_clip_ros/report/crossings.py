"""When people really are in the vehicle's corridor, judged by the zone of the alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from scene_clip_ros.core.alert_types import Alert, Point
from scene_clip_ros.core.zone import Zone
from scene_clip_ros.report.box_groups import ROAD_USER_KINDS
from scene_clip_ros.report.true_boxes import TrueBox, TrueBoxes

MIN_FOOT_SHARE = 0.5
"""Share of a person's bottom edge from which the person is in the zone."""

MIN_VISIBLE = 0.3
"""Share of a person that must be visible."""

MAX_GAP_NS = 500_000_000
"""Longest time out of sight or out of the zone within one crossing, nanoseconds, exclusive."""

MIN_LENGTH_NS = 300_000_000
"""Shortest crossing, nanoseconds."""

CONTACT_M = 2.0
"""Distance at which the vehicle has reached a person, metres from the camera."""


@dataclass(frozen=True, slots=True)
class JudgedFrame:
    """One frame whose alert and truth are known.

    Attributes:
        alert: What was held.
        truth: What is to be seen.
        size_wh: Width and height of the picture in pixels.
    """

    alert: Alert
    truth: TrueBoxes
    size_wh: tuple[int, int]

    @property
    def stamp_ns(self) -> int:
        """Stamp of the frame in nanoseconds."""
        return self.truth.stamp_ns

    def road_users(self) -> Iterator[tuple[TrueBox, float]]:
        """Yield everybody to be seen, with the share of the bottom edge in the zone."""
        zone = _zone(self.alert.zone)
        for box in self.truth.boxes:
            if box.kind in ROAD_USER_KINDS:
                yield box, zone.foot_share(box.xyxy, self.size_wh)


@dataclass(frozen=True, slots=True)
class Crossing:
    """One person's stay in the zone.

    Attributes:
        camera: Name of the camera.
        id: Of the person in the truth.
        kind: Of the person in the truth.
        entered_ns: Stamp of the first frame in the zone, nanoseconds.
        contact_ns: Stamp at which the vehicle has reached the person; of the last frame if it
            never does.
        left_ns: Stamp of the last frame in the zone.
    """

    camera: str
    id: int
    kind: str
    entered_ns: int
    contact_ns: int
    left_ns: int


def find_crossings(timeline: Sequence[JudgedFrame]) -> list[Crossing]:
    """Find everybody who is in the zone for long enough.

    Args:
        timeline: Frames of one camera in time order.

    Returns:
        In the order of entering.
    """
    inside: dict[int, list[int]] = {}
    boxes: dict[tuple[int, int], TrueBox] = {}
    for position, frame in enumerate(timeline):
        for box, foot_share in frame.road_users():
            if foot_share >= MIN_FOOT_SHARE and box.visible >= MIN_VISIBLE:
                inside.setdefault(box.id, []).append(position)
                boxes[position, box.id] = box
    crossings = [
        _crossing([(timeline[at], boxes[at, person]) for at in stay])
        for person, positions in inside.items()
        for stay in _stays(positions, timeline)
    ]
    long_enough = (c for c in crossings if c.left_ns - c.entered_ns >= MIN_LENGTH_NS)
    return sorted(long_enough, key=lambda crossing: (crossing.entered_ns, crossing.id))


def is_touched(frame: JudgedFrame) -> bool:
    """Tell whether anybody at all, however small or hidden, is at least partly in the zone."""
    return any(foot_share > 0 for _, foot_share in frame.road_users())


def _stays(positions: Sequence[int], timeline: Sequence[JudgedFrame]) -> list[list[int]]:
    """Split the frames in which a person is in the zone where the person is out for long."""
    stays = [[positions[0]]]
    for last, now in pairwise(positions):
        gap_ns = timeline[now].stamp_ns - timeline[last].stamp_ns
        if now - last == 1 or gap_ns < MAX_GAP_NS:
            stays[-1].append(now)
        else:
            stays.append([now])
    return stays


def _crossing(sightings: Sequence[tuple[JudgedFrame, TrueBox]]) -> Crossing:
    """Sum a stay up."""
    first, person = sightings[0]
    left_ns = sightings[-1][0].stamp_ns
    reached = (frame.stamp_ns for frame, box in sightings if box.distance_m <= CONTACT_M)
    return Crossing(
        camera=first.truth.camera,
        id=person.id,
        kind=person.kind,
        entered_ns=first.stamp_ns,
        contact_ns=next(reached, left_ns),
        left_ns=left_ns,
    )


@lru_cache(maxsize=64)
def _zone(points: tuple[Point, ...]) -> Zone:
    """Return a zone; there are few, and each is in every alert of a camera."""
    return Zone(points)
