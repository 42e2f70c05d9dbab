"""Which topics of a recording are cameras, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.bag_types import COMPRESSED_IMAGE_TYPE, IMAGE_TYPE
from scene_clip_ros.media.bags import BagTopic

_IMAGE_ENDING = re.compile(r"(/|^)image(_\w+)?$")

_NOT_CAMERAS = {"scene_clip", "ground_truth", "compressedDepth"}
"""Parts of the names of image topics that are results or depth, not cameras."""


def camera_name(topic: str) -> str:
    """Return the camera of an image topic.

    ``/front/image``, ``/front/image_raw`` and ``/front/image_rect_color/compressed`` are all
    ``front``; ``/image_raw``, which has nothing else in its name, is ``image_raw``.
    """
    name = topic.strip("/").removesuffix("/compressed")
    return _IMAGE_ENDING.sub("", name) or name


def choose_topics(
    topics: Sequence[BagTopic], cameras: Sequence[str] | None
) -> Mapping[str, BagTopic]:
    """Choose one image topic per camera.

    Where one camera has several that are not empty, a raw one goes before a compressed one,
    more messages before fewer, and then the first by name. This package's own results, ground
    truth and depth are no cameras unless they are asked for.

    Args:
        topics: All topics of the recording.
        cameras: Names of cameras, or full topic names where the choice matters; ``None`` for
            every camera there is.

    Returns:
        Topic by name of the camera, in the order of ``cameras``, else sorted.

    Raises:
        SourceError: There is no camera, or not the one asked for.
    """
    images = sorted(filter(_is_image, topics), key=_preference)
    if cameras is None:
        usual = [topic for topic in images if _NOT_CAMERAS.isdisjoint(topic.name.split("/"))]
        chosen = {camera_name(topic.name): topic for topic in reversed(usual)}
        if not chosen:
            names = ", ".join(sorted(topic.name for topic in topics)) or "none at all"
            message = f"expected topics with images, got {names}"
            raise SourceError(message)
        return dict(sorted(chosen.items()))
    return {camera_name(name): _find_topic(images, name) for name in cameras}


def _find_topic(images: Sequence[BagTopic], wanted: str) -> BagTopic:
    """Return the best topic of a camera, or the topic of that name.

    Raises:
        SourceError: There is none.
    """
    plain = wanted.strip("/")
    for topic in images:
        if topic.name.strip("/") == plain:
            return topic
    for topic in images:
        if camera_name(topic.name) == plain:
            return topic
    names = ", ".join(sorted(topic.name for topic in images)) or "none"
    message = f"expected a camera or image topic of: {names}; got {wanted!r}"
    raise SourceError(message)


def _is_image(topic: BagTopic) -> bool:
    """Tell whether a topic carries images."""
    return topic.msgtype in (IMAGE_TYPE, COMPRESSED_IMAGE_TYPE)


def _preference(topic: BagTopic) -> tuple[bool, bool, int, str]:
    """Return a key that sorts the better of two topics of a camera first."""
    count = topic.message_count
    return count == 0, topic.msgtype != IMAGE_TYPE, -count, topic.name
