"""How the road bends: its horizontal alignment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Alignment:
    """A road that swings left and right as a sine.

    Attributes:
        swing_m: How far it swings to each side.
        length_m: From one swing to the next, > 0.
        phase: Where it begins, radians.
    """

    swing_m: float
    length_m: float
    phase: float

    def offset(self, along: float, depth: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return how far the ego lane has moved to the right ahead of the ego.

        Args:
            along: Metres along the drive at the ego, which heads along the road.
            depth: Metres ahead, any shape.

        Returns:
            Metres, shaped as ``depth``; 0 at the ego.
        """
        wave = 2 * np.pi / self.length_m
        z = np.asarray(depth, np.float64)
        here = self.swing_m * np.sin(wave * along + self.phase)
        slope = self.swing_m * wave * np.cos(wave * along + self.phase)
        ahead = self.swing_m * np.sin(wave * (along + z) + self.phase)
        return np.asarray(ahead - here - slope * z)


def draw_alignment(roads: Collection[str], rng: np.random.Generator) -> Alignment:
    """Draw a road between straight and winding at random.

    Args:
        roads: Kinds of road along the drive; city blocks leave room for gentle bends only.
        rng: Source of the variation.
    """
    swing, length, phase = rng.uniform((0.0, 140.0, 0.0), (2.2, 400.0, 6.28))
    widest = 1.2 if "city street" in roads else 6.0
    return Alignment(float(swing) * widest, float(length), float(phase))
