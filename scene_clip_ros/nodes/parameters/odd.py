"""Where an operational design domain is stated, and how it is watched."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.odd_monitor import OddSettings
from scene_clip_ros.nodes.parameter_table import parameter

_ODD = OddSettings()


@dataclass(frozen=True, slots=True)
class OddParameters:
    """The function ``odd``."""

    file: str = parameter(
        "",
        "Path of the file that states the operational design domain, see docs/odd.md; empty: "
        "nothing is watched, and `scene_clip/odd_status` not published.",
    )
    cameras: tuple[str, ...] = parameter(
        (),
        "Cameras that must be inside, of `cameras`. Not set: all of them.",
    )
    edge_probability: float = parameter(
        _ODD.edge_probability,
        "Probability of what must not be, from which a scene is near the edge.",
        minimum=0.01,
        maximum=1.0,
        live=True,
    )
    hold_s: float = parameter(
        _ODD.hold_s,
        "How long a graver level is held after its cause has gone, by stamps.",
        unit="s",
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    stale_after_s: float = parameter(
        _ODD.stale_after_s,
        "Silence of a camera, real time, after which nothing can be told.",
        unit="s",
        minimum=0.05,
        maximum=60.0,
        live=True,
    )
    heartbeat_hz: float = parameter(
        2.0,
        "Messages per second of real time beside those of frames, so that silence is a fault.",
        unit="Hz",
        minimum=0.1,
        maximum=100.0,
        live=True,
    )

    def settings(self) -> OddSettings:
        """Return how the domain is watched."""
        return OddSettings(
            edge_probability=self.edge_probability,
            hold_s=self.hold_s,
            stale_after_s=self.stale_after_s,
        )
