"""Writes every fair question about a drive, with the answers that are right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from scene_clip_ros.sim.truth import FrameTruth
from scene_clip_ros.training.questions.asked import (
    AskedQuestion,
    Moment,
    Number,
    OneOf,
    YesOrNo,
)
from scene_clip_ros.training.questions.sightings import Sightings, find_sightings
from scene_clip_ros.training.questions.wordings import (
    CHOICES,
    CONDITIONS,
    COUNT,
    COUNT_AT_ONCE,
    EXISTS,
    FIRST,
    ON_ROAD,
    ROAD_WORKS,
    THINGS,
    Condition,
    Thing,
)

HELD_S = 2.0
"""Seconds for which a label must hold without a break to be there."""

MAIN_SHARE = 0.8
"""Share of the frames for which a label must hold to be the one of the drive."""

TOLERANCE_S = 1.5
"""How far from the moment an answer may be: weather does not turn in an instant."""

EARLY_S, LATE_S = 0.5, 1.0
"""Before something can be made out, and after it is clear."""

MAX_VAGUE_S = 2.5
"""Longest time from faint to clear; what takes longer to appear has no moment of appearance."""

MAX_COUNTED = 6
MAX_VAGUE_COUNT = 1


@dataclass(frozen=True, slots=True)
class WatchedDrive:
    """What is known about a drive.

    Attributes:
        truths: Of every frame, in order.
        height_px: Of the pictures.
        rate_hz: Frames per second.
    """

    truths: tuple[FrameTruth, ...]
    height_px: int
    rate_hz: float

    def sightings(self, kinds: Sequence[str], *, on_road: bool = False) -> Sightings:
        """Tell when things of some kinds are seen."""
        return find_sightings(
            self.truths, kinds, height_px=self.height_px, rate_hz=self.rate_hz, on_road=on_road
        )

    def labels(self, attribute: str) -> list[str | None]:
        """Return the label of an attribute in every frame."""
        return [truth.attributes[attribute] for truth in self.truths]

    def hazard_frames(self, hazard: str) -> int:
        """Return in how many frames a hazard is in sight."""
        return sum(truth.hazards[hazard] for truth in self.truths)


def write_questions(drive: WatchedDrive, rng: np.random.Generator) -> list[AskedQuestion]:
    """Write every fair question about a drive, each in one wording drawn at random."""
    return [
        *_about_things(drive, rng),
        *_about_roadway(drive, rng),
        *_about_conditions(drive, rng),
        *_choices(drive, rng),
        *_counts(drive, rng),
        *_moments(drive, rng),
    ]


def _about_things(drive: WatchedDrive, rng: np.random.Generator) -> Iterator[AskedQuestion]:
    for thing in THINGS:
        seen = drive.sightings(thing.kinds)
        if seen.is_there or not seen.faint:
            text = _say(EXISTS, thing, rng)
            yield AskedQuestion(text, "exists", YesOrNo(seen.is_there))


def _about_roadway(drive: WatchedDrive, rng: np.random.Generator) -> Iterator[AskedQuestion]:
    for each in ON_ROAD:
        is_there = drive.sightings(each.kinds, on_road=True).is_there
        if is_there or not drive.sightings(each.alike, on_road=True).faint:
            yield AskedQuestion(_draw(each.exists, rng), "exists", YesOrNo(is_there))
    works = drive.hazard_frames("road_works")
    if works == 0 and drive.sightings(("traffic cone", "barrier", "worker")).faint:
        return
    if works == 0 or works >= HELD_S * drive.rate_hz:
        yield AskedQuestion(_draw(ROAD_WORKS, rng), "exists", YesOrNo(works > 0))


def _about_conditions(drive: WatchedDrive, rng: np.random.Generator) -> Iterator[AskedQuestion]:
    for condition in CONDITIONS:
        labels = drive.labels(condition.attribute)
        longest = max((end - start for start, end in _runs(labels, condition.label)), default=0)
        if longest == 0 or longest >= HELD_S * drive.rate_hz:
            text = _draw(condition.exists, rng)
            yield AskedQuestion(text, "exists", YesOrNo(longest > 0))


def _choices(drive: WatchedDrive, rng: np.random.Generator) -> Iterator[AskedQuestion]:
    for attribute, frames in CHOICES.items():
        labels = [label for label in drive.labels(attribute) if label is not None]
        conditions = [each for each in CONDITIONS if each.attribute == attribute]
        for right in conditions:
            if labels and labels.count(right.label) >= MAIN_SHARE * len(drive.truths):
                wrong = [each for each in conditions if each.label not in labels]
                yield _choice(right, wrong, frames, rng)


def _choice(
    right: Condition, wrong: Sequence[Condition], frames: Sequence[str], rng: np.random.Generator
) -> AskedQuestion:
    others = rng.permutation(len(wrong))[: 1 + int(rng.random() < 0.4)]
    names = [right.options, *(wrong[i].options for i in others)]
    options = [_draw(each, rng) for each in names]
    order = [options[i] for i in rng.permutation(len(options))]
    listed = f"{', '.join(order[:-1])} or {order[-1]}"
    text = _draw(frames, rng).format(options=listed)
    return AskedQuestion(text, "which", OneOf(options[0], tuple(options[1:])))


def _counts(drive: WatchedDrive, rng: np.random.Generator) -> Iterator[AskedQuestion]:
    for thing in THINGS:
        if not thing.countable:
            continue
        seen = drive.sightings(thing.kinds)
        ranges = (
            (COUNT, seen.fewest, seen.most),
            (COUNT_AT_ONCE, seen.fewest_at_once, seen.most_at_once),
        )
        for frames, fewest, most in ranges:
            is_none = not seen.faint
            if is_none or (
                fewest >= 1 and most <= MAX_COUNTED and most - fewest <= MAX_VAGUE_COUNT
            ):
                text = _say(frames, thing, rng)
                yield AskedQuestion(text, "count", Number(fewest, most))


def _moments(drive: WatchedDrive, rng: np.random.Generator) -> Iterator[AskedQuestion]:
    for thing in THINGS:
        if moment := _appearance(drive, drive.sightings(thing.kinds)):
            yield AskedQuestion(_say(FIRST, thing, rng), "when", moment)
    for condition in CONDITIONS:
        labels = drive.labels(condition.attribute)
        runs = _runs(labels, condition.label)
        if len(runs) != 1 or runs[0][1] - runs[0][0] < HELD_S * drive.rate_hz:
            continue
        start, end = runs[0]
        if condition.begins and start >= HELD_S * drive.rate_hz:
            text = _draw(condition.begins, rng)
            yield AskedQuestion(text, "when", _around(start / drive.rate_hz))
        if condition.ends and end <= len(labels) - HELD_S * drive.rate_hz:
            text = _draw(condition.ends, rng)
            yield AskedQuestion(text, "when", _around(end / drive.rate_hz))


def _appearance(drive: WatchedDrive, seen: Sightings) -> Moment | None:
    """Return when something appears; None if it is there at once, or appears too slowly."""
    if not seen.is_there or not seen.clear:
        return None
    faint, clear = seen.faint[0] / drive.rate_hz, seen.clear[0] / drive.rate_hz
    if faint < HELD_S or clear - faint > MAX_VAGUE_S:
        return None
    return Moment(max(0.0, faint - EARLY_S), clear + LATE_S)


def _around(seconds: float) -> Moment:
    return Moment(max(0.0, seconds - TOLERANCE_S), seconds + TOLERANCE_S)


def _runs(labels: Sequence[str | None], label: str) -> list[tuple[int, int]]:
    """Return first and one past the last frame of every run of a label."""
    runs, start = [], 0
    for value, group in groupby(labels):
        length = len(list(group))
        if value == label:
            runs.append((start, start + length))
        start += length
    return runs


def _say(frames: Sequence[str], thing: Thing, rng: np.random.Generator) -> str:
    one, many = thing.nouns[int(rng.integers(len(thing.nouns)))]
    return _draw(frames, rng).format(one=one, many=many, bare=one.split(" ", 1)[1])


def _draw(texts: Sequence[str], rng: np.random.Generator) -> str:
    return texts[int(rng.integers(len(texts)))]
