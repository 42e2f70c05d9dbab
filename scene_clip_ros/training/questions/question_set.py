"""Chooses which of the fair questions are asked: as many of each kind, and as often yes as no."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.training.questions.asked import AskedQuestion, Number, YesOrNo
from scene_clip_ros.training.questions.candidates import WatchedDrive, write_questions

PER_DRIVE = 10
_QUOTAS = {"when": 3, "count": 3, "which": 3}
_MAX_NONE = 1
"""Counts of which 0 is right, per drive."""


def choose_questions(
    drive: WatchedDrive, *, seed: int, count: int = PER_DRIVE
) -> tuple[AskedQuestion, ...]:
    """Choose questions about a drive.

    Up to three each of when, how many and which-of, where there are so many; the rest ask whether
    something is there, as often with yes as with no where there are as many of both.

    Args:
        drive: What is known about it.
        seed: Draws wordings and questions; equal seeds give equal questions.
        count: How many.

    Returns:
        Up to ``count`` questions, in the order of their kinds.
    """
    rng = np.random.default_rng([seed, 17])
    fair = write_questions(drive, rng)
    shuffled = [fair[i] for i in rng.permutation(len(fair))]
    chosen: list[AskedQuestion] = []
    for kind, most in _QUOTAS.items():
        chosen += _without_more_nones([each for each in shuffled if each.kind == kind])[:most]
    return (*chosen, *_balanced(shuffled, count - len(chosen)))


def _without_more_nones(questions: Sequence[AskedQuestion]) -> list[AskedQuestion]:
    """Keep the first of the counts that are 0, behind all others."""
    nones = [q for q in questions if isinstance(q.right, Number) and q.right.most == 0]
    return [q for q in questions if q not in nones] + nones[:_MAX_NONE]


def _balanced(questions: Sequence[AskedQuestion], count: int) -> list[AskedQuestion]:
    """Take as many with yes as with no, as far as there are."""
    exists = [each for each in questions if isinstance(each.right, YesOrNo)]
    yes = [each for each in exists if each.right == YesOrNo(is_yes=True)]
    no = [each for each in exists if each.right == YesOrNo(is_yes=False)]
    half = min(len(yes), (count + 1) // 2)
    return [*yes[:half], *no[: count - half]]
