"""Find objects in the pictures of one or more cameras, and nothing else.

    ros2 launch scene_clip_ros scored_boxes.launch.py cameras:=front transport:=compressed

The arguments of scene_clip.launch.py hold as well. pedestrian_alerts.launch.py judges the boxes.
"""

from __future__ import annotations

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

SHARE = Path(get_package_share_directory("scene_clip_ros"))


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(SHARE / "launch" / "scene_clip.launch.py")),
                launch_arguments={"executable": "scored_boxes"}.items(),
            ),
        ]
    )
