"""How labels are decided: every setting with its unit, range and default."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from scene_clip_ros.core.decision import AttributeRule, HazardRule
from scene_clip_ros.core.errors import ParameterError

_RANGES: dict[str, tuple[float, float]] = {
    "tau_s": (0.0, 60.0),
    "dwell_s": (0.0, 60.0),
    "switch_margin": (0.0, 1.0),
    "unknown_margin": (0.0, 1.0),
    "cosine_floor": (-1.0, 1.0),
    "hazard_tau_s": (0.0, 60.0),
    "hazard_dwell_s": (0.0, 60.0),
    "hazard_on_probability": (0.0, 1.0),
    "hazard_off_probability": (0.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """How attributes and hazards are decided.

    Attributes:
        tau_s: Time constant of the smoothing of attributes, seconds in [0, 60].
        dwell_s: How long another label must lead before it is held, seconds in [0, 60].
        switch_margin: Lead in probability of another label over the held one, in [0, 1].
        unknown_margin: Lead in probability of the best label over the second, below which the
            attribute is ``unknown``, in [0, 1].
        cosine_floor: Cosine of the best label, below which the attribute is ``unknown``, in
            [-1, 1]; None: as the model's calibration says, without one no floor.
        hazard_tau_s: Time constant of the smoothing of hazards, seconds in [0, 60].
        hazard_dwell_s: How long a hazard must persist to become active, and be gone to become
            inactive, seconds in [0, 60].
        hazard_on_probability: Probability at which a hazard becomes active, in [0, 1].
        hazard_off_probability: Probability below which it becomes inactive again, in
            [0, hazard_on_probability].
    """

    tau_s: float = 0.4
    dwell_s: float = 0.3
    switch_margin: float = 0.1
    unknown_margin: float = 0.05
    cosine_floor: float | None = None
    hazard_tau_s: float = 0.2
    hazard_dwell_s: float = 0.2
    hazard_on_probability: float = 0.6
    hazard_off_probability: float = 0.4

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        for field in fields(self):
            self._require_in_range(field.name)
        if self.hazard_off_probability > self.hazard_on_probability:
            message = (
                "hazard_off_probability: expected at most hazard_on_probability "
                f"({self.hazard_on_probability}), got {self.hazard_off_probability}"
            )
            raise ParameterError(message)

    def attribute_rule(self, *, calibrated_cosine_floor: float | None = None) -> AttributeRule:
        """Return the rule for attributes.

        Args:
            calibrated_cosine_floor: What holds if ``cosine_floor`` is None; None: no floor.
        """
        floors = (self.cosine_floor, calibrated_cosine_floor, -1.0)
        return AttributeRule(
            tau_s=self.tau_s,
            dwell_s=self.dwell_s,
            switch_margin=self.switch_margin,
            unknown_margin=self.unknown_margin,
            cosine_floor=next(floor for floor in floors if floor is not None),
        )

    def hazard_rule(self) -> HazardRule:
        """Return the rule for hazards."""
        return HazardRule(
            tau_s=self.hazard_tau_s,
            dwell_s=self.hazard_dwell_s,
            on_probability=self.hazard_on_probability,
            off_probability=self.hazard_off_probability,
        )

    def _require_in_range(self, name: str) -> None:
        value = getattr(self, name)
        low, high = _RANGES[name]
        if value is None and name == "cosine_floor":
            return
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            message = f"{name}: expected a number in [{low:g}, {high:g}], got {value!r}"
            raise ParameterError(message)
        if not (math.isfinite(value) and low <= value <= high):
            message = f"{name}: expected a number in [{low:g}, {high:g}], got {value:g}"
            raise ParameterError(message)
