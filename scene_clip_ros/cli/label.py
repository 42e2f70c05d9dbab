"""``scene-clip label``: the pipeline over a recording, without ROS."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.pipeline_options import add_pipeline_options, load_pipeline_parameters

BAG_SUFFIXES = (".mcap", ".db3")
"""Names of outputs that are a copy of the bag."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "input", type=Path, metavar="INPUT", help="bag, video, folder of pictures, or picture"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="PATH",
        help="results.jsonl, or copy.mcap: a copy of the bag INPUT with the results added",
    )
    parser.add_argument(
        "--camera", action="append", metavar="NAME", help="label this camera only; repeatable"
    )
    add_pipeline_options(parser)
    parser.add_argument(
        "--odd",
        metavar="FILE",
        help="states the operational design domain (YAML): tell where the drive is outside",
    )


def run(args: argparse.Namespace) -> int:
    """Label every frame; bad ones are reported and counted."""
    from scene_clip_ros.cli.labelling import Labelling, load_pipeline, require_bag
    from scene_clip_ros.media.sources import open_source
    from scene_clip_ros.nodes.configured import load_configured_odd, load_configured_vocabulary

    parameters = load_pipeline_parameters(args, {"odd.file": args.odd})
    alerts = parameters.alert.settings() if parameters.alert.enabled else None
    rates = parameters.rate_limits()
    with open_source(args.input, cameras=args.camera) as source:
        bag = require_bag(source, args.output) if args.output.suffix in BAG_SUFFIXES else None
        odd = load_configured_odd(
            parameters.odd,
            cameras=source.cameras,
            vocabulary=load_configured_vocabulary(parameters),
        )
        labelling = Labelling(load_pipeline(parameters, rates=rates), alerts=alerts, odd=odd)
        if bag is not None:
            labelling.write_copy(bag, args.output)
        else:
            labelling.write_lines(source, args.output)
    print(f"{args.output}: {labelling.labelled} frames labelled, {labelling.skipped} skipped")
    if odd is not None:
        counts = (f"{level.name} {count}" for level, count in labelling.odd_levels.most_common())
        print(f"{parameters.odd.file}: {', '.join(counts) or 'no frame judged'}")
    return 0


COMMAND = Command(
    name="label",
    summary="label every frame of a recording, without ROS",
    description=(
        "Labels every frame of a bag, video, folder or picture, finds objects in it and judges the "
        "people ahead, with the same pipeline as the node, without dropping any. Two runs on one "
        "machine give the same output to the bit. Bad frames are reported, counted and left out. "
        "Rate limits in the parameter file hold, by stamps."
    ),
    examples=(
        "scene-clip sim --seconds 5 -o drive.mcap && scene-clip label drive.mcap -o results.jsonl",
        "scene-clip sim --seconds 5 -o drive.mcap && scene-clip label drive.mcap -o labelled.mcap",
    ),
    add_arguments=add_arguments,
    run=run,
)
