from __future__ import annotations

import math
from dataclasses import fields

import pytest

from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.zone import Corridor

NUMBERS = [
    field.name
    for field in fields(AlertSettings)
    if field.name not in {"labels", "zone", "corridor"}
]


def test_defaults_make_sense() -> None:
    assert "person" in AlertSettings().labels
    assert AlertSettings().corridor == Corridor()


@pytest.mark.parametrize("setting", NUMBERS)
@pytest.mark.parametrize("value", [-0.1, 1e6, math.nan, "1", None])
def test_number_out_of_range_is_refused_by_name(setting: str, value: object) -> None:
    with pytest.raises(ParameterError, match=f"^{setting}: expected a number in "):
        AlertSettings(**{setting: value})


@pytest.mark.parametrize("labels", [(), ("person", " ")], ids=["none", "empty"])
def test_labels_that_name_nobody_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(ParameterError, match=r"^labels: expected at least one label"):
        AlertSettings(labels=labels)


def test_zone_that_is_no_polygon_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"^zone: expected at least 3 corners, got 2"):
        AlertSettings(zone=((0.0, 0.0), (1.0, 1.0)))
