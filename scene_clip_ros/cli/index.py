"""``scene-clip index``: recordings into an archive that can be searched."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.command import EXIT_ERROR, PROGRAM, Command
from scene_clip_ros.cli.model_options import add_model_options, load_encoder
from scene_clip_ros.core.errors import MediaError

if TYPE_CHECKING:
    from scene_clip_ros.cli.indexing import Indexing, Tally
    from scene_clip_ros.models.encoder import Encoder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "inputs",
        type=Path,
        nargs="+",
        metavar="INPUT",
        help="bags, videos, folders of pictures, or folders of bags and videos",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="ARCHIVE",
        help="the archive, a folder; one that exists is added to",
    )
    parser.add_argument(
        "--camera",
        action="append",
        metavar="NAME",
        help="of bags this camera only, repeatable; of anything else the name of its camera",
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="read all of the archive first, and embed again what is damaged",
    )
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Add every recording; those that cannot be read are named, and the others added."""
    return add_recordings(load_encoder(args), args)


def add_recordings(encoder: Encoder, args: argparse.Namespace) -> int:
    """Add every recording with a model; return the exit code."""
    from scene_clip_ros.cli.indexing import Indexing
    from scene_clip_ros.search.archive_writer import ArchiveWriter

    info = encoder.info
    with ArchiveWriter(
        args.output, model_id=info.model_id, dim=info.dim, verify=args.verify
    ) as writer:
        for problem in writer.problems:
            print(f"{PROGRAM}: warning: {problem}", file=sys.stderr)
        indexing = Indexing(encoder, writer, cameras=args.camera)
        paths, refused = _recordings(args.inputs)
        failed = refused + sum(not added for added in _add_all(indexing, paths))
        recall = writer.recall_at_10
    total = len(paths) + refused
    print(f"{args.output}: {total - failed} of {total} recordings indexed")
    print(f"{args.output}: a search finds {recall:.1%} or more of the ten best frames (recall@10)")
    return EXIT_ERROR if failed else 0


def _recordings(inputs: Sequence[Path]) -> tuple[list[Path], int]:
    """Return the recordings that are meant, each once, and how many inputs were refused.

    Their paths are absolute: a search may be started elsewhere, and must find them to show and cut
    what it found.
    """
    from scene_clip_ros.media.sources import find_recordings

    named: dict[Path, None] = {}
    refused = 0
    for path in inputs:
        try:
            found = find_recordings(path)
            named |= dict.fromkeys(Path(os.path.abspath(each)) for each in found)  # noqa: PTH100
        except (MediaError, OSError) as err:
            _report(err)
            refused += 1
    return list(named), refused


def _add_all(indexing: Indexing, paths: Sequence[Path]) -> Iterator[bool]:
    """Add recordings one by one, and tell of each whether it could be read."""
    for number, path in enumerate(paths, start=1):
        try:
            tally = indexing.add(path, label=f"{path.name} ({number}/{len(paths)})")
        except (MediaError, OSError) as err:
            _report(err)
            yield False
        else:
            print(f"{path}: {describe(tally)}", flush=True)
            yield True


def _report(err: Exception) -> None:
    print(f"{PROGRAM}: error: {' '.join(str(err).split())}", file=sys.stderr)


def describe(tally: Tally | None) -> str:
    """Say what came of a recording."""
    if tally is None:
        return "indexed before"
    parts = [f"{tally.recorded + tally.embedded} frames"]
    if tally.recorded:
        parts.append(f"{tally.recorded} of them with recorded embeddings")
    if tally.skipped:
        parts.append(f"{tally.skipped} skipped")
    return ", ".join(parts)


COMMAND = Command(
    name="index",
    summary="make recordings searchable by text",
    description=(
        "Embeds the frames of recordings into an archive, which 'scene-clip search' searches. "
        "Embeddings of the same model that a bag holds are taken as they are, without decoding "
        "its pictures. Recordings can be added at any time. A run that was cut off is continued "
        "by the same command. A recording that cannot be read is named, the others are indexed, "
        "and the exit code is 2."
    ),
    examples=(
        "scene-clip sim --seconds 5 -o drive1.mcap"
        " && scene-clip sim --seconds 5 --scenario city-night -o drive2.mp4"
        " && scene-clip index drive1.mcap drive2.mp4 -o drives.archive",
    ),
    add_arguments=add_arguments,
    run=run,
)
