"""How much of the last minutes is kept, and when a search says that nothing matches."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.frame_memory import MemoryLimits
from scene_clip_ros.core.standing_out import MIN_LEAD
from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.pipeline.function_schedule import MAX_RATE_HZ

_LIMITS = MemoryLimits()


@dataclass(frozen=True, slots=True)
class MemoryParameters:
    """The function ``memory``."""

    enabled: bool = parameter(
        True,
        "Keep the last minutes of every camera and answer `scene_clip/query_frames`. What is kept "
        "is forgotten when it is switched off.",
        live=True,
    )
    max_rate_hz: float = parameter(
        0.0,
        "Most frames kept per second and camera, by their stamps; 0: every frame, but for "
        "near-duplicates.",
        unit="Hz",
        minimum=0.0,
        maximum=MAX_RATE_HZ,
        live=True,
    )
    max_age_s: float = parameter(
        _LIMITS.max_age_s,
        "Age above which a frame leaves, measured by stamps from the newest frame of any camera.",
        unit="s",
        minimum=0.1,
        maximum=86_400.0,
        live=True,
    )
    max_frames: int = parameter(
        _LIMITS.max_frames,
        "Most frames kept, of all cameras together; the oldest leave first.",
        minimum=1,
        maximum=10_000_000,
    )
    max_bytes: int = parameter(
        _LIMITS.max_bytes,
        "Most memory taken by them, thumbnails included; the oldest leave first.",
        unit="bytes",
        minimum=1,
        maximum=10**12,
    )
    duplicate_cosine: float = parameter(
        _LIMITS.duplicate_cosine,
        "Cosine to the last frame kept of its camera from which a frame is a near-duplicate, which "
        "is not kept.",
        minimum=-1.0,
        maximum=1.0,
        live=True,
    )
    max_gap_s: float = parameter(
        _LIMITS.max_gap_s,
        "Time after the last frame kept from which even a near-duplicate is kept; 0: all are.",
        unit="s",
        minimum=0.0,
        maximum=3600.0,
        live=True,
    )
    thumbnail_height_px: int = parameter(
        120,
        "Height of the JPEG that is kept of a frame; 0: none is.",
        unit="pixels",
        minimum=0,
        maximum=1080,
        live=True,
    )
    min_lead: float = parameter(
        MIN_LEAD,
        "How far the best frame for a text must be above what texts about something else score "
        "with it, in deviations; below that, the answer says that nothing matches.",
        minimum=0.0,
        maximum=100.0,
        live=True,
    )

    def limits(self) -> MemoryLimits:
        """Return how much is kept."""
        return MemoryLimits(
            max_age_s=self.max_age_s,
            max_frames=self.max_frames,
            max_bytes=self.max_bytes,
            duplicate_cosine=self.duplicate_cosine,
            max_gap_s=self.max_gap_s,
        )
