"""Where the demo's processes come from, and the ROS they run in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from scene_clip_ros.core.errors import ProcessError

FIRST_DOMAIN, DOMAIN_COUNT = 60, 40
"""ROS domains that the demo chooses from; those up to 101 work on every platform."""


def demo_environment(environment: Mapping[str, str], *, process_id: int) -> dict[str, str]:
    """Keep a demo to this machine, and apart from other ROS systems on it.

    A domain that the user has set stays.

    Args:
        environment: That of this process.
        process_id: Spreads demos that run at the same time over different domains.

    Returns:
        The environment of the demo's processes.
    """
    return {
        "ROS_DOMAIN_ID": str(FIRST_DOMAIN + process_id % DOMAIN_COUNT),
        **environment,
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "PYTHONUNBUFFERED": "1",
    }


def find_executable(name: str, environment: Mapping[str, str]) -> Path:
    """Find one of the package's nodes in the ament prefixes.

    Raises:
        ProcessError: No prefix has it: the package is not built, or not sourced.
    """
    prefixes = environment.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    for prefix in filter(None, prefixes):
        path = Path(prefix) / "lib" / "scene_clip_ros" / name
        if path.is_file():
            return path
    message = (
        f"expected the node {name} in AMENT_PREFIX_PATH, got none: build the package and "
        "source it, e.g. with 'make setup' and 'source scripts/env.sh'"
    )
    raise ProcessError(message)
