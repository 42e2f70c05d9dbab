"""A recording as something to search: recorded embeddings where there are any, else images."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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


class SearchableBag:
    """Iterates over the frames of a recording, each once.

    A frame of which the right model's embedding was recorded is a `RecordedEmbedding`, any other
    one a `SourceFrame`. Images of a camera whose frames were all recorded with their embeddings
    are not even read.
    """

    def __init__(
        self, path: Path | str, *, model_id: str, dim: int, cameras: Sequence[str] | None = None
    ) -> None:
        """Open a recording and see which embeddings it holds.

        Args:
            path: See ``BagReader``.
            model_id: The model whose embeddings count.
            dim: Length D of its embeddings.
            cameras: Names of cameras, or full names of image topics; ``None`` for all cameras.

        Raises:
            SourceError: The recording cannot be read, lacks a camera, or holds neither images nor
                embeddings of this model; names the file.
        """
        self._reader = BagReader(path)
        self._model_id = model_id
        self._dim = dim
        try:
            self._recorded = _embedding_topics(self._reader.topics, cameras)
            self._known = self._scan()
            images = self._choose_images(cameras)
        except BaseException:
            self._reader.close()
            raise
        self._images = {
            camera: topic
            for camera, topic in images.items()
            if topic.message_count > len(self._known.get(camera, ()))
        }
        self._known_by_frame_id = {
            (frame_id, stamp_ns)
            for camera, frames in self._known.items()
            if camera not in images
            for stamp_ns, frame_id in frames.items()
            if frame_id
        }

    @property
    def frame_count(self) -> int:
        """Frames to come, as far as the recording tells without reading its images."""
        recorded = sum(len(frames) for frames in self._known.values())
        images = (
            topic.message_count - len(self._known.get(camera, ()))
            for camera, topic in self._images.items()
        )
        return recorded + sum(images)

    def __iter__(self) -> Iterator[RecordedEmbedding | SourceFrame]:
        """Yield the frames in the order in which embeddings and images were received."""
        waiting = {camera: set(frames) for camera, frames in self._known.items()}
        cameras = {id(topic): camera for camera, topic in self._images.items()}
        for message in self._reader.messages([*self._recorded, *self._images.values()]):
            camera = cameras.get(id(message.topic))
            if camera is not None:
                frame = read_frame(self._reader, message, camera=camera)
                if not self._is_known(frame):
                    yield frame
            else:
                recorded = self._read(message)
                if recorded and recorded.stamp_ns in waiting[recorded.camera]:
                    waiting[recorded.camera].remove(recorded.stamp_ns)
                    yield recorded

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

    def _scan(self) -> Mapping[str, Mapping[int, str]]:
        """Return the frame id of every frame with an embedding that counts, by camera and stamp."""
        known: dict[str, dict[int, str]] = defaultdict(dict)
        for message in self._reader.messages(self._recorded):
            recorded = self._read(message)
            if recorded is not None:
                known[recorded.camera][recorded.stamp_ns] = recorded.frame_id
        return dict(known)

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
            SourceError: A camera has neither images nor embeddings that count.
        """
        chosen: dict[str, BagTopic] = {}
        for names in [None] if cameras is None else [[name] for name in cameras]:
            try:
                chosen |= choose_topics(self._reader.topics, names)
            except SourceError as err:
                known = self._known if names is None else camera_name(names[0]) in self._known
                if not known:
                    message = f"{self._reader.path}: {err}{self._describe_others()}"
                    raise SourceError(message) from err
        return chosen

    def _describe_others(self) -> str:
        """Say which model's embeddings there are, if they do not count."""
        first = next(self._reader.messages(self._recorded), None)
        if first is None:
            return ""
        return (
            f"; expected embeddings of the model {self._model_id}, "
            f"got those of {self._reader.deserialize(first).model_id}"
        )

    def _is_known(self, frame: SourceFrame) -> bool:
        """Tell whether the embedding of an image was recorded.

        A camera may have been recorded under another name than its images: then both carry the
        same header.
        """
        known = self._known.get(frame.camera)
        if known is not None:
            return frame.stamp_ns in known
        return (frame.frame_id, frame.stamp_ns) in self._known_by_frame_id


def _embedding_topics(topics: Sequence[BagTopic], cameras: Sequence[str] | None) -> list[BagTopic]:
    """Return the topics of embeddings of some cameras, or of all."""
    names = None if cameras is None else {camera_name(camera) for camera in cameras}
    return [
        topic
        for topic in topics
        if topic.msgtype == EMBEDDING_TYPE
        and (names is None or embedding_camera(topic.name) in names)
    ]
