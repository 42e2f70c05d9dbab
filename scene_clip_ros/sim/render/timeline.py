"""What the air is like when: conditions blend into one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scene_clip_ros.sim.render.atmosphere import Atmosphere, blend
from scene_clip_ros.sim.render.looks import make_atmosphere
from scene_clip_ros.sim.script.storyboard import Scenario

_TURN_S = 1.2
"""How long one weather takes to turn into the next."""

_TUNNEL_BEHIND_M = 5.0
_TUNNEL_AHEAD_M = 300.0


class Timeline:
    """The atmosphere of a drive at any time."""

    def __init__(self, scenario: Scenario, rng: np.random.Generator) -> None:
        """Draw the looks of a scenario's conditions at random."""
        self._scenario = scenario
        self._airs = [make_atmosphere(each, rng) for each in scenario.conditions]

    def air_at(self, seconds: float, along: float) -> Atmosphere:
        """Return light and air at a time, for a camera at metres along the drive."""
        return replace(self._weather_at(seconds), tunnel_span=self._tunnel_span(along))

    def _weather_at(self, seconds: float) -> Atmosphere:
        conditions = self._scenario.conditions
        now = self._scenario.conditions_at(seconds)
        air, since_s = self._airs[now], conditions[now].since_s
        if now > 0 and seconds - since_s < _TURN_S / 2:
            return blend(self._airs[now - 1], air, 0.5 + (seconds - since_s) / _TURN_S)
        if now + 1 < len(conditions):
            left_s = conditions[now + 1].since_s - seconds
            if left_s < _TURN_S / 2:
                return blend(air, self._airs[now + 1], 0.5 - left_s / _TURN_S)
        return air

    def _tunnel_span(self, along: float) -> tuple[float, float]:
        """Return the depths at which the next or current tunnel begins and ends."""
        behind, ahead = along - _TUNNEL_BEHIND_M, along + _TUNNEL_AHEAD_M
        for segment in self._scenario.segments:
            if segment.kind == "tunnel" and segment.end > behind and segment.start < ahead:
                return segment.start - along, segment.end - along
        return 0.0, 0.0
