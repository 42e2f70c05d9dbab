"""Tells whether the best frame for a query stands out, or is merely the best of a bad lot.

The cosines of CLIP say little by themselves: that of a match depends on model and wording, and a
text about nothing in the buffer has a best frame too. What tells the two apart is how far the best
frame leads the usual one. Mean and standard deviation are a poor measure of the usual frame: what
is asked for moves both as soon as it is on some of the frames, and on a share p of them the z of a
perfect match is only ``((1 - p) / p) ** 0.5``. Median and median absolute deviation hardly move
before a third of the frames show it.

Measured with the embedded model on buffers of 40, 120 and 360 rendered frames of scenes: a lead of
3.5 lets through 2 to 9 % of the texts about things that no road has, and 64 to 88 % (on up to a
tenth of the frames) or 43 to 79 % (on up to three tenths) of the texts about weather, light, road
and surface that are there. A z of 3 lets through as many of the former, but 1 to 52 % on up to
three tenths. What most of the frames show stands out by no such measure, and the words say so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MIN_LEAD = 3.5
"""Lead from which the best frame stands out."""

MIN_FRAMES = 20
"""With fewer frames nothing can be told: none of n values is further than √n deviations off."""

_MIN_SPREAD = 1e-3
"""Cosines of a standing camera differ by about this much for no reason."""

_MAD_TO_DEVIATION = 1.4826
"""Median absolute deviation of a normal distribution to its standard deviation."""


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


def say_nothing_matches(best: float, usual: UsualScores, *, min_lead: float = MIN_LEAD) -> str:
    """Say in words that the best frame does not stand out.

    Args:
        best: Its cosine.
        usual: Of the same query.
        min_lead: Lead from which it stands out.

    Returns:
        One line for a person; empty if the best frame stands out, or frames are too few to tell.
    """
    lead = usual.lead_of(best)
    if usual.frames < MIN_FRAMES or lead >= min_lead:
        return ""
    where = f"only {lead:.1f} deviations above" if lead >= 0 else f"{-lead:.1f} deviations below"
    return (
        f"nothing matches: the best frame is {where} the usual one ({min_lead:g} above needed), "
        "so no frame shows it, or most do"
    )
