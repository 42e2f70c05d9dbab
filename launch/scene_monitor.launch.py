"""Show on a live page what one or more cameras see and scene_clip says of it.

    ros2 launch scene_clip_ros scene_monitor.launch.py cameras:=front,rear transport:=compressed

Then open http://127.0.0.1:8642. An argument that is left empty leaves the value of the parameter
file in force.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

CONFIG = Path(get_package_share_directory("scene_clip_ros")) / "config"

PROFILE_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")

LISTS = {
    "cameras": ("cameras", "names of the cameras, separated by commas"),
    "camera_topics": (
        "camera_topics",
        "their image topics, separated by commas; default: <camera>/image",
    ),
}
TEXTS = {
    "transport": ("transport", "raw or compressed"),
    "host": ("host", "address that is listened to"),
}
NUMBERS = {"port": ("port", "of the page")}
"""Parameter and description of each argument."""


def generate_launch_description() -> LaunchDescription:
    arguments = [
        DeclareLaunchArgument(name, default_value="", description=description)
        for name, (_, description) in {**LISTS, **TEXTS, **NUMBERS}.items()
    ]
    return LaunchDescription(
        [
            *arguments,
            DeclareLaunchArgument(
                "params_file",
                default_value=str(CONFIG / "scene_monitor.param.yaml"),
                description="parameter file",
            ),
            DeclareLaunchArgument("namespace", default_value="", description="of the node"),
            DeclareLaunchArgument("log_level", default_value="info", description="of the node"),
            OpaqueFunction(function=start_node),
        ]
    )


def start_node(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    given: dict[str, Any] = {}
    for name, (parameter, _) in LISTS.items():
        if text := LaunchConfiguration(name).perform(context):
            given[parameter] = [word.strip() for word in text.split(",")]
    for table, value_type in ((TEXTS, str), (NUMBERS, int)):
        for name, (parameter, _) in table.items():
            if text := LaunchConfiguration(name).perform(context):
                given[parameter] = ParameterValue(text, value_type=value_type)
    node = Node(
        package="scene_clip_ros",
        executable="scene_monitor",
        name="scene_monitor",
        namespace=LaunchConfiguration("namespace"),
        parameters=[LaunchConfiguration("params_file"), given],
        arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
        output="screen",
    )
    return [*camera_profile(), node]


def camera_profile() -> list[LaunchDescriptionEntity]:
    """Name the DDS profile for camera images to everything that is launched from here on."""
    if any(variable in os.environ for variable in PROFILE_VARIABLES):
        return []
    profile = str(CONFIG / "fastdds_camera.xml")
    return [SetEnvironmentVariable(variable, profile) for variable in PROFILE_VARIABLES]
