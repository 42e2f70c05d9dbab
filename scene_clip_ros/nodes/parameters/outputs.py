"""What is published of an embedding, and drawn on a picture."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.pipeline.function_schedule import MAX_RATE_HZ


@dataclass(frozen=True, slots=True)
class EmbeddingParameters:
    """The function ``embedding``."""

    enabled: bool = parameter(
        True,
        "Publish `<camera>/scene_clip/embedding` to whoever subscribes.",
        live=True,
    )
    max_rate_hz: float = parameter(
        0.0,
        "Most frames per second and camera of which it is published, by their stamps; 0: every "
        "frame.",
        unit="Hz",
        minimum=0.0,
        maximum=MAX_RATE_HZ,
        live=True,
    )


@dataclass(frozen=True, slots=True)
class OverlayParameters:
    """The function ``overlay``."""

    enabled: bool = parameter(
        True,
        "Draw and publish `<camera>/scene_clip/overlay` for whoever subscribes; while boxes are "
        "on, of the frames that have them, with the labels held last.",
        live=True,
    )
    max_rate_hz: float = parameter(
        10.0,
        "Most overlays drawn per second and camera; 0: one for every frame.",
        unit="Hz",
        minimum=0.0,
        maximum=120.0,
        live=True,
    )
    max_height: int = parameter(
        720,
        "Overlays of higher pictures are scaled down to this height.",
        unit="pixels",
        minimum=120,
        maximum=4320,
        live=True,
    )
