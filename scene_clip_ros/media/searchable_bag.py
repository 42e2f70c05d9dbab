"""A recording as something to search: recorded embeddings where there are any, else images."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

import numpy as np

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.media.bag_cameras import camera_name, choose_topics
from scene_clip_ros.media.bag_source import header_stamp_ns, read_frame
from scene_clip_ros.media.bag_types import EMBEDDING_TYPE
from scene_clip_ros.media.bags import BagMessage, BagReader, BagTopic
from scene_clip_ros.media.frame_source import SourceFrame

_EMBEDDING_ENDING = re.compile(r"(/|^)(scene_clip/)?embedding$")

_LENGTH_TOLERANCE = 0.01
"""How far the length of a recorded unit vector may be from 1."""


@dataclass(frozen=True, slots=True)
class RecordedEmbedding:
    """What was recorded of one frame.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Stamp of the frame, nanoseconds.
        frame_id: Optical frame of the camera.
        embedding: ``(D,)`` float32, unit length.
    """

    camera: str
    stamp_ns: int
    frame_id: str
    embedding: FloatArray


def embedding_camera(topic: str) -> str:
    """Return the camera of a topic of embeddings: ``front`` of ``/front/scene_clip/embedding``."""
    name = topic.strip("/")
    return _EMBEDDING_ENDING.sub("", name) or name


@dataclass(frozen=True, slots=True)
class _Recorded:
    """Which embeddings that count a recording holds.

    Attributes:
        frames: Frame id by stamp, by camera.
        headers: Frame ids, none empty, and stamps of cameras that have no images of that name.
        damage: Why the recording could not be read to its end; ``None`` if it could.
    """

    frames: Mapping[str, Mapping[int, str]]
    headers: frozenset[tuple[str, int]]
    damage: SourceError | None


class SearchableBag:
    """Iterates over the frames of a recording, each once.

    A frame of which the right model's embedding was recorded is a `RecordedEmbedding`, any other
    one a `SourceFrame`. Of an image whose embedding was recorded only the header is read.

    Opening reads the list of topics and nothing else. The embeddings are read when somebody asks
    for the frames or for their number.
    """

    def __init__(
        self, path: Path | str, *, model_id: str, dim: int, cameras: Sequence[str] | None = None
    ) -> None:
        """Open a recording and choose its topics.

        Args:
            path: See ``BagReader``.
            model_id: The model whose embeddings count.
            dim: Length D of its embeddings.
            cameras: Names of cameras, or full names of image topics; ``None`` for all cameras.

        Raises:
            SourceError: The recording cannot be read, lacks a camera, or has neither images nor
                embeddings; names the file.
        """
        self._reader = BagReader(path)
        self._model_id = model_id
        self._dim = dim
        try:
            self._embeddings = _embedding_topics(self._reader.topics, cameras)
            self._images = self._choose_images(cameras)
        except BaseException:
            self._reader.close()
            raise
        wanted = map(camera_name, cameras or ())
        self._only_embedded = frozenset(wanted).difference(self._images)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras that frames may come of, sorted, by the list of topics."""
        embedded = {embedding_camera(topic.name) for topic in self._embeddings}
        return tuple(sorted(embedded.union(self._images)))

    @property
    def frame_count(self) -> int:
        """About how many frames will come: what the recording tells without reading its images.

        Exact if every frame has its image, under the same name.

        Raises:
            SourceError: See iteration.
        """
        frames = self._recorded.frames
        counts = {camera: topic.message_count for camera, topic in self._images.items()}
        return sum(
            max(len(frames.get(camera, ())), counts.get(camera, 0)) for camera in {*frames, *counts}
        )

    def __iter__(self) -> Iterator[RecordedEmbedding | SourceFrame]:
        """Yield the frames in the order in which embeddings and images were received.

        Raises:
            SourceError: A camera has neither images nor embeddings of this model; or the recording
                turns out to be damaged, after the frames before the damage.
        """
        recorded = self._recorded
        waiting = {camera: set(frames) for camera, frames in recorded.frames.items()}
        cameras = {id(topic): camera for camera, topic in self._images.items()}
        for message in self._reader.messages([*self._embeddings, *self._images.values()]):
            camera = cameras.get(id(message.topic))
            if camera is not None:
                frame = read_frame(self._reader, message, camera=camera)
                if not _is_known(frame, recorded):
                    yield frame
            else:
                embedding = self._read(message)
                if embedding and embedding.stamp_ns in waiting.get(embedding.camera, ()):
                    waiting[embedding.camera].remove(embedding.stamp_ns)
                    yield embedding
        if recorded.damage is not None:
            raise recorded.damage

    def close(self) -> None:
        """Close the recording; may be called again."""
        self._reader.close()

    def __enter__(self) -> SearchableBag:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @cached_property
    def _recorded(self) -> _Recorded:
        """The embeddings, up to the end of the recording or its damage.

        Raises:
            SourceError: A camera has neither images nor embeddings that count.
        """
        known: dict[str, dict[int, str]] = defaultdict(dict)
        damage = None
        try:
            for message in self._reader.messages(self._embeddings):
                recorded = self._read(message)
                if recorded is not None:
                    known[recorded.camera][recorded.stamp_ns] = recorded.frame_id
        except SourceError as err:
            damage = err
        if damage is None:
            self._require_frames(known)
        headers = frozenset(
            (frame_id, stamp_ns)
            for camera in known.keys() - self._images.keys()
            for stamp_ns, frame_id in known[camera].items()
            if frame_id
        )
        return _Recorded(dict(known), headers, damage)

    def _require_frames(self, known: Collection[str]) -> None:
        """Refuse a recording without frames of a camera that was asked for, or of any.

        Raises:
            SourceError: Says whose embeddings there are instead.
        """
        missing = self._only_embedded.difference(known)
        if not missing and (known or self._images):
            return
        first = next(self._reader.messages(self._embeddings), None)
        got = "none" if first is None else f"those of {self._reader.deserialize(first).model_id}"
        cameras = f" of {', '.join(sorted(missing))}" if missing else ""
        message = (
            f"{self._reader.path}: expected images{cameras}, or embeddings of the model "
            f"{self._model_id}, got {got}"
        )
        raise SourceError(message)

    def _read(self, message: BagMessage) -> RecordedEmbedding | None:
        """Read an embedding; ``None`` if it is no unit vector of the right model."""
        said = self._reader.deserialize(message)
        if said.model_id != self._model_id or said.embedding.shape != (self._dim,):
            return None
        if not abs(float(np.linalg.norm(said.embedding)) - 1.0) <= _LENGTH_TOLERANCE:
            return None
        return RecordedEmbedding(
            camera=embedding_camera(message.topic.name),
            stamp_ns=header_stamp_ns(said),
            frame_id=said.header.frame_id,
            embedding=said.embedding,
        )

    def _choose_images(self, cameras: Sequence[str] | None) -> dict[str, BagTopic]:
        """Choose one image topic for each camera that has any.

        Raises:
            SourceError: A camera has neither images nor embeddings.
        """
        embedded = {embedding_camera(topic.name) for topic in self._embeddings}
        chosen: dict[str, BagTopic] = {}
        for names in [None] if cameras is None else [[name] for name in cameras]:
            try:
                chosen |= choose_topics(self._reader.topics, names)
            except SourceError as err:
                if not (embedded if names is None else camera_name(names[0]) in embedded):
                    message = f"{self._reader.path}: {err}"
                    raise SourceError(message) from err
        return chosen


def _is_known(frame: SourceFrame, recorded: _Recorded) -> bool:
    """Tell whether the embedding of an image was recorded.

    A camera may have been recorded under another name than its images: then both carry the same
    header.
    """
    known = recorded.frames.get(frame.camera)
    if known is not None:
        return frame.stamp_ns in known
    return (frame.frame_id, frame.stamp_ns) in recorded.headers


def _embedding_topics(topics: Sequence[BagTopic], cameras: Sequence[str] | None) -> list[BagTopic]:
    """Return the topics of embeddings of some cameras, or of all."""
    names = None if cameras is None else {camera_name(camera) for camera in cameras}
    return [
        topic
        for topic in topics
        if topic.msgtype == EMBEDDING_TYPE
        and (names is None or embedding_camera(topic.name) in names)
    ]
