"""Decides how many there are, and whether there are so many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scene_clip_ros.core.questions.counting import Count
from scene_clip_ros.core.questions.hypotheses import Target
from scene_clip_ros.core.questions.parse import ParsedQuestion
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.questions.verdict import Case, Verdict
from scene_clip_ros.core.questions.wording import number_of, plural_of

NEED_BOXES = "objects are told by boxes, and boxes were off"

MAX_COUNTED = 12
"""Of more objects, too many are lost and found again for their number to be told."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was counted, how many there are, and what they are called."""

    count: Count
    noun: str
    at_once: bool
    evidence: tuple[FrameRef, ...]

    @property
    def fewest(self) -> int:
        """How many there are at least; of too many to be told apart, those at once."""
        few = self.at_once or self.is_crowd
        return self.count.fewest_at_once if few else self.count.fewest

    @property
    def most(self) -> int:
        """How many there may be."""
        return self.count.most_at_once if self.at_once else self.count.most

    @property
    def is_crowd(self) -> bool:
        """Whether too many are lost and found again for their number to be told."""
        return not self.at_once and self.count.most > MAX_COUNTED


def decide_count(case: Case, parsed: ParsedQuestion) -> Verdict:
    """Decide how many there are, in all or at once."""
    counted = _count(case, parsed)
    if isinstance(counted, Verdict):
        return counted
    if counted.most == 0:
        return Verdict(f"0: {_told(counted)}.", counted.count.confidence, counted.evidence)
    if counted.fewest < counted.most or counted.is_crowd:
        return Verdict.abstain(_doubt(counted))
    return Verdict(f"{_told(counted)}.", counted.count.confidence, counted.evidence)


def compare_number(case: Case, parsed: ParsedQuestion) -> Verdict:
    """Decide whether there are so many, in all or at once."""
    counted = _count(case, parsed)
    if isinstance(counted, Verdict):
        return counted
    above = parsed.most is not None and counted.fewest > parsed.most
    below = counted.most < parsed.fewest
    inside = counted.fewest >= parsed.fewest and (
        parsed.most is None or counted.most <= parsed.most
    )
    if not (above or below or inside):
        return Verdict.abstain(_doubt(counted))
    said = "Yes" if inside != parsed.negated else "No"
    return Verdict(f"{said}: {_told(counted)}.", counted.count.confidence, counted.evidence)


def _count(case: Case, parsed: ParsedQuestion) -> _Counted | Verdict:
    """Return what was counted, or that nobody can tell."""
    targets = case.lexicon.find_all(parsed.subject)
    if any(target.siblings or not target.objects for target in targets):
        return Verdict.abstain(f"boxes are not asked to follow {parsed.subject!r}")
    names = tuple(dict.fromkeys(name for target in targets for name in target.objects))
    count = case.finder.count(names)
    if count is None:
        return Verdict.abstain(NEED_BOXES)
    noun = targets[0].objects[0] if len(targets) == 1 else ""
    fullest = (count.fullest,) if count.fullest else ()
    evidence = tuple(dict.fromkeys((*fullest, *_frames(case, targets))))
    return _Counted(count, noun, parsed.at_once, evidence)


def _told(counted: _Counted) -> str:
    """Say how many there are."""
    count, noun = counted.count, counted.noun
    if counted.most == 0:
        return f"no {plural_of(noun) if noun else 'such objects'} in any frame"
    if counted.is_crowd:
        return f"up to {_number(count.most_at_once, noun)} at once"
    few = f"{counted.fewest} to " if counted.fewest < counted.most else ""
    ending = "at once" if counted.at_once else f"in all, up to {count.most_at_once} at once"
    return f"{few}{_number(counted.most, noun)} {ending}"


def _doubt(counted: _Counted) -> str:
    """Say why their number cannot be told."""
    if counted.is_crowd:
        many = _number(counted.count.most_at_once, counted.noun)
        return f"there are too many to be told apart, up to {many} at once"
    return f"there are {counted.fewest} to {_number(counted.most, counted.noun)}"


def _number(count: int, noun: str) -> str:
    return number_of(count, noun) if noun else f"{count}"


def _frames(case: Case, targets: Sequence[Target]) -> tuple[FrameRef, ...]:
    """Return the frames that show them most surely, or, if none does, least."""
    found = case.finder.find_any(tuple(targets))
    if found is None:
        return ()
    return found.best(case.most) or found.weakest(case.most)
