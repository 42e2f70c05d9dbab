"""``scene-clip profile``: where the time of a frame goes on this machine."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import positive_float, positive_int, size_wh
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.pipeline_options import add_pipeline_options, load_pipeline_parameters

if TYPE_CHECKING:
    from scene_clip_ros.core.profile import Profile

TRANSPORTS = ("raw", "compressed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "input",
        type=Path,
        nargs="?",
        metavar="INPUT",
        help="bag, video, folder or picture whose frames are used (a rendered street)",
    )
    parser.add_argument(
        "--cameras", type=positive_int, default=1, metavar="N", help="how many (%(default)s)"
    )
    parser.add_argument(
        "--size",
        type=size_wh,
        metavar="WxH",
        help="scale frames to this size (1920x1080; with INPUT: as they are)",
    )
    parser.add_argument(
        "--rate",
        type=positive_float,
        default=30.0,
        metavar="HZ",
        help="frames/s of each camera (%(default)s)",
    )
    parser.add_argument(
        "--transport",
        choices=TRANSPORTS,
        help="what the cameras send (as the parameter file says, else raw)",
    )
    parser.add_argument(
        "--batches",
        type=positive_int,
        default=20,
        metavar="N",
        help="how often everything is run (%(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Load, measure, print and advise."""
    from scene_clip_ros.cli.profiling import profile_pipeline
    from scene_clip_ros.core.profile import advise

    parameters = load_pipeline_parameters(args)
    profile = profile_pipeline(
        parameters,
        recording=args.input,
        cameras=args.cameras,
        camera_hz=args.rate,
        size_wh=args.size,
        transport=args.transport or parameters.transport,
        batches=args.batches,
    )
    advice = advise(profile)
    if args.json:
        record = asdict(profile) | {"batch_ms": profile.batch_ms, "advice": advice}
        print(json.dumps(record, indent=2))
    else:
        _print(profile)
        print("\nWhat to change:")
        print("\n".join(f"- {line}" for line in advice))
    return 0


def _print(profile: Profile) -> None:
    from scene_clip_ros.report.table import format_table

    setup = profile.setup
    width, height = setup.size_wh
    sends = "JPEG" if setup.is_compressed else "raw"
    print(
        f"{setup.cameras} × {width}x{height} {sends} at {setup.camera_hz:g} Hz on {setup.device}; "
        f"image tower: {setup.backend} in {setup.precision}; "
        f"detector: {setup.detector_backend or 'off'}\n"
    )
    rows = [
        (
            each.stage,
            f"{each.p50_ms:.1f}",
            f"{each.p95_ms:8.1f}",
            f"{100 * profile.share(each.stage):5.1f} %",
            "▇" * round(30 * profile.share(each.stage)),
        )
        for each in profile.stages
    ]
    rows.append(("together", f"{profile.batch_ms:.1f}", "", "", ""))
    header = ("stage of a batch", "ms p50", "ms p95", "share", "")
    print(format_table(rows, header=header))
    asked_hz = setup.cameras * setup.camera_hz
    can_hz = setup.cameras * profile.batches_hz
    alone_hz = 1000 * setup.cameras / profile.label_ms
    without = f"; up to {alone_hz:.1f} without boxes" if profile.box_ms else ""
    print(f"\n{min(can_hz, asked_hz):.1f} of {asked_hz:g} frames/s can be processed{without}")


COMMAND = Command(
    name="profile",
    summary="show where the time of a frame goes, and what to change",
    description=(
        "Runs the networks of the node on this machine, stage by stage, over frames of the size, "
        "number and kind that the cameras send, and prints what each stage takes of a batch with "
        "one frame of every camera, how many frames can be processed, and what would change that. "
        "Receiving and publishing are not in it: /diagnostics of a running node tells the whole."
    ),
    examples=(
        "scene-clip profile",
        "scene-clip profile --cameras 4 --size 1920x1080 --transport compressed --rate 20",
        "scene-clip profile --no-boxes --json",
    ),
    add_arguments=add_arguments,
    run=run,
)
