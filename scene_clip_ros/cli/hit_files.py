"""Files of what a search found: its pictures on a sheet, its moments in a bag."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scene_clip_ros.cli.command import PROGRAM
from scene_clip_ros.cli.sheet_file import save_sheet
from scene_clip_ros.core.errors import MediaError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.frame_lookup import FrameKey, find_frames
from scene_clip_ros.media.moments import cut_moments
from scene_clip_ros.media.output_check import check_output
from scene_clip_ros.report.contact_sheet import MAX_PICTURES, SheetPicture, shrink
from scene_clip_ros.report.hits import hit_caption

if TYPE_CHECKING:
    from scene_clip_ros.search.archive import ArchiveHit


def write_sheet(
    path: Path,
    hits: Sequence[ArchiveHit],
    *,
    title: str,
    note: str,
    protected: Collection[Path] = (),
) -> None:
    """Draw the hits on one picture.

    Recordings that cannot be read any more are named on stderr; their hits are shown without
    pictures.

    Args:
        path: Checked by `check_sheet_name`; one that exists is replaced.
        hits: Best first.
        title: What was looked for.
        note: Where.
        protected: Recordings that the picture must not touch, beside those of the hits.

    Raises:
        SourceError: The picture cannot be written, or would be in a recording or in its place.
    """
    recordings = {Path(hit.source) for hit in hits}
    check_output(path, recordings=[*recordings, *protected], overwrite=True)
    shown = hits[:MAX_PICTURES]
    pictures = _read_pictures(shown)
    save_sheet(
        path,
        [
            SheetPicture(
                pictures.get((hit.source, hit.camera, hit.stamp_ns)),
                hit_caption(
                    rank,
                    score=hit.score,
                    z=hit.z,
                    camera=hit.camera,
                    stamp_ns=hit.stamp_ns,
                    source=Path(hit.source).name,
                ),
            )
            for rank, hit in enumerate(shown, start=1)
        ],
        title=title,
        note=note,
    )


def write_cut(
    path: Path,
    hits: Sequence[ArchiveHit],
    *,
    margin_s: float,
    protected: Collection[Path] = (),
    overwrite: bool = False,
) -> int:
    """Copy what was recorded around the hits into a new bag; see `cut_moments`.

    Returns:
        Number of moments.
    """
    wanted = {Path(source): keys for source, keys in _by_source(hits).items()}
    return cut_moments(wanted, path, margin_s=margin_s, protected=protected, overwrite=overwrite)


def _by_source(hits: Sequence[ArchiveHit]) -> dict[str, list[FrameKey]]:
    keys: dict[str, list[FrameKey]] = defaultdict(list)
    for hit in hits:
        keys[hit.source].append((hit.camera, hit.stamp_ns))
    return keys


def _read_pictures(hits: Sequence[ArchiveHit]) -> dict[tuple[str, str, int], ImageArray]:
    """Return the pictures that there are, small, by recording, camera and stamp."""
    pictures: dict[tuple[str, str, int], ImageArray] = {}
    for source, keys in _by_source(hits).items():
        with _warned():
            for frame in find_frames(Path(source), keys):
                with _warned():
                    pictures[source, frame.camera, frame.stamp_ns] = shrink(frame.decode())
    return pictures


@contextmanager
def _warned() -> Iterator[None]:
    """Tell on stderr what cannot be read, and go on."""
    try:
        yield
    except (MediaError, OSError) as err:
        print(f"{PROGRAM}: warning: {' '.join(str(err).split())}", file=sys.stderr)
