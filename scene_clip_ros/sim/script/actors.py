"""Who and what moves, and where it is when."""

from __future__ import annotations

from dataclasses import dataclass

VEHICLES = ("car", "van", "truck", "bus")
ANIMALS = ("dog", "deer", "cow")


@dataclass(frozen=True, slots=True)
class Actor:
    """Something that moves on its own path.

    Attributes:
        kind: A ground-truth class, see ``semantics.BOX_CLASSES``.
        look: Which individual of its kind.
        along: Metres along the drive at time 0.
        across: Metres right of the ego lane's middle at time 0.
        speed: Metres per second along the drive.
        cross_speed: Metres per second to the right, while crossing.
        cross_from_s: Seconds when crossing starts; before, it waits where it is.
        cross_to: Across position at which it stops, metres.
        height: Metres (length for animals and babies).
    """

    kind: str
    look: int
    along: float
    across: float
    speed: float = 0.0
    cross_speed: float = 0.0
    cross_from_s: float = 0.0
    cross_to: float = 0.0
    height: float = 1.75

    def place(self, seconds: float) -> tuple[float, float]:
        """Return metres along and across at a time."""
        across = self.across + self.cross_speed * max(0.0, seconds - self.cross_from_s)
        if self.cross_speed > 0:
            across = min(across, self.cross_to)
        elif self.cross_speed < 0:
            across = max(across, self.cross_to)
        return self.along + self.speed * seconds, across

    def moving(self, seconds: float) -> bool:
        """Say whether it moves along or across at a time."""
        return self.speed != 0 or self._crossing(seconds)

    def leads_ego(self) -> bool:
        """Say whether it drives ahead of the ego in the ego's own lane."""
        return self.speed > 0 and abs(self.across) < 1.0

    def _crossing(self, seconds: float) -> bool:
        started = self.cross_speed != 0 and seconds >= self.cross_from_s
        return started and self.place(seconds)[1] != self.cross_to
