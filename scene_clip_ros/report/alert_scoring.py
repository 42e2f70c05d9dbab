"""Alerts against the truth of rendered drives. Pure: no files, no clocks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

import numpy as np

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.boxes import iou
from scene_clip_ros.report.box_groups import ROAD_USER_KINDS
from scene_clip_ros.report.crossings import Crossing, JudgedFrame, find_crossings, is_touched
from scene_clip_ros.report.frames import rename_single_camera
from scene_clip_ros.report.true_boxes import TrueBox, TrueBoxes

HOLD_NS = 1_200_000_000
"""How long before a WARNING somebody in the zone still justifies it, nanoseconds."""

PROMPT_S = 0.6
"""Delay up to which a WARNING is prompt, seconds."""

MIN_PERSON_OVERLAP = 0.3
"""Intersection over union from which a box of an alert is a person of the truth."""

MAX_TRUE_TTC_S = 4.0
"""True time to contact up to which it is judged, seconds."""


@dataclass(frozen=True, slots=True)
class CrossingOutcome:
    """Whether and when somebody in the zone raised a WARNING.

    Attributes:
        crossing: Who and when.
        delay_s: Seconds from entering the zone to the first frame at WARNING; 0 if it was held
            already, ``None`` if none came before the person left the zone.
        warned: Whether it came before contact.
        warned_of_person: Whether a WARNING that names this very person, not somebody else who
            happens to be in the zone, came before contact.
    """

    crossing: Crossing
    delay_s: float | None
    warned: bool
    warned_of_person: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """Frames of one camera that are at WARNING without a break; stamps in nanoseconds."""

    camera: str
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class AlertScore:
    """The outcome of comparing alerts with the truth.

    Attributes:
        frames: Frames with an alert and a truth.
        crossings: Everybody who really was in the zone.
        warnings: Times that a WARNING was raised.
        false_warnings: Those of them with nobody at all in the zone.
        ttc_errors: Relative error of the time to contact, of each frame that can be judged.
    """

    frames: int
    crossings: tuple[CrossingOutcome, ...]
    warnings: int
    false_warnings: tuple[Warned, ...]
    ttc_errors: tuple[float, ...]

    @property
    def warned(self) -> int:
        """Crossings with a WARNING before contact."""
        return sum(outcome.warned for outcome in self.crossings)

    @property
    def warned_of_person(self) -> int:
        """Crossings with a WARNING before contact that names the very person."""
        return sum(outcome.warned_of_person for outcome in self.crossings)

    @property
    def prompt(self) -> int:
        """Crossings with a WARNING within ``PROMPT_S``."""
        return sum(delay_s <= PROMPT_S for delay_s in self._delays_s())

    @property
    def median_delay_s(self) -> float | None:
        """Of the crossings with a WARNING, seconds; ``None`` if there are none."""
        return median(self._delays_s()) if self._delays_s() else None

    @property
    def max_delay_s(self) -> float | None:
        """Of the crossings with a WARNING, seconds; ``None`` if there are none."""
        return max(self._delays_s(), default=None)

    @property
    def ttc_relative_error(self) -> float | None:
        """Median over the frames that can be judged; ``None`` if there are none."""
        return median(self.ttc_errors) if self.ttc_errors else None

    def _delays_s(self) -> list[float]:
        return [each.delay_s for each in self.crossings if each.delay_s is not None]


def score_alerts(
    said: Iterable[tuple[FrameBoxes, Alert]], truths: Iterable[TrueBoxes]
) -> AlertScore:
    """Compare alerts with the truth, over any number of drives whose cameras differ in name.

    If both sides know a single camera, its name may differ: a video has no camera names.

    Args:
        said: What was found and what was held, in any order; the last one about a frame holds.
        truths: In any order. Frames of one side only are passed over.
    """
    timelines = _timelines(said, truths)
    warnings = [each for timeline in timelines for each in _find_warnings(timeline)]
    return AlertScore(
        frames=sum(map(len, timelines)),
        crossings=tuple(
            _judge(crossing, timeline)
            for timeline in timelines
            for crossing in find_crossings(timeline)
        ),
        warnings=len(warnings),
        false_warnings=tuple(each for each, is_false in warnings if is_false),
        ttc_errors=tuple(
            error for timeline in timelines for error in _time_to_contact_errors(timeline)
        ),
    )


def _timelines(
    said: Iterable[tuple[FrameBoxes, Alert]], truths: Iterable[TrueBoxes]
) -> list[list[JudgedFrame]]:
    """Bring alerts and truth together: one list per camera, each in time order."""
    by_key = {(truth.camera, truth.stamp_ns): truth for truth in truths}
    said_by_key = rename_single_camera(
        {(boxes.camera, boxes.stamp_ns): (boxes.size_wh, alert) for boxes, alert in said},
        by_key.keys(),
    )
    keys = sorted(said_by_key.keys() & by_key.keys())
    return [
        [
            JudgedFrame(alert=said_by_key[key][1], truth=by_key[key], size_wh=said_by_key[key][0])
            for key in camera_keys
        ]
        for _, camera_keys in groupby(keys, key=lambda key: key[0])
    ]


def _judge(crossing: Crossing, timeline: Sequence[JudgedFrame]) -> CrossingOutcome:
    """Find the WARNING that a crossing raised."""
    warning = [
        frame
        for frame in timeline
        if frame.alert.level == AlertLevel.WARNING
        and crossing.entered_ns <= frame.stamp_ns <= crossing.left_ns
    ]
    in_time = [frame for frame in warning if frame.stamp_ns <= crossing.contact_ns]
    return CrossingOutcome(
        crossing,
        delay_s=(warning[0].stamp_ns - crossing.entered_ns) / 1e9 if warning else None,
        warned=bool(in_time),
        warned_of_person=any(_names(frame, crossing.id) for frame in in_time),
    )


def _names(frame: JudgedFrame, person_id: int) -> bool:
    """Tell whether one of an alert's boxes is somebody."""
    said = np.array([box.xyxy for box in frame.alert.boxes], np.float32).reshape(-1, 4)
    true = [box.xyxy for box in frame.truth.boxes if box.id == person_id]
    overlaps = iou(said, np.array(true, np.float32).reshape(-1, 4))
    return bool((overlaps >= MIN_PERSON_OVERLAP).any())


