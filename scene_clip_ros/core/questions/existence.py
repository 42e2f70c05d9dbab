"""Decides whether something is there, and from when or until when."""

from __future__ import annotations

from collections.abc import Sequence

from scene_clip_ros.core.questions.hypotheses import Target
from scene_clip_ros.core.questions.labels import decide_change
from scene_clip_ros.core.questions.objects import compare_number
from scene_clip_ros.core.questions.parse import ParsedQuestion
from scene_clip_ros.core.questions.presence import MIN_HELD_S, Presence, seconds_after
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.questions.verdict import (
    NEED_FRAMES,
    Case,
    Verdict,
    absence,
    is_too_special,
    say_doubt,
    sighting,
)
from scene_clip_ros.core.questions.wording import at_second, first_upper, of_camera


def decide_exists(case: Case, parsed: ParsedQuestion) -> Verdict:
    """Decide whether something is there, or whether there are so many of it."""
    if parsed.compares_number:
        return compare_number(case, parsed)
    targets = case.lexicon.find_all(parsed.subject)
    found = case.finder.find_any(targets)
    if found is None:
        return Verdict.abstain(NEED_FRAMES)
    yes, no = ("No", "Yes") if parsed.negated else ("Yes", "No")
    if is_too_special(targets, found):
        return Verdict.abstain(say_doubt(targets, found))
    if found.shown.any() and found.probability >= case.settings.yes:
        text = f"{yes}: {sighting(targets, found)}."
        return Verdict(text, found.probability, found.best(case.most))
    if not found.shown.any() and found.probability <= case.settings.no:
        text = f"{no}: {absence(targets, found)}."
        return Verdict(text, 1 - found.probability, found.weakest(case.most))
    return Verdict.abstain(say_doubt(targets, found))


def decide_when(case: Case, parsed: ParsedQuestion) -> Verdict:
    """Decide when something begins, ends or changes."""
    attribute = case.lexicon.find_attribute(parsed.subject)
    if parsed.edge == "change" and attribute:
        return decide_change(case, attribute)
    targets = case.lexicon.find_all(parsed.subject)
    found = case.finder.find_any(targets)
    if found is None:
        return Verdict.abstain(NEED_FRAMES)
    if is_too_special(targets, found):
        return Verdict.abstain(say_doubt(targets, found))
    if found.shown.any():
        return _edge(case, parsed, targets, found=found)
    if found.probability > case.settings.no:
        return Verdict.abstain(say_doubt(targets, found))
    text = f"Never: {absence(targets, found)}."
    return Verdict(text, 1 - found.probability, found.weakest(case.most))


def _edge(
    case: Case, parsed: ParsedQuestion, targets: Sequence[Target], *, found: Presence
) -> Verdict:
    first, last = _moments(parsed, targets, found)
    if parsed.edge == "end" and last in found.last_frames:
        text = f"It does not end: {sighting(targets, found)}, up to the last one."
        return Verdict(text, found.probability, (last,))
    frame = last if parsed.edge == "end" else first
    others = (each for each in found.best(case.most) if each != frame)
    text = f"{first_upper(_moment(case, found, frame))}: {sighting(targets, found)}."
    return Verdict(text, found.probability, (frame, *others))


def _moment(case: Case, found: Presence, frame: FrameRef) -> str:
    """Say when a frame is, and of which camera, unless every frame shows it."""
    seconds = seconds_after(case.finder.window.start_ns, frame)
    if frame in found.first_frames and seconds < MIN_HELD_S:
        seconds = 0.0
    is_one_of_many = len(found.cameras) > 1 and not found.shown.all()
    return at_second(seconds) + (of_camera(frame.camera) if is_one_of_many else "")


def _moments(
    parsed: ParsedQuestion, targets: Sequence[Target], found: Presence
) -> tuple[FrameRef, FrameRef]:
    """Return first and last frame of what is asked about; of a condition, those of one run."""
    if all(target.attribute for target in targets):
        return found.run_that_ends() if parsed.edge == "end" else found.run_that_begins()
    until_the_end = found.last_frames.intersection(found.best(len(found.frames)))
    last = min(until_the_end, key=lambda each: each.camera, default=found.last())
    return found.first(), last
