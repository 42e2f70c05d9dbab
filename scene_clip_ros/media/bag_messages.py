"""Messages for bags, built without ROS from the records of ``core``."""

from __future__ import annotations

from typing import Any

import numpy as np

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.odd_monitor import OddStatus
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import (
    AttributeState,
    FloatArray,
    FrameResult,
    HazardState,
    ImageArray,
)
from scene_clip_ros.media.bag_types import (
    CAMERA_INFO_TYPE,
    COMPRESSED_IMAGE_TYPE,
    IMAGE_TYPE,
    PACKAGE,
    STRING_TYPE,
    bag_typestore,
)

_ENCODINGS = {1: "mono8", 3: "rgb8"}


def build_message(msgtype: str, /, **fields: Any) -> Any:
    """Build a message of any type that bags know.

    Args:
        msgtype: Full name, e.g. ``std_msgs/msg/String``.
        fields: Every field of the type; arrays of numbers as numpy arrays.

    Raises:
        SourceError: The type is unknown.
    """
    types = bag_typestore().types
    if msgtype not in types:
        message = f"expected a message type of ROS 2 or {PACKAGE}, got {msgtype!r}"
        raise SourceError(message)
    return types[msgtype](**fields)


def time_message(time_ns: int) -> Any:
    """Return a ``builtin_interfaces/Time`` of nanoseconds."""
    sec, nanosec = divmod(time_ns, NS_PER_S)
    return build_message("builtin_interfaces/msg/Time", sec=sec, nanosec=nanosec)


def header_message(stamp_ns: int, frame_id: str) -> Any:
    """Return a ``std_msgs/Header``."""
    return build_message("std_msgs/msg/Header", stamp=time_message(stamp_ns), frame_id=frame_id)


def string_message(text: str) -> Any:
    """Return a ``std_msgs/String``."""
    return build_message(STRING_TYPE, data=text)


def image_message(pixels: ImageArray, *, stamp_ns: int, frame_id: str) -> Any:
    """Return a raw image without row padding.

    Args:
        pixels: ``(H, W, 3)`` RGB or ``(H, W)`` grey, uint8.
        stamp_ns: Time of capture, nanoseconds.
        frame_id: Optical frame of the camera.
    """
    height, width = pixels.shape[:2]
    channels = pixels.size // (height * width)
    return build_message(
        IMAGE_TYPE,
        header=header_message(stamp_ns, frame_id),
        height=height,
        width=width,
        encoding=_ENCODINGS[channels],
        is_bigendian=0,
        step=width * channels,
        data=np.ascontiguousarray(pixels).reshape(-1),
    )


def compressed_image_message(
    data: bytes,
    *,
    stamp_ns: int,
    frame_id: str,
    format: str = "jpeg",  # noqa: A002 - the field's name
) -> Any:
    """Return a compressed image of a whole JPEG or PNG file; ``format`` says which."""
    return build_message(
        COMPRESSED_IMAGE_TYPE,
        header=header_message(stamp_ns, frame_id),
        format=format,
        data=np.frombuffer(data, dtype=np.uint8),
    )


def camera_info_message(
    *,
    width: int,
    height: int,
    focal_px: float,
    centre_xy: tuple[float, float],
    stamp_ns: int,
    frame_id: str,
) -> Any:
    """Return the calibration of an ideal camera: square pixels, undistorted.

    Args:
        width: Pixels.
        height: Pixels.
        focal_px: Focal length, pixels.
        centre_xy: Principal point, pixels.
        stamp_ns: Time of capture, nanoseconds.
        frame_id: Optical frame of the camera.
    """
    centre_x, centre_y = centre_xy
    k = np.array([[focal_px, 0, centre_x], [0, focal_px, centre_y], [0, 0, 1]], np.float64)
    roi = build_message(
        "sensor_msgs/msg/RegionOfInterest",
        x_offset=0,
        y_offset=0,
        height=0,
        width=0,
        do_rectify=False,
    )
    return build_message(
        CAMERA_INFO_TYPE,
        header=header_message(stamp_ns, frame_id),
        height=height,
        width=width,
        distortion_model="plumb_bob",
        d=np.zeros(5, np.float64),
        k=k.reshape(-1),
        r=np.eye(3, dtype=np.float64).reshape(-1),
        p=np.hstack([k, np.zeros((3, 1))]).reshape(-1),
        binning_x=0,
        binning_y=0,
        roi=roi,
    )


def scene_labels_message(result: FrameResult, *, frame_id: str, model_id: str) -> Any:
    """Return a frame's labels and hazards as ``SceneLabels``."""
    return build_message(
        f"{PACKAGE}/msg/SceneLabels",
        header=header_message(result.stamp_ns, frame_id),
        attributes=[_attribute_message(state) for state in result.attributes],
        hazards=[_hazard_message(state) for state in result.hazards],
        model_id=model_id,
    )


def frame_embedding_message(
    embedding: FloatArray, *, stamp_ns: int, frame_id: str, model_id: str
) -> Any:
    """Return a ``(D,)`` float32 embedding as ``FrameEmbedding``."""
    return build_message(
        f"{PACKAGE}/msg/FrameEmbedding",
        header=header_message(stamp_ns, frame_id),
        model_id=model_id,
        embedding=np.ascontiguousarray(embedding, dtype=np.float32),
    )


def odd_status_message(status: OddStatus, *, stamp_ns: int, frame_id: str) -> Any:
    """Return what is held of all cameras as ``OddStatus``.

    Args:
        status: As it is held from a frame on.
        stamp_ns: Of that frame.
        frame_id: Optical frame of its camera.
    """
    return build_message(
        f"{PACKAGE}/msg/OddStatus",
        header=header_message(stamp_ns, frame_id),
        level=int(status.level),
        reasons=list(status.reasons),
        since=time_message(status.since_ns),
    )


def _attribute_message(state: AttributeState) -> Any:
    """Return the state of an attribute as ``AttributeLabel``."""
    scores = [
        build_message(
            f"{PACKAGE}/msg/LabelScore",
            label=score.label,
            probability=score.probability,
            cosine=score.cosine,
        )
        for score in state.scores
    ]
    return build_message(
        f"{PACKAGE}/msg/AttributeLabel",
        name=state.name,
        label=state.label,
        probability=state.probability,
        cosine=state.cosine,
        since=time_message(state.since_ns),
        scores=scores,
    )


def _hazard_message(state: HazardState) -> Any:
    """Return the state of a hazard as ``Hazard``."""
    return build_message(
        f"{PACKAGE}/msg/Hazard",
        name=state.name,
        active=state.active,
        probability=state.probability,
        cosine=state.cosine,
        since=time_message(state.since_ns),
    )
