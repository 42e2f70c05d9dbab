"""``scene-clip demo``: a drive through real ROS topics, live in the terminal."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_float, size_wh
from scene_clip_ros.cli.command import Command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "drive",
        nargs="?",
        type=Path,
        metavar="DRIVE",
        help="bag, video or folder to play; rendered if not given",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("out/demo"), metavar="DIR", help="results (%(default)s)"
    )
    parser.add_argument(
        "--no-page", action="store_true", help="do not serve the live page (scene_monitor)"
    )
    rendered = parser.add_argument_group("rendered drive")
    rendered.add_argument("--scenario", default="demo-tour", metavar="NAME", help="(%(default)s)")
    rendered.add_argument("--seed", type=int, default=7, help="(%(default)s)")
    rendered.add_argument("--seconds", type=positive_float, default=60.0, help="(%(default)s)")
    rendered.add_argument(
        "--size", type=size_wh, default=(1280, 720), metavar="WxH", help="(1280x720)"
    )
    rendered.add_argument(
        "--rate", type=positive_float, default=10.0, metavar="HZ", help="(%(default)s)"
    )
    node = parser.add_argument_group("node")
    node.add_argument("--model", metavar="NAME|FILE", help="'embedded', or as open_clip knows it")
    node.add_argument("--pretrained", metavar="TAG|FILE", help="weights")
    node.add_argument("--detector", metavar="NAME|FOLDER", help="'embedded', or of torchvision")
    node.add_argument("--detector-weights", metavar="TAG|FILE", help="its weights")
    node.add_argument("--vocabulary", metavar="FILE", help="what to look for (YAML)")
    node.add_argument("--device", choices=("auto", "cpu", "cuda"), help="default: auto")


def run(args: argparse.Namespace) -> int:
    """Render if need be, play, and sum up."""
    from scene_clip_ros.cli.demo_run import run_demo

    run_demo(args)
    return 0


COMMAND = Command(
    name="demo",
    summary="play a drive through ROS topics and show live what the node says",
    description=(
        "Starts the player and the node as processes of their own, which talk over DDS on this "
        "machine only, and listens. Without DRIVE, a minute is rendered whose weather, light and "
        "road change. A live page shows it in the browser. Ends with a table; writes results.mcap, "
        "annotated.mp4 and summary.json. "
        "Needs the built package: 'make demo' sees to that."
    ),
    examples=(
        "scene-clip demo",
        "scene-clip sim --seconds 10 --scenario city-night -o drive.mp4"
        " && scene-clip demo drive.mp4 --out out/night",
    ),
    add_arguments=add_arguments,
    run=run,
)
