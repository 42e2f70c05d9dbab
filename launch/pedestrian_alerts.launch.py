"""Judge boxes, live or from a bag: no model runs.

    ros2 launch scene_clip_ros pedestrian_alerts.launch.py cameras:=front,rear

From boxes that are recorded, in the time of the recording:

    ros2 launch scene_clip_ros pedestrian_alerts.launch.py use_sim_time:=true
    ros2 bag play results.mcap --clock --topics /front/scene_clip/boxes /front/camera_info

An argument that is left empty leaves the value of the parameter file in force.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

CONFIG = Path(get_package_share_directory("scene_clip_ros")) / "config"

LISTS = {
    "cameras": ("cameras", "names of the cameras, separated by commas"),
    "camera_info_topics": (
        "alert.camera_info_topics",
        "topics of their calibrations, separated by commas; default: <camera>/camera_info",
    ),
}
"""Parameter and description of each argument."""


def generate_launch_description() -> LaunchDescription:
    arguments = [
        DeclareLaunchArgument(name, default_value="", description=description)
        for name, (_, description) in LISTS.items()
    ]
    return LaunchDescription(
        [
            *arguments,
            DeclareLaunchArgument(
                "params_file",
                default_value=str(CONFIG / "pedestrian_alerts.param.yaml"),
                description="parameter file",
            ),
            DeclareLaunchArgument("namespace", default_value="", description="of the node"),
            DeclareLaunchArgument(
                "use_sim_time", default_value="false", description="follow /clock"
            ),
            DeclareLaunchArgument("log_level", default_value="info", description="of the node"),
            OpaqueFunction(function=start_node),
        ]
    )


def start_node(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    given: dict[str, Any] = {}
    for name, (parameter, _) in LISTS.items():
        if text := LaunchConfiguration(name).perform(context):
            given[parameter] = [word.strip() for word in text.split(",")]
    given["use_sim_time"] = ParameterValue(LaunchConfiguration("use_sim_time"), value_type=bool)
    node = Node(
        package="scene_clip_ros",
        executable="pedestrian_alerts",
        name="pedestrian_alerts",
        namespace=LaunchConfiguration("namespace"),
        parameters=[LaunchConfiguration("params_file"), given],
        arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
        output="screen",
    )
    return [node]
