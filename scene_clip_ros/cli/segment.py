"""``scene-clip segment``: the pixels that texts describe, as label files."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_float, probabilities
from scene_clip_ros.cli.command import Command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "input", type=Path, metavar="INPUT", help="picture, folder of pictures, video, or bag"
    )
    parser.add_argument(
        "texts", nargs="+", metavar="TEXT", help="what to mark; its pixels get the values 1, 2, …"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="PATH",
        help="mask.png for a picture; else a new folder, which gets a PNG for every frame",
    )
    parser.add_argument(
        "--overlay",
        type=Path,
        metavar="PATH",
        help="the same pictures with the masks drawn on them: .png or .jpg, or a new folder",
    )
    parser.add_argument(
        "--threshold",
        type=probabilities,
        metavar="P[,P…]",
        help="least probability of a marked pixel, for all texts or one for each (0.5)",
    )
    parser.add_argument(
        "--rate", type=positive_float, metavar="HZ", help="most frames per second and camera"
    )
    parser.add_argument(
        "--camera", action="append", metavar="NAME", help="mark this camera only; repeatable"
    )
    parser.add_argument(
        "--json", action="store_true", help="print a JSON object for every mask instead of a table"
    )
    parser.add_argument(
        "--model",
        metavar="NAME|FOLDER",
        help="'embedded' (default), a CLIPSeg checkpoint folder, or a hub name in the local cache",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), help="default: auto")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="ROS 2 parameter file of the node scene_clip"
    )


def run(args: argparse.Namespace) -> int:
    """Mark every picture; bad frames of a recording are reported and counted."""
    from scene_clip_ros.cli.config import load_parameters
    from scene_clip_ros.cli.mask_files import MaskFiles
    from scene_clip_ros.cli.segmenting import Segmenting
    from scene_clip_ros.core.masks import DEFAULT_THRESHOLD, MaskPrompts
    from scene_clip_ros.media.folders import is_picture
    from scene_clip_ros.media.sources import open_source
    from scene_clip_ros.nodes.configured import find_configured_segmenter

    prompts = MaskPrompts(tuple(args.texts), args.threshold or (DEFAULT_THRESHOLD,))
    parameters = load_parameters(args.config, {"masks.model": args.model, "device": args.device})
    single = is_picture(args.input) and not args.input.is_dir()
    with (
        open_source(args.input, cameras=args.camera) as source,
        MaskFiles(args.input, args.output, args.overlay, single=single) as files,
    ):
        segmenter = find_configured_segmenter(parameters)()
        segmenting = Segmenting(segmenter, prompts, files=files, as_json=args.json)
        if single:
            segmenting.mark_picture(source)
        else:
            segmenting.mark_frames(source, rate_hz=args.rate)
    return 0


COMMAND = Command(
    name="segment",
    summary="mark the pixels that texts describe",
    description=(
        "Marks the pixels of a picture, or of every frame of a recording, that texts describe. A "
        "mask is a PNG with a palette: its values are 0 for the background and 1, 2, … for the "
        "texts in their order, whatever the colours are. All texts share one look at a picture."
    ),
    examples=(
        'scene-clip segment street.jpg "road" "person" -o mask.png --overlay marked.png',
        "scene-clip sim --seconds 5 -o drive.mcap && "
        'scene-clip segment drive.mcap "road" "sky" -o masks/ --rate 2 --json',
    ),
    add_arguments=add_arguments,
    run=run,
)
