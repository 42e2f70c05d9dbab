"""Every parameter of every node: the one place that names, explains and bounds them.

``docs/parameters.md`` is written from these tables by
``python -m scene_clip_ros.nodes.parameter_docs``.
"""

from scene_clip_ros.nodes.parameters.drive_player import DrivePlayerParameters
from scene_clip_ros.nodes.parameters.monitor import SceneMonitorParameters
from scene_clip_ros.nodes.parameters.pedestrian_alerts import PedestrianAlertsParameters
from scene_clip_ros.nodes.parameters.scene_clip import (
    BOXES_ALONE,
    LABELS_ALONE,
    MEMORY_ALONE,
    SceneClipParameters,
)

__all__ = [
    "BOXES_ALONE",
    "LABELS_ALONE",
    "MEMORY_ALONE",
    "DrivePlayerParameters",
    "PedestrianAlertsParameters",
    "SceneClipParameters",
    "SceneMonitorParameters",
]
