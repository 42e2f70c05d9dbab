"""Watch the cameras of an Autoware vehicle, under the names that Autoware gives them.

    ros2 launch scene_clip_ros autoware.launch.py camera_ids:=0,1,5
    ros2 launch scene_clip_ros autoware.launch.py image:=image_raw transport:=compressed

Camera 0 is read from /sensing/camera/camera0/image_rect_color, with the calibration beside it, and
its results are in /perception/camera0/scene_clip. The arguments of scene_clip.launch.py hold as
well.
"""

from __future__ import annotations

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration

SHARE = Path(get_package_share_directory("scene_clip_ros"))


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                "camera_ids",
                default_value="0",
                description="numbers of the cameras, separated by commas",
            ),
            DeclareLaunchArgument(
                "image",
                default_value="image_rect_color",
                description="name of the image topic of each camera",
            ),
            DeclareLaunchArgument(
                "namespace", default_value="perception", description="of the results"
            ),
            OpaqueFunction(function=include_node),
        ]
    )


def include_node(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    ids = [word.strip() for word in LaunchConfiguration("camera_ids").perform(context).split(",")]
    image = LaunchConfiguration("image").perform(context)
    cameras = [f"camera{number}" for number in ids]
    topics = [f"/sensing/camera/{camera}/{image}" for camera in cameras]
    given = {"cameras": ",".join(cameras), "camera_topics": ",".join(topics)}
    source = PythonLaunchDescriptionSource(str(SHARE / "launch" / "scene_clip.launch.py"))
    return [IncludeLaunchDescription(source, launch_arguments=given.items())]
