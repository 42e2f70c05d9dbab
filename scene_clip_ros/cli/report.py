"""``scene-clip report``: a page that tells what a drive was like."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_float
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.pipeline_options import add_pipeline_options, load_pipeline_parameters
from scene_clip_ros.core.errors import ParameterError

DEFAULT_RATE_HZ = 5.0

PAGE_SUFFIXES = (".html", ".htm")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "input", type=Path, metavar="INPUT", help="bag, video, folder of pictures, or picture"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="PAGE", help="report.html"
    )
    parser.add_argument(
        "--camera", action="append", metavar="NAME", help="this camera only; repeatable"
    )
    parser.add_argument(
        "--rate",
        type=positive_float,
        default=DEFAULT_RATE_HZ,
        metavar="HZ",
        help="most frames per second and camera that are judged (%(default)s)",
    )
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Judge the recording, write the page, and print what it says in one line."""
    from scene_clip_ros.cli.labelling import load_pipeline
    from scene_clip_ros.cli.output import written_aside
    from scene_clip_ros.cli.reporting import Reporting
    from scene_clip_ros.media.output_check import check_output
    from scene_clip_ros.media.sources import open_source
    from scene_clip_ros.report.drive_words import tell_drive
    from scene_clip_ros.report.html_report import render_report

    check_page_name(args.output)
    check_output(args.output, recordings=[args.input], overwrite=True)
    parameters = load_pipeline_parameters(args)
    alerts = parameters.alert.settings() if parameters.alert.enabled else None
    with open_source(args.input, cameras=args.camera) as source:
        reporting = Reporting(load_pipeline(parameters), alerts=alerts, rate_hz=args.rate)
        report = reporting.make(
            source, path=args.input, vocabulary_name=parameters.vocabulary or "driving.yaml"
        )
    with written_aside(args.output) as page:
        page.write(render_report(report))
    print(f"{args.output}: {tell_drive(report.summary)}")
    return 0


def check_page_name(path: Path) -> None:
    """Refuse a name that no browser takes for a page, before anything is judged.

    Raises:
        ParameterError: Another ending.
    """
    if path.suffix.lower() not in PAGE_SUFFIXES:
        message = f"--output: expected a name that ends in .html, got {path}"
        raise ParameterError(message)


COMMAND = Command(
    name="report",
    summary="write a page that tells what a drive was like",
    description=(
        "Judges some frames a second of a bag, video, folder or picture, with the same pipeline as "
        "the node, and writes one page that needs no other file: timeline of labels, hazards and "
        "alerts, alerts with pictures, the most typical and the most unusual frames, similarity of "
        "texts and frames, stalls, bad frames and latencies."
    ),
    examples=(
        "scene-clip sim --seconds 20 --scenario demo-tour --rate 5 -o drive.mcap"
        " && scene-clip report drive.mcap -o report.html",
    ),
    add_arguments=add_arguments,
    run=run,
)
