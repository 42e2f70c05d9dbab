"""Which names cameras may have, and what their topics carry."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scene_clip_ros.core.errors import ParameterError

_CAMERA_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)*")


def is_camera_name(name: str) -> bool:
    """Whether a name can be the beginning of a topic."""
    return _CAMERA_NAME.fullmatch(name) is not None


def is_compressed(topic: str) -> bool:
    """Whether a topic carries CompressedImage, by the naming of image_transport."""
    return topic.endswith("/compressed")


def camera_info_beside(topic: str) -> str:
    """Return where a driver publishes the calibration of the camera with an image topic."""
    *namespace, _ = topic.removesuffix("/compressed").split("/")
    return "/".join([*namespace, "camera_info"])


def check_cameras(names: Sequence[str]) -> None:
    """Refuse names of cameras that cannot be told apart or be part of a topic.

    Raises:
        ParameterError: There is none, one cannot be part of a topic, or one occurs twice.
    """
    if not names:
        message = "parameter cameras: expected at least one camera, got none"
        raise ParameterError(message)
    for name in names:
        if not is_camera_name(name):
            message = (
                "parameter cameras: expected names of letters, digits and underscores that "
                f"start with a letter, got {name!r}"
            )
            raise ParameterError(message)
    if len(set(names)) != len(names):
        message = f"parameter cameras: expected different names, got {list(names)}"
        raise ParameterError(message)


def check_one_each(parameter: str, topics: Sequence[str], *, cameras: Sequence[str]) -> None:
    """Refuse a list of topics that is neither empty nor as long as that of the cameras.

    Args:
        parameter: Name of the parameter, for the message.
        topics: Its value.
        cameras: Names of the cameras.

    Raises:
        ParameterError: The numbers differ.
    """
    if topics and len(topics) != len(cameras):
        message = (
            f"parameter {parameter}: expected one topic for each of the {len(cameras)} cameras, "
            f"got {len(topics)}"
        )
        raise ParameterError(message)


def image_topics(
    cameras: Sequence[str], camera_topics: Sequence[str], *, transport: str
) -> tuple[str, ...]:
    """Return the topic with the pictures of each camera.

    Args:
        cameras: Names of the cameras.
        camera_topics: The topics in the same order; empty for those named as the cameras are.
        transport: ``compressed`` if image_transport adds ``/compressed`` to the topics.
    """
    bases = tuple(camera_topics) or tuple(f"{name}/image" for name in cameras)
    if transport == "raw":
        return bases
    return tuple(base if is_compressed(base) else f"{base}/compressed" for base in bases)
