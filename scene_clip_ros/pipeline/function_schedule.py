"""Decides which functions get a frame, so that each keeps to a rate of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_sampling import RateSampler
from scene_clip_ros.core.functions import EVERY_FUNCTION, FUNCTIONS, Function, Functions
from scene_clip_ros.core.ranges import require_in_range

MAX_RATE_HZ = 120.0


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Most frames per second of a camera that each function gets.

    Attributes:
        labels: Hz in [0, 120]; 0: every frame.
        embedding: The same.
        boxes: The same.
        memory: The same.
    """

    labels: float = 0.0
    embedding: float = 0.0
    boxes: float = 0.0
    memory: float = 0.0

    def __post_init__(self) -> None:
        """Refuse rates outside their range.

        Raises:
            ParameterError: Names the function, the range and the value.
        """
        for function, rate_hz in self.by_function().items():
            require_in_range(f"{function}.max_rate_hz", rate_hz, (0.0, MAX_RATE_HZ))

    def by_function(self) -> Mapping[Function, float]:
        """Return the rate of each function in Hz."""
        return {
            "labels": self.labels,
            "embedding": self.embedding,
            "boxes": self.boxes,
            "memory": self.memory,
        }


class FunctionSchedule:
    """Picks frames for each function that is on, every camera by itself, by stamps alone.

    So the same frames are picked of a recording every time. Not thread-safe.

    Attributes:
        enabled: The functions that are on.
    """

    def __init__(
        self, limits: RateLimits | None = None, *, enabled: Functions = EVERY_FUNCTION
    ) -> None:
        """Start with no camera seen.

        Args:
            limits: How often each function gets a frame; None: it gets every frame.
            enabled: The functions that are on.
        """
        self.enabled = enabled
        self._samplers: dict[Function, RateSampler] = {}
        self._rates_hz: dict[Function, float] = dict.fromkeys(FUNCTIONS, 0.0)
        self._box_cap_hz = math.inf
        self.set_limits(limits or RateLimits())

    def switch(self, name: str, *, on: bool) -> None:
        """Switch a function on or off.

        Raises:
            ParameterError: There is no such function.
        """
        function = find_function(name)
        self.enabled = self.enabled | {function} if on else self.enabled - {function}

    def set_limits(self, limits: RateLimits) -> None:
        """Keep to other rates from the next frame on; a rate that stays goes on as it is."""
        self._limits = limits
        self._apply()

    def cap_boxes(self, rate_hz: float) -> None:
        """Hold boxes down, whatever the limits say, from the next frame on.

        Cameras then take turns: boxes of one are found while others have none, so that a batch does
        not have to wait for the boxes of all of them.

        Args:
            rate_hz: Most frames per second of a camera, > 0; infinite: as the limits say.
        """
        self._box_cap_hz = rate_hz
        self._apply()

    def take(self, camera: str, stamp_ns: int) -> Functions | None:
        """Decide what a frame is for; call it once with each frame, in order.

        Returns:
            The functions that are on and whose turn it is; empty while none is on, since the frame
            may be of use to others. None: it is the turn of none, so that it may be left out.
        """
        turn = self.enabled & frozenset(
            function
            for function in FUNCTIONS
            if function not in self._samplers or self._samplers[function].takes(camera, stamp_ns)
        )
        return turn if turn or not self.enabled else None

    def forget(self, camera: str | None = None) -> None:
        """Begin anew with the next frame of one camera, or of all; an unknown one is no error."""
        for sampler in self._samplers.values():
            sampler.forget(camera)

    def _apply(self) -> None:
        """Make limits and cap take effect where they have changed."""
        for function, limit_hz in self._limits.by_function().items():
            cap_hz = self._box_cap_hz if function == "boxes" else math.inf
            is_capped = cap_hz < (limit_hz or math.inf)
            self._set_rate(function, cap_hz if is_capped else limit_hz, apart=is_capped)

    def _set_rate(self, function: Function, rate_hz: float, *, apart: bool) -> None:
        if rate_hz == self._rates_hz[function]:
            return
        self._rates_hz[function] = rate_hz
        if not rate_hz:
            del self._samplers[function]
        elif function in self._samplers:
            self._samplers[function].set_rate(rate_hz, apart=apart)
        else:
            self._samplers[function] = RateSampler(rate_hz, apart=apart)


def find_function(name: str) -> Function:
    """Return the function of a name.

    Raises:
        ParameterError: There is none.
    """
    for function in FUNCTIONS:
        if function == name:
            return function
    message = f"function: expected one of {', '.join(FUNCTIONS)}, got {name!r}"
    raise ParameterError(message)
