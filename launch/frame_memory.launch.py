"""Keep the last minutes of one or more cameras to be searched, and nothing else.

    ros2 launch scene_clip_ros frame_memory.launch.py cameras:=front transport:=compressed
    scene-clip query "a person with a stroller" --last 60s

The arguments of scene_clip.launch.py hold as well.
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
                launch_arguments={"executable": "frame_memory"}.items(),
            ),
        ]
    )
