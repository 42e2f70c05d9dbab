"""The bench of the tests of faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fault_bench import FaultBench
from fault_table import PROPERTY, recorded
from ros_world import RosWorld


@pytest.fixture
def bench(
    world: RosWorld, start_process: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> FaultBench:
    """A node under test, and where its faults are told."""
    properties = request.node.user_properties
    return FaultBench(
        world=world,
        start_process=start_process,
        folder=tmp_path,
        is_thorough=request.config.getoption("--thorough"),
        tell=lambda row: properties.append((PROPERTY, recorded(row))),
    )
