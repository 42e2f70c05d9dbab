"""What ``scene-clip demo`` does, from the drive to the summary."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from scene_clip_ros.cli.demo_drive import ensure_drive, read_truths
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.core.interrupts import catch_interrupts
from scene_clip_ros.demo.environment import demo_environment, find_executable
from scene_clip_ros.demo.journal import Journal
from scene_clip_ros.demo.live import LiveView, screen_for
from scene_clip_ros.demo.outputs import write_annotated
from scene_clip_ros.demo.session import DemoPlan, run_session
from scene_clip_ros.demo.summary import summarise
from scene_clip_ros.media.frame_source import FrameSource
from scene_clip_ros.media.sources import open_source
from scene_clip_ros.report.drive_scoring import DriveTruth, score_drives
from scene_clip_ros.report.results import record_from_result

NODE_OPTIONS = {
    "model": "model",
    "pretrained": "pretrained",
    "detector": "boxes.detector",
    "detector_weights": "boxes.weights",
    "vocabulary": "vocabulary",
    "device": "device",
}
"""Options that are parameters of the node, and the names of those."""


def run_demo(args: argparse.Namespace) -> None:
    """Render if need be, play, show, and leave results, video and summary behind.

    Args:
        args: As ``cli.demo`` declares them.

    Raises:
        SceneClipError: The package is not built, the drive cannot be read, or a process failed.
    """
    # A polite kill ends the children as Ctrl-C does.
    catch_interrupts()
    environment = demo_environment(os.environ, process_id=os.getpid())
    find_executable("scene_clip", environment)
    os.environ.update(environment)
    args.out.mkdir(parents=True, exist_ok=True)
    drive = args.drive or ensure_drive(args, args.out)
    with open_source(drive) as source:
        plan = DemoPlan(
            drive=drive,
            cameras=source.cameras,
            node_parameters={
                parameter: vars(args)[option]
                for option, parameter in NODE_OPTIONS.items()
                if vars(args)[option] is not None
            },
            out=args.out,
            environment=environment,
            has_page=not args.no_page,
        )
        truths = read_truths(source, drive)
        journal = _play(plan, truths)
        _sum_up(plan.out, journal, truths)
        videos = _draw(plan.out, source, journal)
    names = ["results.mcap", "summary.json", *(video.name for video in videos)]
    print(f"{plan.out}: {', '.join(names)}")


def _play(plan: DemoPlan, truths: list[DriveTruth]) -> Journal:
    """Play the drive and show what the node says of it."""
    # The environment must be set before ROS is imported.
    from scene_clip_ros.nodes.demo_client import DemoClient

    screen = screen_for(sys.stdout)
    scenes = (truth.scene for truth in truths)
    view = LiveView(screen, {(scene.camera, scene.stamp_ns): scene for scene in scenes})
    screen.note(
        f"{plan.drive}: {', '.join(plan.cameras)}; follow along with "
        f"ROS_DOMAIN_ID={plan.environment['ROS_DOMAIN_ID']}"
    )
    return run_session(plan, DemoClient, view, screen)


def _sum_up(out: Path, journal: Journal, truths: list[DriveTruth]) -> None:
    """Write the summary and print its table."""
    records = (
        record_from_result(result, journal.alerts.get(key))
        for key, result in journal.results.items()
    )
    summary = summarise(journal, score=score_drives(records, truths) if truths else None)
    (out / "summary.json").write_text(summary.to_json() + "\n", encoding="utf-8")
    print(f"\n{summary.to_table()}\n")


def _draw(out: Path, source: FrameSource, journal: Journal) -> list[Path]:
    """Draw the results on the drive; return the videos."""
    frames = with_progress(source, total=source.frame_count, label="drawing")
    return write_annotated(frames, out, journal.results, alerts=journal.alerts)
