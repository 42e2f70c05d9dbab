"""Finds single frames of a recording again, by camera and stamp."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_cameras import choose_topics
from scene_clip_ros.media.bag_source import header_stamp_ns, read_frame
from scene_clip_ros.media.bag_types import EMBEDDING_TYPE
from scene_clip_ros.media.bags import BagMessage, BagReader, BagTopic, is_bag
from scene_clip_ros.media.frame_source import SourceFrame
from scene_clip_ros.media.searchable_bag import embedding_camera
from scene_clip_ros.media.sources import open_source

FrameKey = tuple[str, int]
"""Camera, and stamp in nanoseconds."""

_EARLY_NS, _LATE_NS = 250_000_000, 5_000_000_000
"""How much earlier and later than its stamp a message is looked for first."""


def find_frames(path: Path, wanted: Collection[FrameKey]) -> Iterator[SourceFrame]:
    """Find frames of a bag, video or folder.

    Args:
        path: The recording.
        wanted: Cameras and stamps.

    Yields:
        Frames in any order. Those whose pictures are not there, e.g. because only embeddings
        were recorded, are missing.

    Raises:
        SourceError: The recording cannot be read.
    """
    if not is_bag(path):
        yield from _find_in_pictures(path, wanted)
        return
    with BagReader(path) as reader:
        for camera, stamps_ns in _by_camera(wanted).items():
            for message, _ in _find_images(reader, camera, stamps_ns):
                yield read_frame(reader, message, camera=camera)


def find_times(reader: BagReader, wanted: Collection[FrameKey]) -> dict[FrameKey, int]:
    """Find when frames of a bag were received: their images, or else their embeddings.

    Args:
        reader: The recording.
        wanted: Cameras and stamps.

    Returns:
        Times in nanoseconds; frames of which nothing was recorded are missing.

    Raises:
        SourceError: The recording turns out to be damaged.
    """
    times_ns: dict[FrameKey, int] = {}
    for camera, stamps_ns in _by_camera(wanted).items():
        topics = _image_topics(reader, camera)
        found = _find_messages(reader, topics + _embedding_topics(reader, camera), stamps_ns)
        times_ns |= {(camera, stamp_ns): message.time_ns for message, stamp_ns in found}
        if not topics:
            found = _find_images(reader, camera, stamps_ns)
            times_ns |= {(camera, stamp_ns): message.time_ns for message, stamp_ns in found}
    return times_ns


def _by_camera(wanted: Collection[FrameKey]) -> dict[str, set[int]]:
    stamps_ns: dict[str, set[int]] = defaultdict(set)
    for camera, stamp_ns in wanted:
        stamps_ns[camera].add(stamp_ns)
    return stamps_ns


def _find_in_pictures(path: Path, wanted: Collection[FrameKey]) -> Iterator[SourceFrame]:
    """Find frames of a video or folder, whose only camera may bear any name."""
    for camera, stamps_ns in _by_camera(wanted).items():
        remaining = set(stamps_ns)
        with open_source(path, cameras=[camera]) as source:
            for frame in source:
                if frame.stamp_ns in remaining:
                    remaining.remove(frame.stamp_ns)
                    yield frame
                if not remaining:
                    break


def _find_images(
    reader: BagReader, camera: str, stamps_ns: Collection[int]
) -> Iterator[tuple[BagMessage, int]]:
    """Find the images of a camera, and tell their stamps.

    The node that recorded an embedding may call the camera otherwise than its images are: then
    both carry the same header, and no embeddings bear the name of the images.
    """
    if topics := _image_topics(reader, camera):
        yield from _find_messages(reader, topics, stamps_ns)
        return
    embeddings = _find_messages(reader, _embedding_topics(reader, camera), stamps_ns)
    frame_ids = {stamp_ns: _frame_id(reader, message) for message, stamp_ns in embeddings}
    named = {stamp_ns: frame_id for stamp_ns, frame_id in frame_ids.items() if frame_id}
    yield from _find_messages(reader, _nameless_topics(reader), named, frame_ids=named)


def _image_topics(reader: BagReader, camera: str) -> list[BagTopic]:
    """Return the image topic of a camera, if there is one."""
    try:
        return list(choose_topics(reader.topics, [camera]).values())
    except SourceError:
        return []


def _nameless_topics(reader: BagReader) -> list[BagTopic]:
    """Return the image topics of cameras after which no embeddings are called."""
    try:
        chosen = choose_topics(reader.topics, None)
    except SourceError:
        return []
    return [topic for camera, topic in chosen.items() if not _embedding_topics(reader, camera)]


def _embedding_topics(reader: BagReader, camera: str) -> list[BagTopic]:
    return [
        topic
        for topic in reader.topics
        if topic.msgtype == EMBEDDING_TYPE and embedding_camera(topic.name) == camera
    ]


def _find_messages(
    reader: BagReader,
    topics: Collection[BagTopic],
    stamps_ns: Collection[int],
    *,
    frame_ids: Mapping[int, str] | None = None,
) -> Iterator[tuple[BagMessage, int]]:
    """Find the first message of each stamp, and tell the stamp.

    Near its stamp first: recorders mostly have the cameras' clock. If one is not there, the whole
    recording is read for those that are left.

    Args:
        reader: The recording.
        topics: Where to look.
        stamps_ns: Of the messages.
        frame_ids: Of the messages, by stamp; ``None`` for any.
    """
    remaining = sorted(stamps_ns)
    while remaining:
        near_ns = remaining[0]
        near = reader.messages(topics, start_ns=near_ns - _EARLY_NS, stop_ns=near_ns + _LATE_NS)
        found = next(_matching(reader, near, {near_ns}, frame_ids), None)
        if found is None:
            break
        yield found
        remaining.remove(near_ns)
    if remaining:
        yield from _matching(reader, reader.messages(topics), set(remaining), frame_ids)


def _matching(
    reader: BagReader,
    messages: Iterator[BagMessage],
    remaining: set[int],
    frame_ids: Mapping[int, str] | None,
) -> Iterator[tuple[BagMessage, int]]:
    """Pick the first message of each stamp that is left, and stop reading at the last."""
    for message in messages:
        said = reader.deserialize(message)
        stamp_ns = header_stamp_ns(said)
        is_wanted = frame_ids is None or said.header.frame_id == frame_ids.get(stamp_ns)
        if stamp_ns in remaining and is_wanted:
            remaining.remove(stamp_ns)
            yield message, stamp_ns
        if not remaining:
            return


def _frame_id(reader: BagReader, message: BagMessage) -> str:
    frame_id: str = reader.deserialize(message).header.frame_id
    return frame_id
