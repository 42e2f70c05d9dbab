"""Choose where ROS 2 comes from, and leave a sourced one as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OLDEST_TORCH = (2, 6)
"""From here on the package works with a PyTorch that is installed already."""

VERSIONS = """
import json
from importlib import metadata

def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None

print(json.dumps({name: version(name) for name in ("numpy", "torch", "torchvision")}))
"""


@dataclass(frozen=True)
class Ros:
    """Where ROS 2 comes from.

    Attributes:
        distro: Its name, e.g. ``jazzy``.
        sourced: From the sourced installation; else from wheels.
    """

    distro: str
    sourced: bool

    def __str__(self) -> str:
        """Say it to a person."""
        return f"ROS 2 {self.distro} ({'sourced' if self.sourced else 'wheels from PyPI'})"


WHEELS = Ros("jazzy", sourced=False)


def find_ros(python: str) -> Ros:
    """Choose the sourced ROS 2 if its modules work with the interpreter, else the wheels."""
    distro = os.environ.get("ROS_DISTRO", "")
    if not distro:
        return WHEELS
    probe = subprocess.run([python, "-c", "import rclpy"], check=False, capture_output=True)
    if probe.returncode == 0:
        return Ros(distro, sourced=True)
    print(
        f"note: ROS 2 {distro} is sourced, but {python} cannot import rclpy; using the wheels "
        "from PyPI (to use yours: make PYTHON=/usr/bin/python3 …)",
        file=sys.stderr,
    )
    return WHEELS


def constrain_to_system(python: str, pins: Path) -> list[str]:
    """List the constraints under which pip adds packages beside a sourced ROS 2.

    cv_bridge and the messages of a distribution are built for its NumPy, and a vehicle computer
    brings a PyTorch made for its GPU: both stay. Where there is no PyTorch, the pinned pair comes.

    Args:
        python: The interpreter that ROS 2 uses.
        pins: A requirements file that pins ``torch`` and ``torchvision``.

    Returns:
        Requirement specifiers, one each.
    """
    answer = subprocess.run([python, "-c", VERSIONS], check=True, capture_output=True, text=True)
    installed = json.loads(answer.stdout)
    constraints = []
    if installed["numpy"]:
        constraints.append(f"numpy=={installed['numpy']}")
    if not (installed["torchvision"] and _is_recent(installed["torch"])):
        lines = pins.read_text(encoding="utf-8").splitlines()
        constraints += [line for line in lines if line.startswith(("torch==", "torchvision=="))]
    return constraints


def _is_recent(torch_version: str | None) -> bool:
    if torch_version is None:
        return False
    major, minor = torch_version.split(".")[:2]
    return (int(major), int(minor)) >= OLDEST_TORCH