def _find_warnings(timeline: Sequence[JudgedFrame]) -> Iterator[tuple[Warned, bool]]:
    """Yield every WARNING, and whether nobody justifies it."""
    touched_ns = [frame.stamp_ns for frame in timeline if is_touched(frame)]
    for level, run in groupby(timeline, key=lambda frame: frame.alert.level):
        if level == AlertLevel.WARNING:
            frames = list(run)
            warned = Warned(frames[0].truth.camera, frames[0].stamp_ns, frames[-1].stamp_ns)
            is_justified = any(
                warned.first_ns - HOLD_NS <= stamp_ns <= warned.last_ns for stamp_ns in touched_ns
            )
            yield warned, not is_justified


def _time_to_contact_errors(timeline: Sequence[JudgedFrame]) -> Iterator[float]:
    """Yield the relative error of every time to contact that can be judged."""
    for before, frame, after in zip(timeline, timeline[1:], timeline[2:], strict=False):
        alert = frame.alert
        if alert.level != AlertLevel.WARNING or not math.isfinite(alert.time_to_contact_s):
            continue
        person = _first_person(frame)
        true_s = _true_time_to_contact(person, before, after) if person else None
        if true_s is not None and true_s <= MAX_TRUE_TTC_S:
            yield abs(alert.time_to_contact_s - true_s) / true_s


def _first_person(frame: JudgedFrame) -> TrueBox | None:
    """Return who really is in the first box of an alert."""
    people = [box for box in frame.truth.boxes if box.kind in ROAD_USER_KINDS]
    if not frame.alert.boxes or not people:
        return None
    first = np.array([frame.alert.boxes[0].xyxy], np.float32)
    overlaps = iou(first, np.array([box.xyxy for box in people], np.float32))[0]
    best = int(overlaps.argmax())
    return people[best] if overlaps[best] >= MIN_PERSON_OVERLAP else None


def _true_time_to_contact(person: TrueBox, before: JudgedFrame, after: JudgedFrame) -> float | None:
    """Return distance over closing speed, seconds; ``None`` if not approaching or not known."""
    distances_m = [
        box.distance_m
        for frame in (before, after)
        for box in frame.truth.boxes
        if box.id == person.id
    ]
    if len(distances_m) != 2 or distances_m[0] <= distances_m[1] or person.distance_m <= 0:
        return None
    seconds = (after.stamp_ns - before.stamp_ns) / 1e9
    return person.distance_m * seconds / (distances_m[0] - distances_m[1])
