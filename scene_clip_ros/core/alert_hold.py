"""Time in the alert policy: who stays becomes a warning, and what was held fades slowly."""

from __future__ import annotations

from scene_clip_ros.core.alert_types import AlertLevel


class Presence:
    """Tells whether a condition has been seen without a break for some time."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._since_ns: int | None = None
        self._last_ns = 0

    def reset(self) -> None:
        """Forget what was seen."""
        self._since_ns = None

    def update(self, t_ns: int, *, seen: bool, persist_ns: int) -> bool:
        """Take one frame in and return whether the condition has persisted.

        Args:
            t_ns: Stamp in nanoseconds, not before the last one.
            seen: Whether the condition is seen in this frame.
            persist_ns: How long it must be seen; misses shorter than this are no break.
        """
        if seen:
            self._since_ns = t_ns if self._since_ns is None else self._since_ns
            self._last_ns = t_ns
        elif self._since_ns is not None and t_ns - self._last_ns >= persist_ns:
            self._since_ns = None
        return self._since_ns is not None and t_ns - self._since_ns >= persist_ns


class LevelHold:
    """Holds the highest level that was judged within the hold time."""

    def __init__(self) -> None:
        """Start with no level."""
        self._last: dict[AlertLevel, tuple[int, str]] = {}
        self._held: AlertLevel | None = None
        self._since_ns = 0

    @property
    def since_ns(self) -> int:
        """Stamp from which the held level has been held; 0 before the first."""
        return self._since_ns

    def update(
        self, t_ns: int, level: AlertLevel, *, words: str, hold_ns: int
    ) -> tuple[AlertLevel, str, int]:
        """Take one judgement in and return what is held from now on.

        Args:
            t_ns: Stamp in nanoseconds, not before the last one.
            level: What this frame alone speaks for.
            words: Why.
            hold_ns: How long a level outlasts its cause.

        Returns:
            The held level, the words it was last judged with, and how long ago, nanoseconds.
        """
        self._last[level] = (t_ns, words)
        self._last = {
            old: last
            for old, last in self._last.items()
            if old == level or t_ns - last[0] < hold_ns
        }
        held = max(self._last)
        if held != self._held:
            self._held, self._since_ns = held, t_ns
        judged_ns, last_words = self._last[held]
        return held, last_words, t_ns - judged_ns
