"""Pixel masks of rendered frames."""

from __future__ import annotations

import numpy as np
import pytest

from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario, scenario_names
from scene_clip_ros.sim.semantics import SemanticClass


@pytest.mark.parametrize("name", scenario_names())
def test_every_pixel_has_a_known_class(name: str) -> None:
    scenario = make_scenario(name, seed=11, seconds=20)
    drive = Drive(scenario, seed=11, seconds=20, size_wh=(192, 108), rate_hz=2)
    for index in (0, len(drive) // 3, len(drive) - 1):
        found = set(np.unique(drive.render(index).labels_mask).tolist())
        assert found <= {int(each) for each in SemanticClass}
