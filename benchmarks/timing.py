"""Times calls that take turns, so that a machine that drifts slows all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contender:
    """A call to be timed.

    Attributes:
        call: What is timed.
        repeats: How often it is timed in one round, ≥ 1.
        warm_ups: How often it is called before that in every round: the contender before it has
            left its own data in the caches, and its threads awake.
        tells_ms: Whether the call returns its own time, milliseconds, as one of another process
            does.
    """

    call: Callable[[], object]
    repeats: int
    warm_ups: int = 1
    tells_ms: bool = False

    def time_ms(self) -> float:
        """Call once and return the milliseconds that it took."""
        if not self.tells_ms:
            return elapsed_ms(self.call)
        told_ms = self.call()
        assert isinstance(told_ms, float)
        return told_ms


def take_turns(*contenders: Contender, rounds: int) -> list[float]:
    """Time every contender in every round.

    Returns:
        The median of each, milliseconds, in their order.
    """
    times_ms: list[list[float]] = [[] for _ in contenders]
    for _ in range(rounds):
        for contender, taken_ms in zip(contenders, times_ms, strict=True):
            for _ in range(contender.warm_ups):
                contender.call()
            taken_ms.extend(contender.time_ms() for _ in range(contender.repeats))
    return [statistics.median(taken_ms) for taken_ms in times_ms]


def elapsed_ms(call: Callable[[], object]) -> float:
    """Return the milliseconds that a call takes."""
    start_ns = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start_ns) / 1e6
