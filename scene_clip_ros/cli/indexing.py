"""Puts the frames of recordings into an archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import monotonic

import numpy as np

from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.cli.skip_report import SkipReport
from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.media.bags import is_bag
from scene_clip_ros.media.frame_source import SourceFrame
from scene_clip_ros.media.searchable_bag import RecordedEmbedding, SearchableBag
from scene_clip_ros.media.sources import FrameSource, open_source, source_files
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.pipeline.offline import BATCH, embed_recording
from scene_clip_ros.search.archive_records import SourceKey
from scene_clip_ros.search.archive_writer import ArchiveWriter

SAVE_EVERY_S = 600.0
"""Seconds of work that a kill may cost."""


@dataclass(frozen=True, slots=True)
class NumberedFrame:
    """One frame of a recording, and its number among the frames of its camera, from 0 on."""

    number: int
    frame: RecordedEmbedding | SourceFrame


@dataclass(slots=True)
class Tally:
    """What came of the frames of a recording.

    Attributes:
        recorded: Added with the embedding that was recorded.
        embedded: Embedded and added.
        skips: Of those that could not be decoded or embedded.
        before: In the archive already.
        damage: Why the recording could not be read to its end.
    """

    recorded: int = 0
    embedded: int = 0
    skips: SkipReport = field(default_factory=SkipReport)
    before: int = 0
    damage: SourceError | None = None

    @property
    def skipped(self) -> int:
        """How many could not be decoded or embedded."""
        return self.skips.count

    @property
    def good(self) -> int:
        """How many are in the archive now."""
        return self.recorded + self.embedded + self.before


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
            SourceError: The recording cannot be read, or not to its end, or has bad frames only.
            ArchiveError: The archive cannot be written.
        """
        key = SourceKey.of(path, source_files(path))
        # A name for the camera of a video asks for all of it.
        cameras = tuple(self._cameras or ()) if is_bag(path) else ()
        if self._writer.is_done(key, cameras):
            return None
        with self._open(path) as source:
            tally = Tally()
            self._writer.add_source(key)
            watched = with_progress(source, total=source.frame_count, label=label)
            frames = self._missing(_until_damage(watched, tally), key, tally)
            while batch := list(islice(frames, BATCH)):
                self._add_batch(key, batch, tally)
                self._save_now_and_then()
        if tally.damage is not None:
            self._writer.flush()
            raise tally.damage
        if tally.skipped and not tally.good:
            message = f"{path}: expected frames that can be embedded, got {tally.skipped} bad ones"
            raise SourceError(message)
        self._writer.finish_source(key, cameras)
        self._safe_s = self._clock_s()
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

    def _missing(
        self, frames: Iterable[RecordedEmbedding | SourceFrame], key: SourceKey, tally: Tally
    ) -> Iterator[NumberedFrame]:
        """Number frames, and leave out those that an earlier run has put into the archive.

        Numbers and not stamps tell frames apart: a camera's stamps may stand still or jump back.
        """
        numbers = Counter[str]()
        for frame in frames:
            number = numbers[frame.camera]
            numbers[frame.camera] += 1
            if self._writer.has_frame(key, frame.camera, number):
                tally.before += 1
            else:
                yield NumberedFrame(number, frame)

    def _add_batch(self, key: SourceKey, batch: Sequence[NumberedFrame], tally: Tally) -> None:
        """Embed what has no embedding, append all that has one then, and count."""
        pictures = [each.frame for each in batch if isinstance(each.frame, SourceFrame)]
        embeddings: dict[int, FloatArray] = {
            id(frame): embedding
            for frame, embedding in embed_recording(
                self._encoder, pictures, on_skip=tally.skips.report
            )
        }
        tally.embedded += len(embeddings)
        for each in batch:
            if isinstance(each.frame, RecordedEmbedding):
                tally.recorded += 1
                embeddings[id(each.frame)] = each.frame.embedding
        good = [each for each in batch if id(each.frame) in embeddings]
        for camera in dict.fromkeys(each.frame.camera for each in good):
            rows = [each for each in good if each.frame.camera == camera]
            self._writer.append(
                key,
                camera,
                [each.frame.stamp_ns for each in rows],
                np.stack([embeddings[id(each.frame)] for each in rows]),
                numbers=[each.number for each in rows],
            )


def _until_damage(
    frames: Iterable[RecordedEmbedding | SourceFrame], tally: Tally
) -> Iterator[RecordedEmbedding | SourceFrame]:
    """Pass frames through, and note it if the recording turns out to be damaged."""
    try:
        yield from frames
    except SourceError as err:
        tally.damage = err
