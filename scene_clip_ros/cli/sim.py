"""``scene-clip sim``: render a drive with its ground truth."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_float, positive_int, size_wh
from scene_clip_ros.cli.command import Command
from scene_clip_ros.core.errors import ParameterError

DEFAULT_SCENARIO = "city-day"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="PATH",
        help="drive.mcap (bag), drive.mp4 (video) or a folder of pictures",
    )
    parser.add_argument(
        "--scenario", default=DEFAULT_SCENARIO, metavar="NAME", help="what happens (%(default)s)"
    )
    parser.add_argument(
        "--list-scenarios", action="store_true", help="list the scenarios and leave"
    )
    parser.add_argument(
        "--seed", type=int, default=7, help="equal seeds render equal drives (%(default)s)"
    )
    parser.add_argument(
        "--seconds", type=positive_float, default=20.0, help="length of the drive (%(default)s)"
    )
    parser.add_argument(
        "--size", type=size_wh, default=(1280, 720), metavar="WxH", help="pixels (1280x720)"
    )
    parser.add_argument(
        "--rate", type=positive_float, default=10.0, metavar="HZ", help="frames/s (%(default)s)"
    )
    parser.add_argument("--camera", default="front", metavar="NAME", help="camera (%(default)s)")
    parser.add_argument(
        "--encoding",
        choices=("jpeg", "raw"),
        default="jpeg",
        help="pictures in a bag: CompressedImage or Image (%(default)s)",
    )
    parser.add_argument(
        "--jpeg-quality", type=positive_int, default=90, metavar="1..100", help="(%(default)s)"
    )
    parser.add_argument(
        "--masks", action="store_true", help="write pixel masks too, into a bag or folder"
    )


def run(args: argparse.Namespace) -> int:
    """List scenarios, or render one to a file or folder."""
    from scene_clip_ros.sim.scenario import scenario_names

    if args.list_scenarios:
        print("\n".join(scenario_names()))
        return 0
    if args.output is None:
        message = "expected -o PATH to say where the drive goes, got none"
        raise ParameterError(message)
    count = _render(args)
    print(f"{args.output}: {count} frames of {args.scenario}, seed {args.seed}")
    return 0


def _render(args: argparse.Namespace) -> int:
    """Render and write a drive; return its number of frames."""
    from scene_clip_ros.cli.progress import with_progress
    from scene_clip_ros.sim.drive import Drive
    from scene_clip_ros.sim.export import ExportSettings, export_drive
    from scene_clip_ros.sim.parallel import render_parallel
    from scene_clip_ros.sim.scenario import make_scenario

    drive = Drive(
        make_scenario(args.scenario, seed=args.seed, seconds=args.seconds),
        seed=args.seed,
        seconds=args.seconds,
        size_wh=args.size,
        rate_hz=args.rate,
        camera=args.camera,
    )
    settings = ExportSettings(
        camera=args.camera,
        rate_hz=args.rate,
        focal_px=drive.camera.focal_px,
        centre_xy=drive.camera.centre_uv,
        encoding=args.encoding,
        jpeg_quality=args.jpeg_quality,
        masks=args.masks,
    )
    with closing(render_parallel(drive)) as rendered:
        frames = with_progress(rendered, total=len(drive), label="rendering")
        return export_drive(frames, args.output, settings=settings)


COMMAND = Command(
    name="sim",
    summary="render a drive with its ground truth",
    description=(
        "Renders what a car's camera sees on a scripted drive, with the truth of every frame: "
        "attributes, hazards, boxes, captions and events. A bag carries the truth on "
        "<camera>/ground_truth; beside a video lies NAME.mp4.truth.jsonl, in a folder truth.jsonl."
    ),
    examples=(
        "scene-clip sim --list-scenarios",
        "scene-clip sim --seed 7 --seconds 5 --scenario city-night --size 1280x720 --rate 10"
        " -o drive.mcap",
        "scene-clip sim --seconds 5 -o drive.mp4",
    ),
    add_arguments=add_arguments,
    run=run,
)
