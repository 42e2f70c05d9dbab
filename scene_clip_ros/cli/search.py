"""``scene-clip search``: which frames of an archive show what a text describes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.arguments import not_negative_float
from scene_clip_ros.cli.command import PROGRAM, Command
from scene_clip_ros.cli.model_options import (
    add_model_options,
    load_encoder,
    load_min_lead,
    load_templates,
)
from scene_clip_ros.cli.query_options import add_filters, add_wanted, check_wanted, wanted_title
from scene_clip_ros.core.errors import ParameterError

if TYPE_CHECKING:
    from scene_clip_ros.core.types import FloatArray
    from scene_clip_ros.models.encoder import Encoder
    from scene_clip_ros.search.archive import Archive, ArchiveHit

DEFAULT_MARGIN_S = 2.0

MAX_NAMED = 10
"""Most recordings that a message lists."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("archive", type=Path, metavar="ARCHIVE", help="of 'scene-clip index'")
    add_wanted(parser)
    add_filters(parser, whose=" of a recording")
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="PATH",
        help="this recording only, by its path or the end of it; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON list, not a table")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help="draw the hits on one picture (.png or .jpg)"
    )
    parser.add_argument(
        "--cut",
        type=Path,
        metavar="BAG",
        help="copy what was recorded around the hits into a new bag (.mcap, .db3 or a folder)",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a bag of the name given to --cut"
    )
    parser.add_argument(
        "--margin",
        type=not_negative_float,
        default=DEFAULT_MARGIN_S,
        metavar="SECONDS",
        help="cut before and after each hit (%(default)s)",
    )
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Search, print the hits, and write what was asked for."""
    from scene_clip_ros.cli.sheet_file import check_sheet_name
    from scene_clip_ros.search.archive import Archive

    check_wanted(args)
    if args.sheet is not None:
        check_sheet_name(args.sheet)
    with Archive.open(args.archive) as archive:
        check_outputs(archive, args)
    answer(load_encoder(args), args)
    return 0


def check_outputs(archive: Archive, args: argparse.Namespace) -> None:
    """Refuse to write where something was recorded, before a model is loaded.

    Raises:
        SourceError: A name is taken, or is not apart from the archive and its recordings.
    """
    from scene_clip_ros.media.output_check import check_output

    for output, overwrite in ((args.sheet, True), (args.cut, args.overwrite)):
        if output is not None:
            check_output(output, recordings=_protected(archive, args), overwrite=overwrite)


def answer(encoder: Encoder, args: argparse.Namespace) -> None:
    """Answer a query that has been checked, with a model.

    Raises:
        ArchiveError: There is no archive, or it is another model's.
        ParameterError: A filter names what is not in the archive.
        ImageError: The picture to look for cannot be read.
        SourceError: What was asked for cannot be written.
    """
    from scene_clip_ros.cli.hit_files import write_cut, write_sheet
    from scene_clip_ros.search.archive import Archive

    with Archive.open(args.archive, model_id=encoder.info.model_id) as archive:
        protected = _protected(archive, args)
        hits, remark = find_hits(archive, encoder, args)
    if args.json:
        print(json.dumps([_record(hit) for hit in hits], indent=2, ensure_ascii=False))
    elif hits:
        print(to_table(hits))
    if remark:
        print(remark, file=sys.stderr if args.json else sys.stdout)
    if args.sheet is not None:
        note = "  |  ".join(filter(None, [str(args.archive), remark]))
        write_sheet(args.sheet, hits, title=wanted_title(args), note=note, protected=protected)
    if args.cut is not None and hits:
        write_cut(
            args.cut, hits, margin_s=args.margin, protected=protected, overwrite=args.overwrite
        )


def find_hits(
    archive: Archive, encoder: Encoder, args: argparse.Namespace
) -> tuple[list[ArchiveHit], str]:
    """Search; damaged parts of the archive are named on stderr, as is a recall below 1.

    Returns:
        The hits, best first, and one line that says so if nothing matches, else none.

    Raises:
        ParameterError: A filter names what is not in the archive.
        ImageError: The picture to look for cannot be read.
    """
    from scene_clip_ros.core.standing_out import say_nothing_is_alike

    query = _embed_query(encoder, args)
    sources = _choose_sources(archive, args.source)
    hits = archive.search(
        query,
        top_k=args.top_k,
        min_score=args.min_score,
        min_gap_s=args.min_gap,
        sources=sources,
        cameras=args.camera,
    )
    remark = "nothing matches: no frame passes the filters"
    if hits and args.image is not None:
        usual = archive.usual_scores(query, sources=sources, cameras=args.camera)
        remark = say_nothing_is_alike(hits[0].score, usual)
    elif hits:
        remark = _compare(archive, hits[0], query, encoder=encoder, args=args)
    for problem in archive.problems:
        print(f"{PROGRAM}: warning: {problem}", file=sys.stderr)
    if archive.recall_at_10 < 1.0:
        found = f"recall@10 {archive.recall_at_10:.3f} as measured when it was indexed"
        print(f"{PROGRAM}: {len(archive)} frames, {found}", file=sys.stderr)
    return hits, remark


def _compare(
    archive: Archive,
    hit: ArchiveHit,
    query: FloatArray,
    *,
    encoder: Encoder,
    args: argparse.Namespace,
) -> str:
    """Return one line that says so if the best hit fits texts about something else as well."""
    import numpy as np

    from scene_clip_ros.core.standing_out import (
        UnrelatedScores,
        say_nothing_matches,
        unrelated_prompts,
    )

    unrelated = encoder.encode_texts(unrelated_prompts(load_templates(args)))
    scores = archive.frame_scores(hit, np.concatenate([query, unrelated]))
    if not len(scores):
        return "the part of the archive with the best frame turned out to be damaged"
    own, others = np.split(scores, [len(query)])
    return say_nothing_matches(
        float(own.mean()), UnrelatedScores.of(others), min_lead=load_min_lead(args)
    )


def _protected(archive: Archive, args: argparse.Namespace) -> list[Path]:
    return [args.archive, *map(Path, archive.sources)]


def _embed_query(encoder: Encoder, args: argparse.Namespace) -> FloatArray:
    """Return ``(Q, D)`` float32 unit vectors of what is looked for.

    Texts go through the templates of the vocabulary, as they do in the node.

    Raises:
        ImageError: The picture cannot be read.
        VocabularyError: The vocabulary of ``--config`` cannot be used.
    """
    from scene_clip_ros.core.prompts import expand
    from scene_clip_ros.media.folders import read_picture

    if args.image is not None:
        return encoder.encode_images([read_picture(args.image)])
    return encoder.encode_texts(expand(args.texts, load_templates(args)))


def _choose_sources(archive: Archive, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the recordings that are meant; none if none was named.

    Raises:
        ParameterError: One that is named is not in the archive.
    """
    chosen: dict[str, None] = {}
    for name in wanted:
        parts = Path(name).parts
        found = [path for path in archive.sources if Path(path).parts[-len(parts) :] == parts]
        if not found:
            known = ", ".join(archive.sources[:MAX_NAMED]) or "none"
            more = ", …" if len(archive.sources) > MAX_NAMED else ""
            message = f"--source: expected one of the recordings {known}{more}; got {name!r}"
            raise ParameterError(message)
        chosen |= dict.fromkeys(found)
    return tuple(chosen)


