"""Decides how many there are."""

from __future__ import annotations

from collections.abc import Sequence

from scene_clip_ros.core.questions.counting import Count
from scene_clip_ros.core.questions.hypotheses import Target
from scene_clip_ros.core.questions.parse import ParsedQuestion
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.questions.verdict import Case, Verdict
from scene_clip_ros.core.questions.wording import number_of, plural_of

NEED_BOXES = "objects are told by boxes, and boxes were off"

MAX_COUNTED = 12
"""Of more objects, too many are lost and found again for their number to be told."""


def decide_count(case: Case, parsed: ParsedQuestion) -> Verdict:
    """Decide how many there are, in all or at once."""
    targets = case.lexicon.find_all(parsed.subject)
    if any(target.siblings or not target.objects for target in targets):
        return Verdict.abstain(f"boxes are not asked to follow {parsed.subject!r}")
    names = tuple(dict.fromkeys(name for target in targets for name in target.objects))
    counted = case.finder.count(names)
    if counted is None:
        return Verdict.abstain(NEED_BOXES)
    noun = targets[0].objects[0] if len(targets) == 1 else ""
    if counted.most == 0:
        text = f"0: no {plural_of(noun) or 'such objects'} in any frame."
        return Verdict(text, counted.confidence, _frames(case, targets))
    return _told(case, counted, noun, at_once=parsed.at_once, targets=targets)


def _told(
    case: Case, counted: Count, noun: str, *, at_once: bool, targets: Sequence[Target]
) -> Verdict:
    fewest, most = counted.fewest, counted.most
    if at_once:
        fewest, most = counted.fewest_at_once, counted.most_at_once
    if fewest < most:
        return Verdict.abstain(f"there are {fewest} to {_number(most, noun)}")
    if most > MAX_COUNTED and not at_once:
        many = _number(counted.most_at_once, noun)
        return Verdict.abstain(f"there are too many to be told apart, up to {many} at once")
    ending = "at once" if at_once else f"in all, up to {counted.most_at_once} at once"
    assert counted.fullest is not None
    evidence = dict.fromkeys((counted.fullest, *_frames(case, targets)))
    return Verdict(f"{_number(most, noun)} {ending}.", counted.confidence, tuple(evidence))


def _number(count: int, noun: str) -> str:
    return number_of(count, noun) if noun else f"{count}"


def _frames(case: Case, targets: Sequence[Target]) -> tuple[FrameRef, ...]:
    """Return the frames that show them most surely, or, if none does, least."""
    found = case.finder.find_any(tuple(targets))
    if found is None:
        return ()
    return found.best(case.most) or found.weakest(case.most)
