"""``scene-clip similarity``: how near texts and pictures are to each other, drawn and as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from scene_clip_ros.cli.arguments import positive_float, positive_int
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.model_options import add_model_options, load_encoder, load_templates
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.similarity_kind import SIMILARITY_KINDS, SimilarityKind

DEFAULT_TOP = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--texts", nargs="+", default=[], metavar="TEXT", help="compared as they are"
    )
    parser.add_argument(
        "--texts-file", type=Path, metavar="FILE", help="more texts, one a line (.txt)"
    )
    add_picture_options(parser)
    parser.add_argument(
        "--kind",
        action="append",
        choices=SIMILARITY_KINDS,
        help="what to draw; repeatable. Default: image-text, or what there is of both",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="the heat map (.png or .svg); of several kinds, each has its kind in the name",
    )
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="the pictures with their best texts (.png, .svg)"
    )
    parser.add_argument(
        "--top",
        type=positive_int,
        default=DEFAULT_TOP,
        metavar="N",
        help="texts of a picture on the sheet (%(default)s)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the matrices of --kind as JSON; default: all"
    )
    parser.add_argument(
        "--templates",
        action="store_true",
        help="put texts into the templates of the vocabulary and average, as the node does",
    )
    add_model_options(parser)


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Declare which pictures are meant."""
    parser.add_argument(
        "--images",
        nargs="+",
        type=Path,
        default=[],
        metavar="PATH",
        help="pictures, folders of pictures, bags, videos",
    )
    add_sampling_options(parser)


def add_sampling_options(parser: argparse.ArgumentParser) -> None:
    """Declare which frames of recordings are meant."""
    parser.add_argument(
        "--every",
        type=positive_float,
        metavar="SECONDS",
        help="from one frame to the next; default: 1 of bags and videos, all pictures of folders",
    )
    parser.add_argument(
        "--camera", action="append", metavar="NAME", help="of bags, this one only; repeatable"
    )


def run(args: argparse.Namespace) -> int:
    """Check, load the model, compare."""
    from scene_clip_ros.cli.comparing import compare

    args.texts = read_texts(args.texts, args.texts_file)
    kinds = choose_kinds(args)
    check_outputs(args, kinds)
    compare(
        load_encoder(args), args, kinds, templates=load_templates(args) if args.templates else ()
    )
    return 0


def read_texts(texts: Sequence[str], path: Path | None) -> list[str]:
    """Return the texts of the command line and of a file, each once.

    Raises:
        ParameterError: One is empty.
        SourceError: The file cannot be read, or has none.
    """
    from scene_clip_ros.media.captions import read_captions

    if not all(text.strip() for text in texts):
        message = "--texts: expected texts with words, got an empty one"
        raise ParameterError(message)
    more = read_captions(path).texts if path is not None else ()
    return list(dict.fromkeys((*texts, *more)))


def choose_kinds(args: argparse.Namespace) -> tuple[SimilarityKind, ...]:
    """Return what to draw.

    Raises:
        ParameterError: Texts or pictures that a kind needs are missing.
    """
    if not (args.texts or args.images):
        message = "expected --texts, --images or both, got neither"
        raise ParameterError(message)
    natural: SimilarityKind = (
        "image-text" if args.texts and args.images else "text-text" if args.texts else "image-image"
    )
    kinds: tuple[SimilarityKind, ...] = tuple(dict.fromkeys(args.kind or [natural]))
    for kind in kinds:
        for word, given in (("text", args.texts), ("image", args.images)):
            if word in kind and not given:
                message = f"--kind {kind}: expected --{word}s, got none"
                raise ParameterError(message)
    return kinds


def computed_kinds(
    args: argparse.Namespace, kinds: Sequence[SimilarityKind]
) -> tuple[SimilarityKind, ...]:
    """Return which matrices are needed: drawn, printed, or for the sheet."""
    if args.json and not args.kind:
        return SIMILARITY_KINDS
    sheet: tuple[SimilarityKind, ...] = ("image-text",) if args.sheet is not None else ()
    return tuple(dict.fromkeys((*kinds, *sheet)))


def output_names(path: Path, kinds: Sequence[SimilarityKind]) -> dict[SimilarityKind, Path]:
    """Return the file of each kind: the path itself, or one beside it for each of several."""
    if len(kinds) == 1:
        return {kinds[0]: path}
    return {kind: path.with_name(f"{path.stem}-{kind}{path.suffix}") for kind in kinds}


def check_outputs(args: argparse.Namespace, kinds: Sequence[SimilarityKind]) -> None:
    """Refuse what cannot be drawn or written, before a model is loaded.

    Raises:
        ParameterError: A name, or a number of texts, that cannot be.
        SourceError: The output would be among the input.
    """
    from scene_clip_ros.cli.page_file import check_page_name
    from scene_clip_ros.core.similarity import MAX_SQUARE
    from scene_clip_ros.report.heat_layout import MAX_SIDE

    if "text-text" in computed_kinds(args, kinds) and len(args.texts) > MAX_SQUARE:
        message = f"--kind text-text: expected at most {MAX_SQUARE} texts, got {len(args.texts)}"
        raise ParameterError(message)
    drawn = () if args.output is None else tuple(output_names(args.output, kinds).values())
    for path in drawn:
        check_page_name("-o", path, inputs=args.images)
    if args.output is not None and len(args.texts) > MAX_SIDE and kinds != ("image-image",):
        message = f"-o: expected at most {MAX_SIDE} texts, got {len(args.texts)}"
        raise ParameterError(message)
    if args.sheet is not None:
        check_page_name("--sheet", args.sheet, inputs=args.images)
        if args.sheet.resolve() in (path.resolve() for path in drawn):
            message = f"--sheet: expected another name than that of the heat map, got {args.sheet}"
            raise ParameterError(message)
        if not (args.texts and args.images):
            message = "--sheet: expected --texts and --images, got only one of them"
            raise ParameterError(message)


COMMAND = Command(
    name="similarity",
    summary="draw how near texts and pictures are to each other",
    description=(
        "Compares texts and pictures by the cosine of their embeddings and draws a heat map: texts "
        "with texts, pictures with pictures, or pictures with texts, with the value in every cell. "
        "Pictures may be files, folders, bags and videos, of which a frame a second is taken. "
        "--sheet draws the pictures with the texts that fit them best, --json prints the numbers. "
        "At most 60 texts and 60 pictures can be drawn."
    ),
    examples=(
        'scene-clip similarity --texts "a baby crawling on the road" "pedestrian crossing the road"'
        ' "a truck on the road" "a bus" -o texts.png',
        "scene-clip sim --scenario weather-turns --seconds 12 --rate 2 -o drive.mcap"
        " && scene-clip similarity --images drive.mcap --every 3"
        ' --texts "a road in the rain" "a road in fog" "a sunny day on the road"'
        " -o heat.png --sheet sheet.png --json",
    ),
    add_arguments=add_arguments,
    run=run,
)
