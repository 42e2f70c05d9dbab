"""Colours of a heat map: a scale that colour-blind people read, and text that shows on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.types import BoolArray
from scene_clip_ros.core.zeroshot import Float64Array

COLOUR_MAP = "viridis"
"""From dark blue to yellow, even in lightness also to colour-blind people (van der Walt and Smith,
"A better default colormap for matplotlib", SciPy 2015)."""

NEUTRAL = "#d3d7db"
"""Of cells that are not on the scale."""

_MIN_SPAN = 0.02
"""Shortest scale: differences below this are not blown up to the whole of it."""

_FINE_SPAN = 0.25
"""Scales that are shorter need a third decimal."""


@dataclass(frozen=True, slots=True)
class HeatScale:
    """Which values have which colours.

    Attributes:
        low: Value of the darkest colour.
        high: Value of the lightest colour, > ``low``.
    """

    low: float
    high: float

    @classmethod
    def of(cls, values: Float64Array, shown: BoolArray) -> HeatScale:
        """Span the values that are on the scale; without any, from 0 to 1.

        Args:
            values: ``(R, C)``.
            shown: ``(R, C)``, those that are on it.
        """
        if not shown.any():
            return cls(0.0, 1.0)
        low, high = float(values[shown].min()), float(values[shown].max())
        lacking = max(0.0, _MIN_SPAN - (high - low)) / 2
        return cls(low - lacking, high + lacking)

    @property
    def decimals(self) -> int:
        """Decimals with which neighbours on the scale can be told apart."""
        return 3 if self.high - self.low < _FINE_SPAN else 2

    def format(self, value: float) -> str:
        """Write a value; zero has no sign."""
        text = f"{value:.{self.decimals}f}"
        return text.removeprefix("-") if float(text) == 0 else text

    def colours(self, values: Float64Array) -> list[str]:
        """Return the colours of ``(N,)`` values, as ``#rrggbb``."""
        from matplotlib import colormaps
        from matplotlib.colors import to_hex

        places = np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)
        return [to_hex(colour) for colour in colormaps[COLOUR_MAP](places)]


def ink_on(colour: str) -> str:
    """Return black or white, whichever has more contrast to a colour: 4.5 to 1 at least.

    Args:
        colour: As ``#rrggbb``.
    """
    light = luminance(colour)
    return "#000000" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "#ffffff"


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour in [0, 1], by WCAG 2.

    Args:
        colour: As ``#rrggbb``.
    """
    levels = np.array([int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)])
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
