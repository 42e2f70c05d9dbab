"""What a question is decided from, and what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scene_clip_ros.core.questions.finder import Finder
from scene_clip_ros.core.questions.hypotheses import Lexicon, Target
from scene_clip_ros.core.questions.presence import Presence
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.questions.wording import (
    a_or_an,
    cannot_tell,
    listed,
    plural_of,
    share_of,
)

NEED_FRAMES = "no frame was embedded, and perception did not look for it"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided.

    Attributes:
        text: In words.
        confidence: In [0, 1]; 0 if abstained.
        evidence: Frames that support it most, best first; empty if abstained.
        abstained: The frames do not tell.
    """

    text: str
    confidence: float
    evidence: tuple[FrameRef, ...]
    abstained: bool = False

    @classmethod
    def abstain(cls, why: str) -> Verdict:
        """Say that nobody can tell, and why."""
        return cls(cannot_tell(why), 0.0, (), abstained=True)


@dataclass(frozen=True, slots=True)
class Case:
    """What a question is decided from: what finds frames, what finds meanings, and how surely."""

    finder: Finder
    lexicon: Lexicon
    settings: ReasonSettings

    @property
    def most(self) -> int:
        """Most frames told as evidence."""
        return self.settings.max_evidence


def sighting(targets: Sequence[Target], found: Presence) -> str:
    """Say what is seen, and in how many frames."""
    return f"{names_of(targets)} {share_of(found.count, len(found.frames))}"


def absence(targets: Sequence[Target], found: Presence) -> str:
    """Say what is not seen, and in how many frames."""
    return f"{names_of(targets)} in none of {len(found.frames)} frames"


def names_of(targets: Sequence[Target]) -> str:
    """Say what targets are called: "a person is visible or an animal is visible"."""
    return listed([_name_of(target) for target in targets], word="or")


def say_doubt(targets: Sequence[Target], found: Presence) -> str:
    """Say why something is neither there nor not."""
    what = listed([target.label or target.text for target in targets], word="or")
    if found.shown.any() and any(target.siblings for target in targets):
        seen = listed([plural_of(target.objects[0]) for target in targets], word="or")
        return f"{seen} are seen, but boxes do not tell whether it is {what}"
    if found.shown.any():
        return f"{what} may be seen {share_of(found.count, len(found.frames))}, but not surely"
    return f"{what} may be there, but hardly any frame shows it"


def is_too_special(targets: Sequence[Target], found: Presence) -> bool:
    """Say whether a thing of the kind is seen, and nobody can tell whether it is the one asked."""
    return bool(found.shown.any()) and any(target.siblings for target in targets)


def _name_of(target: Target) -> str:
    if target.objects and not target.siblings:
        return f"{a_or_an(target.objects[0])} is {'on the road' if target.hazard else 'visible'}"
    if target.hazard and not target.siblings:
        return target.hazard.replace("_", " ")
    return target.label or target.text
