"""Keeps decisions steady over time: exponential smoothing, then a dwell time."""

from __future__ import annotations

import math
from typing import Generic, TypeVar

from scene_clip_ros.core.zeroshot import Float64Array

State = TypeVar("State")

NS_PER_S = 1_000_000_000


class ExponentialSmoother:
    """Averages vectors with weights that fade with age, whatever the frame rate.

    A frame counts for ``1 - exp(-dt / tau)``, dt being the time since the frame before it.
    """

    def __init__(self, tau_s: float) -> None:
        """Start empty.

        Args:
            tau_s: Time constant in seconds, ≥ 0: after tau a step has come through by 63 %; 0
                does not smooth.
        """
        self._tau_ns = tau_s * NS_PER_S
        self._mean: Float64Array | None = None
        self._t_ns = 0

    def update(self, t_ns: int, values: Float64Array) -> Float64Array:
        """Take one frame in.

        Args:
            t_ns: Stamp in nanoseconds. A stamp before the last one starts anew.
            values: ``(L,)`` float64, the same L every time.

        Returns:
            ``(L,)`` float64, the smoothed values; ``values`` itself for the first frame.
        """
        if self._mean is None or t_ns < self._t_ns:
            self._mean = values
        else:
            self._mean = self._mean + self._weight(t_ns - self._t_ns) * (values - self._mean)
        self._t_ns = t_ns
        return self._mean

    def _weight(self, elapsed_ns: int) -> float:
        if self._tau_ns == 0:
            return 1.0
        return -math.expm1(-elapsed_ns / self._tau_ns)


class DwellGate(Generic[State]):
    """Holds a state until a challenger has been proposed without a break for a dwell time."""

    def __init__(self, dwell_s: float) -> None:
        """Start with no state.

        Args:
            dwell_s: Dwell time in seconds, ≥ 0; 0 takes every proposal at once.
        """
        self._dwell_ns = round(dwell_s * NS_PER_S)
        self._held: State | None = None
        self._since_ns = 0
        self._challenger: State | None = None
        self._challenged_ns = 0
        self._t_ns = 0

    @property
    def since_ns(self) -> int:
        """Stamp of the frame from which the held state has been held; 0 before the first frame."""
        return self._since_ns

    def held_at(self, t_ns: int) -> State | None:
        """Return the state held when a frame comes; None for the first and after a jump back."""
        return self._held if t_ns >= self._t_ns else None

    def update(self, t_ns: int, proposal: State) -> State:
        """Take one proposal in and return what is held from now on.

        Args:
            t_ns: Stamp in nanoseconds. A stamp before the last one starts anew.
            proposal: What this frame speaks for. The first one is held at once.
        """
        held = self.held_at(t_ns)
        self._t_ns = t_ns
        if held is None or (proposal != held and self._has_dwelt(t_ns, proposal)):
            self._held, self._since_ns, self._challenger = proposal, t_ns, None
            return proposal
        if proposal == held:
            self._challenger = None
        return held

    def _has_dwelt(self, t_ns: int, challenger: State) -> bool:
        if challenger != self._challenger:
            self._challenger, self._challenged_ns = challenger, t_ns
        return t_ns - self._challenged_ns >= self._dwell_ns