def _record(hit: ArchiveHit) -> dict[str, object]:
    """Return a hit, ready for JSON."""
    return {
        "source": hit.source,
        "camera": hit.camera,
        "stamp_ns": hit.stamp_ns,
        "score": hit.score,
        "z": hit.z,
    }


def to_table(hits: Sequence[ArchiveHit]) -> str:
    """Lay hits out for a terminal."""
    from scene_clip_ros.report.hits import format_stamp
    from scene_clip_ros.report.table import format_table

    rows = [
        (
            f"{rank}",
            f"{hit.score:.3f}",
            f"{hit.z:.1f}",
            format_stamp(hit.stamp_ns),
            hit.camera,
            shown_path(hit.source),
        )
        for rank, hit in enumerate(hits, start=1)
    ]
    return format_table(rows, header=("", "score", "z", "time", "camera", "recording"))


def shown_path(path: str) -> str:
    """Return a path as a person would write it here."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path


COMMAND = Command(
    name="search",
    summary="find the moments of an archive that a text describes",
    description=(
        "Prints the frames of an archive that fit a text, or a picture, best first: time, camera "
        "and recording, the cosine (score), and how many standard deviations it is above that of "
        "the average frame (z). If the best frame fits a text no better than it fits texts about "
        "something else, the last line says that nothing matches. The hits can be drawn on one "
        "picture, and cut out of their recordings into a new bag."
    ),
    examples=(
        "scene-clip sim --seconds 5 -o drive1.mcap"
        " && scene-clip index drive1.mcap -o drives.archive"
        ' && scene-clip search drives.archive "a city street in daylight"'
        " --top-k 4 --json --sheet hits.png --cut hits.mcap",
        "scene-clip search drives.archive --image hits.png --min-gap 5",
    ),
    add_arguments=add_arguments,
    run=run,
)
