"""Parameters of the node that judges boxes without a model."""

from __future__ import annotations

from dataclasses import dataclass, field

from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.nodes.parameters.alert import AlertParameters
from scene_clip_ros.nodes.parameters.cameras import check_cameras, check_one_each
from scene_clip_ros.nodes.parameters.diagnostics import DiagnosticsParameters


@dataclass(frozen=True, slots=True)
class PedestrianAlertsParameters:
    """Parameters of the node ``pedestrian_alerts``."""

    cameras: tuple[str, ...] = parameter(
        ("front",),
        "Names of the cameras; each is the prefix of its topics, `<camera>/scene_clip/boxes` in "
        "and `<camera>/scene_clip/alert` out.",
    )
    alert: AlertParameters = field(default_factory=AlertParameters)
    diagnostics: DiagnosticsParameters = field(default_factory=DiagnosticsParameters)

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: A camera's name cannot be part of a topic or occurs twice, or the
                number of topics is not that of the cameras.
        """
        check_cameras(self.cameras)
        check_one_each(
            "alert.camera_info_topics", self.alert.camera_info_topics, cameras=self.cameras
        )

    @property
    def camera_info_topics(self) -> tuple[str, ...]:
        """Topic with the calibration of each camera, in the order of ``cameras``."""
        beside = tuple(f"{camera}/camera_info" for camera in self.cameras)
        return self.alert.camera_info_topics or beside
