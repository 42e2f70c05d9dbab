"""Label the scenes of one or more cameras, find objects in them, alert, and remember.

    ros2 launch scene_clip_ros scene_clip.launch.py \
        cameras:=front,rear camera_topics:=/front/image_raw,/rear/image_raw transport:=compressed

An argument that is left empty leaves the value of the parameter file in force.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable, Shutdown
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

CONFIG = Path(get_package_share_directory("scene_clip_ros")) / "config"

PROFILE_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")

RESPAWN_DELAY_S = 2.0

LISTS = {
    "cameras": ("cameras", "names of the cameras, separated by commas"),
    "camera_topics": (
        "camera_topics",
        "their image topics, separated by commas; default: <camera>/image",
    ),
    "camera_info_topics": (
        "alert.camera_info_topics",
        "topics of their calibrations, separated by commas; default: beside the images",
    ),
}
TEXTS = {
    "transport": ("transport", "raw or compressed"),
    "processing": ("processing", "newest frame of each camera, or every frame"),
    "model": ("model", "embedded, an open_clip architecture, or a configuration file"),
    "pretrained": ("pretrained", "weights: an open_clip tag or a file"),
    "detector": ("boxes.detector", "embedded, a Faster R-CNN of torchvision, or a folder"),
    "detector_weights": ("boxes.weights", "its weights: a torchvision tag or a file"),
    "vocabulary": ("vocabulary", "path of a vocabulary file"),
    "odd_file": ("odd.file", "path of a file that states the operational design domain"),
    "device": ("device", "auto, cpu or cuda"),
    "precision": ("precision", "auto, fp32 or bf16"),
}
"""Parameter and description of each argument."""

MONITORED = ("cameras", "camera_topics", "transport")
"""Parameters that the live page has in common with the node."""


def generate_launch_description() -> LaunchDescription:
    arguments = [
        DeclareLaunchArgument(name, default_value="", description=description)
        for name, (_, description) in {**LISTS, **TEXTS}.items()
    ]
    return LaunchDescription(
        [
            *arguments,
            DeclareLaunchArgument(
                "executable",
                default_value="scene_clip",
                description="scene_clip or one of the nodes with one function; names the node, too",
            ),
            DeclareLaunchArgument(
                "params_file",
                default_value=str(CONFIG / "scene_clip.param.yaml"),
                description="parameter file",
            ),
            DeclareLaunchArgument("namespace", default_value="", description="of the node"),
            DeclareLaunchArgument(
                "use_sim_time", default_value="false", description="follow /clock"
            ),
            DeclareLaunchArgument("log_level", default_value="info", description="of the node"),
            DeclareLaunchArgument(
                "respawn",
                default_value="false",
                choices=["true", "false"],
                description="true: start the node again when it has ended, two seconds later",
            ),
            DeclareLaunchArgument(
                "exit_after_replay",
                default_value="",
                choices=["", "true", "false"],
                description="true: end everything when the cameras are gone and all is processed",
            ),
            DeclareLaunchArgument(
                "monitor",
                default_value="false",
                description="true: show it on a live page, too; see scene_monitor.launch.py",
            ),
            OpaqueFunction(function=start_node),
        ]
    )


def start_node(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    given: dict[str, Any] = {}
    for name, (parameter, _) in LISTS.items():
        if text := LaunchConfiguration(name).perform(context):
            given[parameter] = [word.strip() for word in text.split(",")]
    for name, (parameter, _) in TEXTS.items():
        if text := LaunchConfiguration(name).perform(context):
            given[parameter] = ParameterValue(text, value_type=str)
    given["use_sim_time"] = ParameterValue(LaunchConfiguration("use_sim_time"), value_type=bool)
    if exits := LaunchConfiguration("exit_after_replay").perform(context):
        given["exit_after_replay"] = exits == "true"
    node = Node(
        package="scene_clip_ros",
        executable=LaunchConfiguration("executable"),
        name=LaunchConfiguration("executable"),
        namespace=LaunchConfiguration("namespace"),
        parameters=[LaunchConfiguration("params_file"), given],
        arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
        output="screen",
        respawn=LaunchConfiguration("respawn").perform(context) == "true",
        respawn_delay=RESPAWN_DELAY_S,
        on_exit=[Shutdown(reason="the replay is over")] if exits == "true" else None,
    )
    return [*camera_profile(), node, monitor(given)]


def monitor(given: dict[str, Any]) -> LaunchDescriptionEntity:
    """Return the live page of the same cameras, if it is wanted."""
    shared = {name: given[name] for name in MONITORED if name in given}
    return Node(
        package="scene_clip_ros",
        executable="scene_monitor",
        name="scene_monitor",
        namespace=LaunchConfiguration("namespace"),
        parameters=[LaunchConfiguration("params_file"), shared],
        arguments=["--ros-args", "--log-level", LaunchConfiguration("log_level")],
        output="screen",
        condition=IfCondition(LaunchConfiguration("monitor")),
    )


def camera_profile() -> list[LaunchDescriptionEntity]:
    """Name the DDS profile for camera images to everything that is launched from here on."""
    if any(variable in os.environ for variable in PROFILE_VARIABLES):
        return []
    profile = str(CONFIG / "fastdds_camera.xml")
    return [SetEnvironmentVariable(variable, profile) for variable in PROFILE_VARIABLES]
