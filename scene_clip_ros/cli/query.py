"""``scene-clip query``: which frames of the last minutes show what a text describes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import duration_s, positive_float
from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.query_options import add_filters, add_wanted, check_wanted, wanted_title
from scene_clip_ros.core.errors import ImageError, ServiceError

if TYPE_CHECKING:
    from scene_clip_ros.core.frame_query import FrameHit, SearchOutcome
    from scene_clip_ros.core.types import ImageArray
    from scene_clip_ros.nodes.frame_question import FrameQuestion
    from scene_clip_ros.nodes.query_client import QueryClient

SERVICE = "scene_clip/query_frames"
DEFAULT_TIMEOUT_S = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_wanted(parser)
    parser.add_argument(
        "--last",
        type=duration_s,
        default=0.0,
        metavar="TIME",
        help="only the newest frames, e.g. 60s or 5min; default: all that are kept",
    )
    add_filters(parser, whose="")
    parser.add_argument("--json", action="store_true", help="print a JSON list, not a table")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="draw the hits on one picture (.png or .jpg)"
    )
    parser.add_argument(
        "--service",
        default=SERVICE,
        metavar="NAME",
        help="of a node in a namespace: /namespace/%(default)s",
    )
    parser.add_argument(
        "--timeout",
        type=positive_float,
        default=DEFAULT_TIMEOUT_S,
        metavar="SECONDS",
        help="to find the service, and to be answered (%(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Ask, print the hits, and draw them if that was asked for."""
    from scene_clip_ros.cli.sheet_file import check_sheet_name

    check_wanted(args)
    if args.sheet is not None:
        check_sheet_name(args.sheet)
    question = make_question(args)
    with _connect(args.service) as client:
        outcome = client.ask(question, timeout_s=args.timeout)
    show(outcome, args)
    return 0


def make_question(args: argparse.Namespace) -> FrameQuestion:
    """Return what the command line asks for.

    Raises:
        ParameterError: It is out of range.
        ImageError: The picture cannot be read.
    """
    from scene_clip_ros.core.frame_query import FrameFilter
    from scene_clip_ros.nodes.frame_question import FrameQuestion

    return FrameQuestion(
        texts=tuple(args.texts),
        image=b"" if args.image is None else _read_bytes(args.image),
        frame_filter=FrameFilter(
            cameras=tuple(args.camera),
            window_s=args.last,
            min_score=args.min_score,
            min_gap_s=args.min_gap,
            top_k=args.top_k,
        ),
        thumbnails=args.sheet is not None,
    )


def show(outcome: SearchOutcome, args: argparse.Namespace) -> None:
    """Print what was found, and draw it."""
    if args.json:
        print(json.dumps([_record(hit) for hit in outcome.hits], indent=2, ensure_ascii=False))
    elif outcome.hits:
        print(to_table(outcome.hits))
    if outcome.message:
        print(outcome.message, file=sys.stderr if args.json else sys.stdout)
    if args.sheet is not None:
        _write_sheet(args.sheet, outcome, title=wanted_title(args))


def to_table(hits: Sequence[FrameHit]) -> str:
    """Lay hits out for a terminal."""
    from scene_clip_ros.report.hits import format_stamp
    from scene_clip_ros.report.table import format_table

    rows = [
        (f"{rank}", f"{hit.score:.3f}", f"{hit.z:.1f}", format_stamp(hit.stamp_ns), hit.camera)
        for rank, hit in enumerate(hits, start=1)
    ]
    return format_table(rows, header=("", "score", "z", "time", "camera"))


def _connect(service: str) -> QueryClient:
    """Join the ROS graph.

    Raises:
        ServiceError: There is no ROS 2, or the package's messages are not built.
    """
    try:
        from scene_clip_ros.nodes.query_client import QueryClient
    except ImportError as err:
        message = (
            f"expected ROS 2 and the built package in the environment, got {err}: source it, e.g. "
            "with 'make setup' and 'source scripts/env.sh'"
        )
        raise ServiceError(message) from err
    return QueryClient(service)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        message = f"{path}: expected a picture, got {err.strerror}"
        raise ImageError(message) from err


def _record(hit: FrameHit) -> dict[str, object]:
    """Return a hit, ready for JSON."""
    return {
        "camera": hit.camera,
        "frame_id": hit.frame.frame_id,
        "stamp_ns": hit.stamp_ns,
        "score": hit.score,
        "z": hit.z,
    }


def _write_sheet(path: Path, outcome: SearchOutcome, *, title: str) -> None:
    """Draw the thumbnails of the hits on one picture."""
    from scene_clip_ros.cli.sheet_file import save_sheet
    from scene_clip_ros.report.contact_sheet import SheetPicture
    from scene_clip_ros.report.hits import hit_caption

    pictures = [
        SheetPicture(
            _decode(hit.frame.thumbnail),
            hit_caption(rank, score=hit.score, z=hit.z, camera=hit.camera, stamp_ns=hit.stamp_ns),
        )
        for rank, hit in enumerate(outcome.hits, start=1)
    ]
    note = "  |  ".join(filter(None, [f"{outcome.searched} frames searched", outcome.message]))
    save_sheet(path, pictures, title=title, note=note)


def _decode(thumbnail: bytes) -> ImageArray | None:
    """Return a small picture; None if there is none."""
    from scene_clip_ros.media.compressed import decode_compressed

    return decode_compressed(thumbnail) if thumbnail else None


COMMAND = Command(
    name="query",
    summary="ask a running node for the frames that a text describes",
    description=(
        "Asks the service scene_clip/query_frames for the frames of the last minutes that fit a "
        "text, or a picture, best first: time and camera, the cosine (score), and how many "
        "standard deviations it is above that of the average frame (z). If the best frame fits a "
        "text no better than it fits texts about something else, the last line says that nothing "
        "matches. Needs the built package, and the "
        "ROS_DOMAIN_ID of the node."
    ),
    examples=('scene-clip query "a person with a stroller" --last 60s --sheet hits.png',),
    add_arguments=add_arguments,
    run=run,
)
