from __future__ import annotations

import math

import pytest

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.pipeline.settings import LabelSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tau_s", -0.1),
        ("tau_s", math.nan),
        ("dwell_s", math.inf),
        ("switch_margin", 1.1),
        ("unknown_margin", "much"),
        ("cosine_floor", -2.0),
        ("hazard_on_probability", True),
    ],
)
def test_setting_outside_its_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match=rf"{name}: expected a number in \[.*\], got"):
        LabelSettings(**{name: value})  # type: ignore[arg-type]


def test_hazard_must_not_go_off_above_where_it_comes_on() -> None:
    with pytest.raises(ParameterError, match="hazard_off_probability: expected at most"):
        LabelSettings(hazard_on_probability=0.5, hazard_off_probability=0.6)


@pytest.mark.parametrize(
    ("configured", "calibrated", "expected"),
    [(None, None, -1.0), (None, 0.1, 0.1), (0.2, 0.1, 0.2), (0.0, 0.1, 0.0)],
)
def test_cosine_floor_is_the_configured_else_the_calibrated_else_none(
    configured: float | None, calibrated: float | None, expected: float
) -> None:
    settings = LabelSettings(cosine_floor=configured)
    rule = settings.attribute_rule(calibrated_cosine_floor=calibrated)
    assert rule.cosine_floor == expected


def test_hazards_have_times_of_their_own() -> None:
    rule = LabelSettings(hazard_tau_s=0.7, hazard_dwell_s=0.9).hazard_rule()
    assert (rule.tau_s, rule.dwell_s) == (0.7, 0.9)
