"""What a drive shows beyond doubt, and what it does not show at all.

A question is fair if nobody who has seen the drive would argue about its answer. So a thing is
*clear* in a frame if it is 6 % of the picture's height or taller, half of it or more can be seen,
and it differs from what is behind it; and *faint* if somebody might make it out: 2 % of the height,
a tenth of it visible. What is only faint is neither there nor not, and is not asked about. These
limits were set before any answer was looked at, and nothing that is asked depends on a model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scene_clip_ros.sim.truth import FrameTruth, TruthBox

CLEAR_SHARE, CLEAR_VISIBLE, CLEAR_CONTRAST = 0.06, 0.5, 0.05
FAINT_SHARE, FAINT_VISIBLE, FAINT_CONTRAST = 0.02, 0.1, 0.01
COUNTABLE_SHARE = 0.03
"""A thing that was never taller is not expected to be counted, nor wrong to be."""

CLEAR_S = 0.75
"""Seconds for which a thing must be clear to be there."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """When things of some kinds are seen on a drive.

    Attributes:
        clear: Numbers of the frames in which one is clear.
        faint: Numbers of the frames in which one might be made out; with those of ``clear``.
        is_there: Whether one of them is clear for ``CLEAR_S``.
        fewest: Things that are clear for ``CLEAR_S``.
        most: Things that might be counted.
        fewest_at_once: Most that are clear in one frame.
        most_at_once: Most that might be counted in one frame.
    """

    clear: tuple[int, ...]
    faint: tuple[int, ...]
    is_there: bool
    fewest: int
    most: int
    fewest_at_once: int
    most_at_once: int


def find_sightings(
    truths: Sequence[FrameTruth],
    kinds: Iterable[str],
    *,
    height_px: int,
    rate_hz: float,
    on_road: bool = False,
) -> Sightings:
    """Tell when things of some kinds are seen.

    Args:
        truths: Of every frame of a drive.
        kinds: Classes of ``semantics.BOX_CLASSES``.
        height_px: Of the pictures.
        rate_hz: Frames per second.
        on_road: Whether only those on the roadway count.
    """
    wanted = frozenset(kinds)
    boxes = [
        [box for box in truth.boxes if box.kind in wanted and (box.on_road or not on_road)]
        for truth in truths
    ]
    clear = [[box.id for box in each if is_clear(box, height_px)] for each in boxes]
    faint = [[box.id for box in each if is_faint(box, height_px)] for each in boxes]
    countable = [[box.id for box in each if _is_countable(box, height_px)] for each in boxes]
    enough = max(1, round(CLEAR_S * rate_hz))
    seen = Counter(ident for each in clear for ident in each)
    there = [ident for ident, count in seen.items() if count >= enough]
    return Sightings(
        clear=tuple(i for i, each in enumerate(clear) if each),
        faint=tuple(i for i, each in enumerate(faint) if each),
        is_there=bool(there),
        fewest=len(there),
        most=len({ident for each in countable for ident in each}),
        fewest_at_once=max(map(len, clear), default=0),
        most_at_once=max(map(len, countable), default=0),
    )


def is_clear(box: TruthBox, height_px: int) -> bool:
    """Say whether nobody could overlook a thing."""
    return (
        _share(box, height_px) >= CLEAR_SHARE
        and box.visible >= CLEAR_VISIBLE
        and box.contrast >= CLEAR_CONTRAST
    )


def is_faint(box: TruthBox, height_px: int) -> bool:
    """Say whether somebody might make a thing out."""
    return (
        _share(box, height_px) >= FAINT_SHARE
        and box.visible >= FAINT_VISIBLE
        and box.contrast >= FAINT_CONTRAST
    )


def _is_countable(box: TruthBox, height_px: int) -> bool:
    return is_faint(box, height_px) and _share(box, height_px) >= COUNTABLE_SHARE


def _share(box: TruthBox, height_px: int) -> float:
    return (box.xyxy[3] - box.xyxy[1]) / height_px
