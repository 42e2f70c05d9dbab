"""Names the machine and the software that figures hold for."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
PACKAGES = ("torch", "openvino", "onnxruntime")


def describe() -> str:
    """Return CPU, memory, instruction sets that matter, versions and the date, in one paragraph."""
    cpuinfo = _read("/proc/cpuinfo")
    software = [f"Python {platform.python_version()}"]
    software += [f"{name} {_version(name)}" for name in PACKAGES]
    return (
        f"{cpu_model(cpuinfo)}, {len(os.sched_getaffinity(0))} cores, "
        f"{memory_gb(_read('/proc/meminfo')):.0f} GB; {', '.join(instruction_sets(cpuinfo))}. "
        f"{', '.join(software)}; ROS 2 {_ros_distro()}. {time.strftime('%Y-%m-%d')}."
    )


def cpu_model(cpuinfo: str) -> str:
    """Return the model from the text of ``/proc/cpuinfo``; the architecture if it is not there."""
    return _field(cpuinfo, "model name") or platform.machine()


def instruction_sets(cpuinfo: str) -> list[str]:
    """Return those of `INSTRUCTION_SETS` that the text of ``/proc/cpuinfo`` names."""
    flags = set(_field(cpuinfo, "flags").split())
    return [name for name in INSTRUCTION_SETS if name in flags]


def memory_gb(meminfo: str) -> float:
    """Return the main memory from the text of ``/proc/meminfo``, 10^9 bytes; 0 if it is missing."""
    amount = _field(meminfo, "MemTotal").removesuffix("kB")
    return int(amount) * 1024 / 1e9 if amount else 0.0


def _field(text: str, name: str) -> str:
    """Return the first value of a field, without blanks around it; empty if there is none."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _ros_distro() -> str:
    """Return the sourced distribution, or that of the installed wheels."""
    if distro := os.environ.get("ROS_DISTRO"):
        return distro
    names = (str(each.metadata["Name"]) for each in distributions())
    wheels = [
        name.split("-")[1] for name in names if name.endswith("-rclpy") and name != "ros-rclpy"
    ]
    return wheels[0] if wheels else "not installed"
