"""Lowers the rate of an expensive function until results come in time, and raises it again.

Multiplicative both ways. A rise that was too much is taken back, and the next one waits twice as
long: so the rate settles below what can be kept instead of swinging around it.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from scene_clip_ros.core.ranges import require_in_range

WINDOW_NS = 1_000_000_000
"""How long results are gathered before the rate is judged, nanoseconds."""

MAX_BUDGET_S = 60.0
MIN_RATE_BOUNDS_HZ = (0.1, 120.0)

_ANY_CAMERA_HZ = 120.0
"""A rate that holds no camera back."""

_STEP_DOWN = (0.5, 0.9)
"""What a step down leaves of the rate, least and most; between, as much as the lateness asks."""

_STEP_UP = 1.1
_ROOM = 0.8
"""Share of the budget that results must come within before the rate is raised."""

_PATIENCE = (2, 32)
"""Windows with room before a rise: at first, and at most."""

_FORGIVEN = 60
"""Windows without a step down after which patience is what it was at first."""


@dataclass(frozen=True, slots=True)
class LatencyBudget:
    """How late results may come.

    Attributes:
        budget_s: From the submission of a frame to its result, seconds in [0, 60]; 0: no budget.
        min_rate_hz: Rate that is left to the function however late results come, frames per
            second of a camera in [0.1, 120].
        max_rate_hz: Rate that the function is limited to anyhow, > 0; infinite: it is not.
    """

    budget_s: float = 0.0
    min_rate_hz: float = 2.0
    max_rate_hz: float = math.inf

    @property
    def least_rate_hz(self) -> float:
        """The rate below which nothing is lowered."""
        return min(self.min_rate_hz, self.max_rate_hz)

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        require_in_range("latency_budget_s", self.budget_s, (0.0, MAX_BUDGET_S))
        require_in_range("min_rate_hz", self.min_rate_hz, MIN_RATE_BOUNDS_HZ)


@dataclass(frozen=True, slots=True)
class GovernorState:
    """What a governor has come to.

    Attributes:
        budget: What it keeps to.
        rate_hz: Most frames per second of a camera that the function gets; infinite while it is
            not held back.
        p95_s: 95th percentile of the latencies in the last window, seconds; NaN before the first.
    """

    budget: LatencyBudget = field(default_factory=LatencyBudget)
    rate_hz: float = math.inf
    p95_s: float = math.nan

    @property
    def is_late(self) -> bool:
        """Whether results came later than the budget."""
        return self.budget.budget_s > 0 and self.p95_s > self.budget.budget_s

    @property
    def is_lowered(self) -> bool:
        """Whether the function is held back."""
        return math.isfinite(self.rate_hz)

    @property
    def is_at_least_rate(self) -> bool:
        """Whether nothing is left to lower."""
        return self.rate_hz <= self.budget.least_rate_hz


class RateGovernor:
    """Holds one function back while results are late. Without a budget it does nothing.

    One thread feeds it; any may read its state.
    """

    def __init__(self, budget: LatencyBudget | None = None) -> None:
        """Start with the function not held back.

        Args:
            budget: What to keep to; None: no budget.
        """
        self.set_budget(budget or LatencyBudget())

    @property
    def state(self) -> GovernorState:
        """What holds now; a new object after every change."""
        return self._state

    def set_budget(self, budget: LatencyBudget) -> None:
        """Keep to another budget; at first the function is not held back."""
        self._state = GovernorState(budget)
        self._steps = _Steps()
        self._window: _Window | None = None

    def observe(self, camera: str, *, latency_ns: int, had_function: bool, now_ns: int) -> bool:
        """Take in one result.

        Args:
            camera: Whose frame it was.
            latency_ns: From its submission to its result, nanoseconds.
            had_function: Whether the function got the frame.
            now_ns: Reading of a monotonic clock, nanoseconds.

        Returns:
            Whether the rate has changed.
        """
        if not self._state.budget.budget_s:
            return False
        if self._window is None:
            self._window = _Window(now_ns)
        window = self._window
        window.latencies_ns.append(latency_ns)
        window.results[camera] += 1
        window.given[camera] += had_function
        if now_ns - window.begun_ns < WINDOW_NS:
            return False
        self._window = _Window(now_ns)
        return self._judge(window, now_ns)

    def _judge(self, window: _Window, now_ns: int) -> bool:
        before_hz = self._state.rate_hz
        self._state = replace(
            self._state, p95_s=float(np.percentile(window.latencies_ns, 95)) / 1e9
        )
        self._state = replace(self._state, rate_hz=self._next_rate_hz(window, now_ns))
        return self._state.rate_hz != before_hz

    def _next_rate_hz(self, window: _Window, now_ns: int) -> float:
        state, steps = self._state, self._steps
        if state.is_late:
            given_hz = max(window.given.values()) * 1e9 / (now_ns - window.begun_ns)
            if not given_hz or state.is_at_least_rate:
                return state.rate_hz
            lower_hz = steps.take_back() or _step_down_hz(state, given_hz)
            return max(lower_hz, state.budget.least_rate_hz)
        has_room = state.p95_s <= _ROOM * state.budget.budget_s
        if not (steps.may_rise(has_room=has_room) and state.is_lowered):
            return state.rate_hz
        steps.rise_from(state.rate_hz)
        higher_hz = _STEP_UP * state.rate_hz
        enough_hz = min(state.budget.max_rate_hz, _ANY_CAMERA_HZ)
        holds_nothing_back = window.given == window.results or higher_hz >= enough_hz
        return math.inf if holds_nothing_back else higher_hz


@dataclass(slots=True)
class _Window:
    """What came in a short time: results by camera, and those that the function got a part in."""

    begun_ns: int
    latencies_ns: list[int] = field(default_factory=list)
    results: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Steps:
    """Remembers steps, to know when the next rise is due.

    Attributes:
        patience: Windows with room before a rise.
        calm: Windows with room since the last step.
        quiet: Windows since the last step down.
        risen_from_hz: The rate before the last step if that was a rise; 0: it was none.
    """

    patience: int = _PATIENCE[0]
    calm: int = 0
    quiet: int = 0
    risen_from_hz: float = 0.0

    def take_back(self) -> float:
        """Note a step down, and return the rate before the rise that was too much, if any.

        The next rise waits longer then. 0: the last step was no rise.
        """
        from_hz = self.risen_from_hz
        if from_hz:
            self.patience = min(2 * self.patience, _PATIENCE[1])
        self.calm, self.quiet, self.risen_from_hz = 0, 0, 0.0
        return from_hz

    def rise_from(self, rate_hz: float) -> None:
        """Note a step up."""
        self.calm, self.risen_from_hz = 0, rate_hz

    def may_rise(self, *, has_room: bool) -> bool:
        """Count a window that was not late, and tell whether there has been room for long enough.

        Between the room and the budget nothing changes: that is the hysteresis.
        """
        self.quiet += 1
        self.calm = self.calm + 1 if has_room else 0
        if self.quiet >= _FORGIVEN:
            self.patience = _PATIENCE[0]
        return self.calm >= self.patience


def _step_down_hz(state: GovernorState, given_hz: float) -> float:
    """Lower the rate in proportion to the lateness, but not too far.

    Args:
        state: Late.
        given_hz: What the function got while it was not held back, frames per second of the camera
            that got most.
    """
    least, most = _STEP_DOWN
    share = min(max(state.budget.budget_s / state.p95_s, least), most)
    return share * (state.rate_hz if state.is_lowered else given_hz)
