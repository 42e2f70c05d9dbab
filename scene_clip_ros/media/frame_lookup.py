"""Finds single frames of a recording again, by camera and stamp."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
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
            topics = _image_topics(reader, camera)
            for message, _ in _find_messages(reader, topics, stamps_ns):
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
        topics = _image_topics(reader, camera) + _embedding_topics(reader, camera)
        for message, stamp_ns in _find_messages(reader, topics, stamps_ns):
            times_ns[camera, stamp_ns] = message.time_ns
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


def _image_topics(reader: BagReader, camera: str) -> list[BagTopic]:
    """Return the image topic of a camera.

    The node that recorded an embedding may call the camera otherwise than its images are: where
    there is but one camera, it must be that.
    """
    for names in ([camera], None):
        try:
            chosen = list(choose_topics(reader.topics, names).values())
        except SourceError:
            continue
        return chosen if names or len(chosen) == 1 else []
    return []


def _embedding_topics(reader: BagReader, camera: str) -> list[BagTopic]:
    return [
        topic
        for topic in reader.topics
        if topic.msgtype == EMBEDDING_TYPE and embedding_camera(topic.name) == camera
    ]


def _find_messages(
    reader: BagReader, topics: Collection[BagTopic], stamps_ns: Collection[int]
) -> Iterator[tuple[BagMessage, int]]:
    """Find the first message of each stamp, and tell the stamp.

    Near its stamp first: recorders mostly have the cameras' clock. If one is not there, the whole
    recording is read for those that are left.
    """
    remaining = sorted(stamps_ns)
    while remaining:
        stamp_ns = remaining[0]
        start_ns, stop_ns = stamp_ns - _EARLY_NS, stamp_ns + _LATE_NS
        near = reader.messages(topics, start_ns=start_ns, stop_ns=stop_ns)
        found = next((m for m in near if _stamp_ns(reader, m) == stamp_ns), None)
        if found is None:
            break
        yield found, stamp_ns
        remaining.remove(stamp_ns)
    yield from _find_anywhere(reader, topics, set(remaining))


def _find_anywhere(
    reader: BagReader, topics: Collection[BagTopic], remaining: set[int]
) -> Iterator[tuple[BagMessage, int]]:
    """Find messages in a whole recording."""
    if not remaining:
        return
    for message in reader.messages(topics):
        stamp_ns = _stamp_ns(reader, message)
        if stamp_ns in remaining:
            remaining.remove(stamp_ns)
            yield message, stamp_ns
        if not remaining:
            return


def _stamp_ns(reader: BagReader, message: BagMessage) -> int:
    return header_stamp_ns(reader.deserialize(message))
