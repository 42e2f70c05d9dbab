"""Tells whether the best frame for a query shows it, or is merely the best of a bad lot.

The cosines of CLIP say little by themselves: that of a match depends on model and wording, and a
text about nothing in the buffer has a best frame too. Two things tell them apart.

A text is compared with texts about things that no road has (`UNRELATED_TEXTS`), as zero-shot
classification compares labels: a frame that shows what the text says is nearer to it than to all of
them by far. It holds for what one frame shows and for what all do. Measured by
``scene-clip evaluate-search`` with the embedded model; other models need another `MIN_LEAD`, see
docs/search.md.

A picture is nearer to every frame than any text is. So it is compared with the usual frame: median
and median absolute deviation, which hardly move before a third of the frames are like it, whereas
on a share p of the frames the z of a perfect match is only ``((1 - p) / p) ** 0.5``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.prompts import expand

UNRELATED_TEXTS = (
    "a grand piano on a stage",
    "a plate of spaghetti",
    "a whale under water",
    "an astronaut on the moon",
    "a cat asleep on a sofa",
    "a violin and a bow",
    "a bathroom with a mirror",
    "a slice of cheese",
    "a shelf of old books",
    "a wedding dress",
    "a chess board",
    "a computer keyboard",
    "an elephant in the savanna",
    "a bee on a blossom",
    "a rocket launch",
    "a vase of tulips",
    "a swimming pool indoors",
    "a pair of scissors",
    "a microscope in a laboratory",
    "a coral reef with fish",
    "a clown in a circus",
    "a bowl of soup",
    "a ballet dancer",
    "a horse race",
    "a desert with camels",
    "a ship at sea",
    "a portrait of a queen",
    "a bottle of perfume",
)
"""About things that cameras of vehicles do not see."""

MIN_LEAD = 2.5
"""Lead over unrelated texts from which a frame shows what a text says."""

MIN_PICTURE_LEAD = 3.5
"""Lead over the usual frame from which a frame is like a picture."""

MIN_FRAMES = 20
"""With fewer frames nobody can tell what is usual."""

_MIN_SPREAD = 1e-3
"""Cosines of a standing camera differ by about this much for no reason."""

_MAD_TO_DEVIATION = 1.4826
"""Median absolute deviation of a normal distribution to its standard deviation."""


@dataclass(frozen=True, slots=True)
class UnrelatedScores:
    """What the best frame for a text scores with texts about something else.

    Attributes:
        mean: Of their cosines, in [-1, 1].
        spread: Standard deviation of them, ≥ 0.001.
    """

    mean: float
    spread: float

    @classmethod
    def of(cls, scores: npt.NDArray[np.floating]) -> UnrelatedScores:
        """Measure ``(T,)`` cosines, T ≥ 1."""
        return cls(float(scores.mean()), max(_MIN_SPREAD, float(scores.std())))

    def lead_of(self, score: float) -> float:
        """Return by how many spreads a cosine is above the mean."""
        return (score - self.mean) / self.spread


@dataclass(frozen=True, slots=True)
class UsualScores:
    """What a query scores on frames that were not chosen for it.

    Attributes:
        frames: How many were measured, ≥ 0.
        median: Of their cosines, in [-1, 1]; 0 without frames.
        spread: Standard deviation that their median absolute deviation stands for, ≥ 0.001.
    """

    frames: int
    median: float
    spread: float

    @classmethod
    def of(cls, scores: npt.NDArray[np.floating]) -> UsualScores:
        """Measure ``(N,)`` cosines; N may be 0."""
        if scores.size == 0:
            return cls(0, 0.0, _MIN_SPREAD)
        median = float(np.median(scores))
        spread = _MAD_TO_DEVIATION * float(np.median(np.abs(scores - median)))
        return cls(scores.size, median, max(_MIN_SPREAD, spread))

    def lead_of(self, score: float) -> float:
        """Return by how many spreads a cosine is above the median."""
        return (score - self.median) / self.spread


def unrelated_prompts(templates: Sequence[str]) -> tuple[str, ...]:
    """Put the texts about something else into the first template; one is enough to compare with."""
    return expand(UNRELATED_TEXTS, templates[:1])


def say_nothing_matches(
    best: float, unrelated: UnrelatedScores, *, min_lead: float = MIN_LEAD
) -> str:
    """Say in words that the best frame does not show what a text says.

    Args:
        best: Its cosine; the mean of them if the text has several wordings. That of their mean
            would be higher, and more so the less they have in common.
        unrelated: What the same frame scores with other texts.
        min_lead: Lead from which it shows it.

    Returns:
        One line for a person; empty if the frame shows it.
    """
    lead = unrelated.lead_of(best)
    if lead >= min_lead:
        return ""
    return (
        f"nothing matches: the best frame scores {_above(lead)} what texts about something else "
        f"do ({min_lead:g} above needed)"
    )


def say_nothing_is_alike(best: float, usual: UsualScores) -> str:
    """Say in words that the best frame is no more like a picture than the others are.

    Args:
        best: Its cosine.
        usual: Those of other frames to the same picture.

    Returns:
        One line for a person; empty if the best frame stands out, or frames are too few to tell.
    """
    lead = usual.lead_of(best)
    if usual.frames < MIN_FRAMES or lead >= MIN_PICTURE_LEAD:
        return ""
    return (
        f"nothing matches: the best frame is {_above(lead)} the usual one "
        f"({MIN_PICTURE_LEAD:g} above needed), so no frame is like it, or most are"
    )


def _above(lead: float) -> str:
    return f"only {lead:.1f} deviations above" if lead >= 0 else f"{-lead:.1f} deviations below"
