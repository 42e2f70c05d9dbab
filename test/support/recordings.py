"""Small recordings for tests."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.media.bag_messages import (
    compressed_image_message,
    frame_embedding_message,
    image_message,
    string_message,
)
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.compressed import encode_png


def plain(level: int, *, width: int = 16, height: int = 12) -> ImageArray:
    """Build a picture of one colour that ``level`` determines."""
    return np.full((height, width, 3), (level, 255 - level, level // 2), np.uint8)


def write_drive(path: Path, *, frames: int = 4, storage: str | None = None) -> None:
    """Write a bag of two cameras, one raw and one PNG, with ground truth for the first."""
    with BagWriter(path, storage=storage) as writer:
        for index in range(frames):
            stamp_ns = 10**18 + index * 10**8
            front = image_message(plain(index), stamp_ns=stamp_ns, frame_id="front_optical")
            writer.write("front/image", front, time_ns=stamp_ns + 5)
            rear = compressed_image_message(
                encode_png(plain(100 + index)),
                stamp_ns=stamp_ns + 1,
                frame_id="rear_optical",
                format="png",
            )
            writer.write("rear/image/compressed", rear, time_ns=stamp_ns + 6)
            truth = string_message(f'{{"camera": "front", "stamp_ns": {stamp_ns}}}')
            writer.write("front/ground_truth", truth, time_ns=stamp_ns + 5)


def axis(index: int, *, dim: int = 32) -> FloatArray:
    """Return a unit vector along an axis."""
    vector = np.zeros(dim, np.float32)
    vector[index % dim] = 1.0
    return vector


def write_embedding(
    writer: BagWriter,
    camera: str,
    stamp_ns: int,
    embedding: FloatArray,
    *,
    model_id: str = "fake-32",
    frame_id: str = "",
    late_ns: int = 0,
) -> None:
    """Write what a model says of a frame, received some time after its stamp."""
    message = frame_embedding_message(
        embedding, stamp_ns=stamp_ns, frame_id=frame_id, model_id=model_id
    )
    writer.write(f"{camera}/scene_clip/embedding", message, time_ns=stamp_ns + late_ns)


def write_picture(
    writer: BagWriter, camera: str, stamp_ns: int, rgb: ImageArray, *, frame_id: str = ""
) -> None:
    """Write a raw picture, received at its stamp."""
    message = image_message(rgb, stamp_ns=stamp_ns, frame_id=frame_id)
    writer.write(f"{camera}/image", message, time_ns=stamp_ns)


def write_video(path: Path, *, frames: int, rate_hz: float, codec: str = "MJPG") -> None:
    """Write a video whose pictures brighten from 0 to 250, again and again."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), rate_hz, (64, 48))
    for index in range(frames):
        writer.write(np.full((48, 64, 3), 10 * (index % 26), np.uint8))
    writer.release()
