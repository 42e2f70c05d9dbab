"""What is looked for: the options that ``search`` and ``query`` share."""

from __future__ import annotations

import argparse
from pathlib import Path

from scene_clip_ros.cli.arguments import cosine, not_negative_float, positive_int
from scene_clip_ros.core.errors import ParameterError

DEFAULT_MIN_GAP_S = 1.0


def add_wanted(parser: argparse.ArgumentParser) -> None:
    """Declare texts and picture."""
    parser.add_argument(
        "texts", nargs="*", metavar="TEXT", help="what to look for; several: wordings of one thing"
    )
    parser.add_argument(
        "--image", type=Path, metavar="FILE", help="look for frames like this JPEG or PNG instead"
    )


def add_filters(parser: argparse.ArgumentParser, *, whose: str) -> None:
    """Declare which hits are wanted.

    Args:
        parser: Gets the options.
        whose: What the cameras belong to, for the help; empty for nothing.
    """
    parser.add_argument(
        "--top-k", type=positive_int, default=10, metavar="N", help="most hits (%(default)s)"
    )
    parser.add_argument(
        "--min-score", type=cosine, default=-1.0, metavar="COSINE", help="least score (%(default)s)"
    )
    parser.add_argument(
        "--min-gap",
        type=not_negative_float,
        default=DEFAULT_MIN_GAP_S,
        metavar="SECONDS",
        help=f"least time between two hits of one camera{whose} (%(default)s)",
    )
    parser.add_argument(
        "--camera", action="append", default=[], metavar="NAME", help="this camera only; repeatable"
    )


def check_wanted(args: argparse.Namespace) -> None:
    """Refuse no query, and two.

    Raises:
        ParameterError: Neither texts nor an image, or both, or a text that is empty.
    """
    if bool(args.texts) == (args.image is not None):
        message = f"expected TEXT or --image, got {'both' if args.texts else 'neither'}"
        raise ParameterError(message)
    if not all(text.strip() for text in args.texts):
        message = "expected a TEXT with words, got an empty one"
        raise ParameterError(message)


def wanted_title(args: argparse.Namespace) -> str:
    """Return what was looked for, to be read."""
    return f"like {args.image.name}" if args.image is not None else ", ".join(args.texts)
