"""Time in the alert policy: who stays becomes a warning, and what was held fades slowly."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.people_judge import Person


class Presence:
    """Tells whether a condition has been seen without a break for some time."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._since_ns: int | None = None
        self._last_ns = 0

    def update(self, t_ns: int, *, seen: bool, persist_ns: int) -> bool:
        """Take one picture in and return whether it shows a condition that has persisted.

        Args:
            t_ns: Stamp in nanoseconds, not before the last one.
            seen: Whether the condition is seen in this picture.
            persist_ns: How long it must be seen; misses shorter than this are no break.
        """
        if seen:
            self._last_ns = t_ns
            if self._since_ns is None:
                self._since_ns = t_ns
            return t_ns - self._since_ns >= persist_ns
        if t_ns - self._last_ns >= persist_ns:
            self._since_ns = None
        return False


@dataclass(frozen=True, slots=True)
class HeldLevel:
    """What is held.

    Attributes:
        level: The highest level judged within the hold time.
        people: Who caused it when it was last judged, most urgent first, as they were then.
        age_ns: How long ago that was, nanoseconds; 0: in this picture.
        since_ns: Stamp from which ``level`` has been held.
    """

    level: AlertLevel
    people: tuple[Person, ...]
    age_ns: int
    since_ns: int


class LevelHold:
    """Holds the highest level that was judged within the hold time."""

    def __init__(self) -> None:
        """Start with no level."""
        self._judged: dict[AlertLevel, tuple[int, tuple[Person, ...]]] = {}
        self._held: HeldLevel | None = None

    def update(
        self, t_ns: int, level: AlertLevel, *, people: tuple[Person, ...], hold_ns: int
    ) -> HeldLevel:
        """Take one judgement in and return what is held from now on.

        Args:
            t_ns: Stamp in nanoseconds, not before the last one.
            level: What this picture alone speaks for.
            people: Because of whom, most urgent first.
            hold_ns: How long a level outlasts its cause.
        """
        self._judged[level] = (t_ns, people)
        self._judged = {
            judged: last
            for judged, last in self._judged.items()
            if judged == level or t_ns - last[0] < hold_ns
        }
        highest = max(self._judged)
        since_ns = t_ns
        if self._held is not None and self._held.level == highest:
            since_ns = self._held.since_ns
        judged_ns, last_people = self._judged[highest]
        self._held = HeldLevel(
            level=highest, people=last_people, age_ns=t_ns - judged_ns, since_ns=since_ns
        )
        return self._held
