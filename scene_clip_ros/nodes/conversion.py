"""Between the messages of pictures and labels and the records of ``core``: no decisions."""

from __future__ import annotations

import array
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from scene_clip_ros.core import types
from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import (
    AttributeState,
    FloatArray,
    FrameResult,
    HazardState,
    ImageArray,
)
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.media.encodings import decode_raw
from scene_clip_ros.msg import AttributeLabel, FrameEmbedding, Hazard, LabelScore, SceneLabels
from scene_clip_ros.nodes.stamps import stamp_ns, time_message


def decode_image(message: Image) -> ImageArray:
    """Return the picture of an Image message.

    Returns:
        ``(H, W, 3)`` uint8 RGB.

    Raises:
        ImageError: The encoding is unknown, or size, step and data do not fit together.
    """
    return decode_raw(
        np.frombuffer(message.data, dtype=np.uint8),
        encoding=message.encoding,
        width=message.width,
        height=message.height,
        step=message.step,
        is_bigendian=bool(message.is_bigendian),
    )


def decode_compressed_image(message: CompressedImage, *, min_side: int | None = None) -> ImageArray:
    """Return the picture of a CompressedImage message.

    Args:
        message: As received.
        min_side: Shortest side that is good enough, see `decode_compressed`; None: in full.

    Returns:
        ``(H, W, 3)`` uint8 RGB.

    Raises:
        ImageError: The data is not a whole JPEG or PNG picture.
    """
    data = np.frombuffer(message.data, dtype=np.uint8)
    return decode_compressed(data, format=message.format, min_side=min_side)


def image_message(rgb: ImageArray, header: Header) -> Image:
    """Return an rgb8 message of a ``(H, W, 3)`` uint8 picture; copies the pixels once."""
    height, width, _ = rgb.shape
    message = Image(header=header, height=height, width=width, encoding="rgb8", step=3 * width)
    message.data = _filled("B", rgb)
    return message


def jpeg_message(rgb: ImageArray, header: Header, *, quality: int) -> CompressedImage:
    """Return a JPEG message of a ``(H, W, 3)`` uint8 picture.

    Args:
        rgb: The picture.
        header: Used as it is.
        quality: From 1 to 100.

    Raises:
        ImageError: The picture cannot be encoded, e.g. is larger than JPEG allows.
    """
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not encoded:
        message = f"expected a picture that JPEG can hold, got shape {rgb.shape}"
        raise ImageError(message)
    return CompressedImage(
        header=header, format="rgb8; jpeg compressed bgr8", data=_filled("B", data)
    )


def labels_message(result: FrameResult, header: Header, *, model_id: str) -> SceneLabels:
    """Return what is held of a frame, under the header of its image."""
    return SceneLabels(
        header=header,
        attributes=[_attribute_message(state) for state in result.attributes],
        hazards=[_hazard_message(state) for state in result.hazards],
        model_id=model_id,
    )


def result_from_message(message: SceneLabels, *, camera: str) -> FrameResult:
    """Return what a message says, without an embedding."""
    return FrameResult(
        camera=camera,
        stamp_ns=stamp_ns(message.header.stamp),
        embedding=np.empty(0, np.float32),
        attributes=tuple(_attribute_state(attribute) for attribute in message.attributes),
        hazards=tuple(_hazard_state(hazard) for hazard in message.hazards),
    )


def embedding_message(embedding: FloatArray, header: Header, *, model_id: str) -> FrameEmbedding:
    """Return a ``(D,)`` float32 embedding, under the header of its image."""
    return FrameEmbedding(header=header, model_id=model_id, embedding=_filled("f", embedding))


def _filled(typecode: str, values: npt.NDArray[Any]) -> array.array[Any]:
    """Copy an array at once; rclpy takes the result without looking at every element."""
    filled = array.array(typecode)
    filled.frombytes(np.ascontiguousarray(values).view(np.uint8).data)
    return filled


def _attribute_message(state: AttributeState) -> AttributeLabel:
    return AttributeLabel(
        name=state.name,
        label=state.label,
        probability=state.probability,
        cosine=state.cosine,
        since=time_message(state.since_ns),
        scores=[_score_message(score) for score in state.scores],
    )


def _score_message(score: types.LabelScore) -> LabelScore:
    return LabelScore(label=score.label, probability=score.probability, cosine=score.cosine)


def _hazard_message(state: HazardState) -> Hazard:
    return Hazard(
        name=state.name,
        active=state.active,
        probability=state.probability,
        cosine=state.cosine,
        since=time_message(state.since_ns),
    )


def _attribute_state(message: AttributeLabel) -> AttributeState:
    scores = (types.LabelScore(s.label, s.probability, s.cosine) for s in message.scores)
    return AttributeState(
        name=message.name,
        label=message.label,
        probability=message.probability,
        cosine=message.cosine,
        since_ns=stamp_ns(message.since),
        scores=tuple(scores),
    )


def _hazard_state(message: Hazard) -> HazardState:
    return HazardState(
        name=message.name,
        active=message.active,
        probability=message.probability,
        cosine=message.cosine,
        since_ns=stamp_ns(message.since),
    )
