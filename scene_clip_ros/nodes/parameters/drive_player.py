"""Parameters of the node that plays drives."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.nodes.parameters.cameras import is_camera_name


@dataclass(frozen=True, slots=True)
class DrivePlayerParameters:
    """Parameters of the node ``drive_player``."""

    source: str = parameter(
        "sim:city-day",
        "What to play: the path of a bag, a video, a picture or a folder of pictures; or "
        "`sim:SCENARIO?seed=7&seconds=20&size=1280x720&rate=10`, rendered while it plays.",
    )
    camera: str = parameter(
        "", "Name under which the only camera of the source is published; empty: its own."
    )
    transport: str = parameter(
        "raw",
        "Publish sensor_msgs/Image on `<camera>/image`, or JPEG as sensor_msgs/CompressedImage "
        "on `<camera>/image/compressed`.",
        choices=("raw", "compressed"),
    )
    jpeg_quality: int = parameter(
        90, "Quality of the JPEG pictures.", unit="percent", minimum=1, maximum=100
    )
    speed: float = parameter(1.0, "Multiple of the recorded speed.", minimum=0.01, maximum=100.0)
    rate_hz: float = parameter(
        0.0,
        "Pictures per second and camera; 0: as recorded.",
        unit="Hz",
        minimum=0.0,
        maximum=1000.0,
    )
    loop: bool = parameter(False, "Start again at the end, with stamps that go on.")
    stamp: str = parameter(
        "original",
        "Stamps of the pictures: those of the source, or the node's clock when published.",
        choices=("original", "now"),
    )
    frame_id: str = parameter("", "Frame of the pictures; empty: that of the source.")
    clock: bool = parameter(
        False,
        "Publish /clock with the source's time, for nodes with use_sim_time. Needs stamp original.",
    )
    clock_rate_hz: float = parameter(
        100.0,
        "Ticks of /clock per second of real time, beside one for every picture.",
        unit="Hz",
        minimum=1.0,
        maximum=1000.0,
    )
    reliability: str = parameter(
        "reliable",
        "Reliability of the picture topics; reliable also serves best-effort subscribers.",
        choices=("reliable", "best_effort"),
    )
    wait_for_subscribers: int = parameter(
        0,
        "Start when every picture topic has so many subscribers; 0: at once.",
        minimum=0,
        maximum=100,
    )
    progress_period_s: float = parameter(
        5.0,
        "Time between two lines of progress in the log; 0: none.",
        unit="s",
        minimum=0.0,
        maximum=3600.0,
    )

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: No source is given, the camera's name cannot be part of a topic,
                or a clock is asked for that the stamps would not follow.
        """
        if not self.source:
            message = "parameter source: expected a path or sim:SCENARIO, got nothing"
            raise ParameterError(message)
        if self.camera and not is_camera_name(self.camera):
            message = (
                "parameter camera: expected letters, digits and underscores that start with a "
                f"letter, got {self.camera!r}"
            )
            raise ParameterError(message)
        if self.clock and self.stamp == "now":
            message = "parameter clock: expected false while stamp is now, got true"
            raise ParameterError(message)
