"""``scene-clip demo``: a drive through real ROS topics, live in the terminal."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import positive_float, size_wh
from scene_clip_ros.cli.command import Command

if TYPE_CHECKING:
    from scene_clip_ros.demo.journal import Journal
    from scene_clip_ros.demo.session import DemoPlan
    from scene_clip_ros.media.frame_source import FrameSource

NODE_OPTIONS = ("model", "pretrained", "vocabulary", "device")


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
    node.add_argument("--vocabulary", metavar="FILE", help="what to look for (YAML)")
    node.add_argument("--device", choices=("auto", "cpu", "cuda"), help="default: auto")


def run(args: argparse.Namespace) -> int:
    """Render if need be, play, and sum up."""
    from scene_clip_ros.cli.demo_drive import ensure_drive
    from scene_clip_ros.demo.environment import demo_environment, find_executable
    from scene_clip_ros.demo.session import DemoPlan
    from scene_clip_ros.media.sources import open_source

    # A polite kill ends the children as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    environment = demo_environment(os.environ, process_id=os.getpid())
    find_executable("scene_clip", environment)
    os.environ.update(environment)
    args.out.mkdir(parents=True, exist_ok=True)
    drive = args.drive or ensure_drive(args, args.out)
    with open_source(drive) as source:
        plan = DemoPlan(
            drive=drive,
            cameras=source.cameras,
            node_parameters=_node_parameters(args),
            out=args.out,
            environment=environment,
        )
        _present(plan, source)
    return 0


def _node_parameters(args: argparse.Namespace) -> dict[str, str]:
    """Return the node's parameters that the command line sets."""
    return {name: vars(args)[name] for name in NODE_OPTIONS if vars(args)[name] is not None}


def _present(plan: DemoPlan, source: FrameSource) -> None:
    """Play the drive, show it, and leave results, video and summary behind."""
    from scene_clip_ros.cli.demo_drive import read_truths
    from scene_clip_ros.demo.live import LiveView, screen_for
    from scene_clip_ros.demo.session import run_session
    from scene_clip_ros.demo.summary import summarise
    from scene_clip_ros.nodes.demo_client import DemoClient
    from scene_clip_ros.report.results import answer_from_result
    from scene_clip_ros.report.scoring import score_scenes

    screen = screen_for(sys.stdout)
    truths = read_truths(source, plan.drive)
    view = LiveView(screen, {(t.camera, t.stamp_ns): t for t in truths})
    screen.note(
        f"{plan.drive}: {', '.join(plan.cameras)}; follow along with "
        f"ROS_DOMAIN_ID={plan.environment['ROS_DOMAIN_ID']}"
    )
    journal = run_session(plan, DemoClient, view, screen)
    answers = map(answer_from_result, journal.results.values())
    summary = summarise(journal, score=score_scenes(answers, truths) if truths else None)
    (plan.out / "summary.json").write_text(summary.to_json() + "\n", encoding="utf-8")
    print(f"\n{summary.to_table()}\n")
    videos = _write_videos(plan.out, source, journal)
    names = ["results.mcap", "summary.json", *(video.name for video in videos)]
    print(f"{plan.out}: {', '.join(names)}")


def _write_videos(out: Path, source: FrameSource, journal: Journal) -> list[Path]:
    """Draw the results on the drive."""
    from scene_clip_ros.cli.progress import with_progress
    from scene_clip_ros.demo.outputs import write_annotated

    frames = with_progress(source, total=source.frame_count, label="drawing")
    return write_annotated(frames, out, journal.results)


COMMAND = Command(
    name="demo",
    summary="play a drive through ROS topics and show live what the node says",
    description=(
        "Starts the player and the node as processes of their own, which talk over DDS on this "
        "machine only, and listens. Without DRIVE, a minute is rendered whose weather, light and "
        "road change. Ends with a table; writes results.mcap, annotated.mp4 and summary.json. "
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
