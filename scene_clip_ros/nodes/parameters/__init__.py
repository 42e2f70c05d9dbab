"""Every parameter of every node: the one place that names, explains and bounds them.

``docs/parameters.md`` is written from these tables by
``python -m scene_clip_ros.nodes.parameter_docs``.
"""

from scene_clip_ros.nodes.parameters.drive_player import DrivePlayerParameters
from scene_clip_ros.nodes.parameters.pedestrian_alerts import PedestrianAlertsParameters
from scene_clip_ros.nodes.parameters.scene_clip import SceneClipParameters

__all__ = ["DrivePlayerParameters", "PedestrianAlertsParameters", "SceneClipParameters"]
