"""``scene-clip match``: the best captions of each picture, the best pictures of each caption."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import positive_int
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.model_options import add_model_options, load_encoder
from scene_clip_ros.cli.similarity import add_sampling_options
from scene_clip_ros.core.errors import ParameterError

if TYPE_CHECKING:
    from scene_clip_ros.media.captions import Captions

DEFAULT_TOP = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "images", type=Path, metavar="IMAGES", help="picture, folder of pictures, bag or video"
    )
    parser.add_argument(
        "captions",
        nargs="+",
        metavar="CAPTIONS",
        help="a file (.txt: one a line; .csv, .json, .jsonl: with the names of their pictures), "
        "or the captions themselves",
    )
    add_sampling_options(parser)
    parser.add_argument(
        "--top",
        type=positive_int,
        default=DEFAULT_TOP,
        metavar="N",
        help="captions of a picture, and pictures of a caption (%(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, not tables")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="the pictures with their best captions"
    )
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Check, load the model, match."""
    from scene_clip_ros.cli.matching import match
    from scene_clip_ros.cli.page_file import check_page_name

    captions = take_captions(args.captions)
    if args.sheet is not None:
        check_page_name("--sheet", args.sheet, inputs=[args.images])
    match(load_encoder(args), args, captions)
    return 0


def take_captions(words: list[str]) -> Captions:
    """Read a file of captions, or take the words as captions.

    Raises:
        SourceError: The file cannot be read, or has no caption.
        ParameterError: All captions are blank.
    """
    from scene_clip_ros.media.captions import CAPTION_SUFFIXES, captions_of, read_captions

    if len(words) == 1 and (
        Path(words[0]).suffix.lower() in CAPTION_SUFFIXES or Path(words[0]).is_file()
    ):
        return read_captions(Path(words[0]))
    try:
        return captions_of([("", word) for word in words])
    except ValueError as err:
        message = f"CAPTIONS: {err}"
        raise ParameterError(message) from err


COMMAND = Command(
    name="match",
    summary="match pictures with captions, both ways",
    description=(
        "Prints the captions that fit each picture best, and the pictures that fit each caption "
        "best, with the cosine of their embeddings. If the file of captions names their pictures, "
        "recall@1, 5 and 10 are printed, too: how often something right is among the first."
    ),
    examples=(
        "scene-clip sim --scenario weather-turns --seconds 12 --rate 1 -o drive.mcap"
        ' && scene-clip match drive.mcap "a road in the rain" "a road in fog"'
        ' "a sunny day on the road" "a snowy street" --sheet matches.png',
    ),
    add_arguments=add_arguments,
    run=run,
)
