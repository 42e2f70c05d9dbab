"""Play a bag, a video, a folder of pictures or a rendered drive past the node scene_clip.

    ros2 launch scene_clip_ros replay.launch.py source:=drive.mcap
    ros2 launch scene_clip_ros replay.launch.py source:='sim:weather-turns?seed=7' speed:=2.0

The node follows the drive's time; everything ends when it has processed the drive. The arguments of
scene_clip.launch.py hold as well, such as processing:=every.
"""

from __future__ import annotations

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, Shutdown
from launch.events.process import ProcessExited
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

SHARE = Path(get_package_share_directory("scene_clip_ros"))

PLAYER_ARGUMENTS = {
    "source": ("sim:city-day", str, "bag, video, picture, folder, or sim:SCENARIO?seed=7"),
    "speed": ("1.0", float, "multiple of the recorded speed"),
    "rate_hz": ("0.0", float, "pictures per second and camera; 0.0: as recorded"),
    "loop": ("false", bool, "start again at the end"),
    "transport": ("raw", str, "raw or compressed"),
}


def generate_launch_description() -> LaunchDescription:
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=description)
        for name, (default, _, description) in PLAYER_ARGUMENTS.items()
    ]
    labels = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(SHARE / "launch" / "scene_clip.launch.py")),
        launch_arguments={"use_sim_time": "true", "exit_after_replay": "true"}.items(),
    )
    player = Node(
        package="scene_clip_ros",
        executable="drive_player",
        name="drive_player",
        namespace=LaunchConfiguration("namespace"),
        parameters=[
            {
                name: ParameterValue(LaunchConfiguration(name), value_type=value_type)
                for name, (_, value_type, _) in PLAYER_ARGUMENTS.items()
            },
            {"clock": True, "wait_for_subscribers": 1},
        ],
        output="screen",
        on_exit=end_if_it_failed,
    )
    return LaunchDescription([*arguments, labels, player])


def end_if_it_failed(event: ProcessExited, _: LaunchContext) -> LaunchDescriptionEntity | None:
    """End everything if there is no drive; otherwise, the node has yet to process its end."""
    return Shutdown(reason="the drive cannot be played") if event.returncode else None
