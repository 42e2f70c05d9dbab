"""Puts the frames of recordings into an archive."""

from __future__ import annotations

import heapq
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from time import monotonic

import numpy as np

from scene_clip_ros.cli.command import PROGRAM
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.core.errors import SceneClipError, SourceError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.media.bags import is_bag
from scene_clip_ros.media.frame_source import SourceFrame
from scene_clip_ros.media.searchable_bag import RecordedEmbedding, SearchableBag
from scene_clip_ros.media.sources import FrameSource, open_source
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.pipeline.offline import BATCH, embed_recording
from scene_clip_ros.search.archive_records import SourceKey
from scene_clip_ros.search.archive_writer import ArchiveWriter

MAX_REPORTED = 5
"""Bad frames of a recording that are reported one by one; further ones are only counted."""

ORDER_WINDOW = 512
"""Frames of a camera within which a late one still takes its place: an embedding is recorded
after its picture, by the time that the model took."""

ROWS_AT_ONCE = 1024
"""Rows of a camera that are handed to the archive together."""


SAVE_EVERY_S = 600.0
"""Seconds of work that a kill may cost. Archives of many small parts are slow to search."""


@dataclass(frozen=True, slots=True)
class Row:
    """One frame of the archive; ``embedding`` is ``(D,)`` float32 of unit length."""

    camera: str
    stamp_ns: int
    embedding: FloatArray


@dataclass(slots=True)
class Tally:
    """What came of the frames of a recording.

    Attributes:
        recorded: Added with the embedding that was recorded.
        embedded: Embedded and added.
        skipped: Could not be decoded or embedded.
        damage: Why the recording could not be read to its end.
    """

    recorded: int = 0
    embedded: int = 0
    skipped: int = 0
    damage: SourceError | None = None


class Indexing:
    """One run that adds recordings to an archive."""

    def __init__(
        self,
        encoder: Encoder,
        writer: ArchiveWriter,
        *,
        cameras: Sequence[str] | None = None,
        clock_s: Callable[[], float] = monotonic,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            encoder: Embeds what has no embedding; of the archive's model.
            writer: The archive.
            cameras: Which cameras of bags; the name for the camera of anything else.
            clock_s: Tells the time, seconds from any start.
        """
        self._encoder = encoder
        self._writer = writer
        self._cameras = cameras
        self._clock_s = clock_s
        self._safe_s = clock_s()

    def add(self, path: Path, *, label: str) -> Tally | None:
        """Add a recording, or what is missing of it.

        Of one that is damaged, the frames before the damage are added.

        Args:
            path: Bag, video, folder or picture; absolute.
            label: What the progress bar says.

        Returns:
            ``None`` if all of it was in the archive before.

        Raises:
            SourceError: The recording cannot be read, or not to its end.
            ArchiveError: The archive cannot be written.
        """
        with self._open(path) as source:
            key = SourceKey.of(path)
            if self._writer.is_done(key):
                return None
            tally = Tally()
            self._writer.add_source(key)
            watched = with_progress(source, total=source.frame_count, label=label)
            frames = self._unfinished(_until_damage(watched, tally), key)
            for camera, stamps_ns, embeddings in in_blocks(
                in_stamp_order(self._rows(frames, tally))
            ):
                self._writer.append(key, camera, stamps_ns, embeddings)
                self._save_now_and_then()
        if tally.damage is not None:
            raise tally.damage
        self._writer.finish_source(key)
        return tally

    def _save_now_and_then(self) -> None:
        """Put what was appended on the disk if the last time was long ago."""
        now_s = self._clock_s()
        if now_s - self._safe_s >= SAVE_EVERY_S:
            self._writer.flush()
            self._safe_s = now_s

    def _open(self, path: Path) -> SearchableBag | FrameSource:
        """Open a recording."""
        if is_bag(path):
            info = self._encoder.info
            return SearchableBag(path, model_id=info.model_id, dim=info.dim, cameras=self._cameras)
        return open_source(path, cameras=self._cameras)

    def _unfinished(
        self, frames: Iterable[RecordedEmbedding | SourceFrame], key: SourceKey
    ) -> Iterator[RecordedEmbedding | SourceFrame]:
        """Leave out what an earlier run, which was cut off, has put into the archive."""
        after_ns: dict[str, int | None] = {}
        for frame in frames:
            camera = frame.camera
            if camera not in after_ns:
                after_ns[camera] = self._writer.resume_after(key, camera)
            done_ns = after_ns[camera]
            if done_ns is None or frame.stamp_ns > done_ns:
                yield frame

    def _rows(
        self, frames: Iterator[RecordedEmbedding | SourceFrame], tally: Tally
    ) -> Iterator[Row]:
        """Embed what has no embedding, and count."""

        def skip(frame: SourceFrame, err: SceneClipError) -> None:
            tally.skipped += 1
            _report_skipped(frame, err, number=tally.skipped)

        while batch := list(islice(frames, BATCH)):
            pictures = [frame for frame in batch if isinstance(frame, SourceFrame)]
            found = {
                id(frame): embedding
                for frame, embedding in embed_recording(self._encoder, pictures, on_skip=skip)
            }
            tally.embedded += len(found)
            for frame in batch:
                if isinstance(frame, RecordedEmbedding):
                    tally.recorded += 1
                    yield Row(frame.camera, frame.stamp_ns, frame.embedding)
                elif id(frame) in found:
                    yield Row(frame.camera, frame.stamp_ns, found[id(frame)])


def in_stamp_order(rows: Iterable[Row], *, window: int = ORDER_WINDOW) -> Iterator[Row]:
    """Sort the rows of each camera by stamp, as they come.

    Args:
        rows: Nearly in order.
        window: Rows of a camera that are held back, ≥ 0; one that comes later than that is out
            of order.
    """
    heaps: dict[str, list[tuple[int, int, Row]]] = defaultdict(list)
    numbers = count()
    for row in rows:
        heap = heaps[row.camera]
        heapq.heappush(heap, (row.stamp_ns, next(numbers), row))
        if len(heap) > window:
            yield heapq.heappop(heap)[2]
    for heap in heaps.values():
        while heap:
            yield heapq.heappop(heap)[2]


def in_blocks(
    rows: Iterable[Row], *, size: int = ROWS_AT_ONCE
) -> Iterator[tuple[str, list[int], FloatArray]]:
    """Put rows of a camera together.

    Yields:
        Camera, stamps in nanoseconds and ``(N, D)`` float32 embeddings, N in [1, ``size``].
    """
    blocks: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        block = blocks[row.camera]
        block.append(row)
        if len(block) == size:
            yield _stack(blocks.pop(row.camera))
    for block in blocks.values():
        yield _stack(block)


def _until_damage(
    frames: Iterable[RecordedEmbedding | SourceFrame], tally: Tally
) -> Iterator[RecordedEmbedding | SourceFrame]:
    """Pass frames through, and note it if the recording turns out to be damaged."""
    try:
        yield from frames
    except SourceError as err:
        tally.damage = err


def _stack(rows: Sequence[Row]) -> tuple[str, list[int], FloatArray]:
    embeddings = np.stack([row.embedding for row in rows])
    return rows[0].camera, [row.stamp_ns for row in rows], embeddings


def _report_skipped(frame: SourceFrame, err: SceneClipError, *, number: int) -> None:
    """Report a bad frame, unless there are too many."""
    if number <= MAX_REPORTED:
        where = f"{frame.camera} at {frame.stamp_ns} ns"
        more = " (further ones are only counted)" if number == MAX_REPORTED else ""
        print(f"{PROGRAM}: skipped {where}: {err}{more}", file=sys.stderr)
