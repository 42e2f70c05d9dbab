"""Writes rendered drives as bags, videos or folders, each with its ground truth.

The truth has no stamps of its own: it carries those that the recording is read back with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from scene_clip_ros.core.errors import SimulationError, SourceError
from scene_clip_ros.media.aside import Aside
from scene_clip_ros.media.bag_messages import (
    camera_info_message,
    compressed_image_message,
    image_message,
    string_message,
)
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import STORAGE_SUFFIXES
from scene_clip_ros.media.compressed import encode_jpeg, encode_png
from scene_clip_ros.media.folders import stamp_file_name
from scene_clip_ros.media.frame_source import optical_frame
from scene_clip_ros.media.truth import TRUTH_TOPIC, TruthWriter, truth_file
from scene_clip_ros.media.video import VIDEO_CODECS, VideoWriter, steady_stamp_ns
from scene_clip_ros.sim.truth import RenderedFrame

Encoding = Literal["jpeg", "raw"]

MASK_TOPIC = "ground_truth/mask/compressed"
"""Last part of the topic of pixel masks: PNG, values of ``semantics.SemanticClass``."""


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """How a drive is written.

    Attributes:
        camera: Name of the camera; prefix of a bag's topics.
        rate_hz: Frames per second of the drive, > 0.
        focal_px: Focal length of the camera, pixels.
        centre_xy: Its principal point, pixels.
        encoding: Pictures of a bag: ``jpeg`` (CompressedImage) or ``raw`` (Image).
        jpeg_quality: In [1, 100].
        masks: Whether bags and folders get the pixel masks too.
    """

    camera: str
    rate_hz: float
    focal_px: float
    centre_xy: tuple[float, float]
    encoding: Encoding = "jpeg"
    jpeg_quality: int = 90
    masks: bool = False

    def __post_init__(self) -> None:
        """Refuse qualities that JPEG does not know.

        Raises:
            SimulationError: The quality is out of range.
        """
        if not 1 <= self.jpeg_quality <= 100:
            message = f"expected a JPEG quality within 1..100, got {self.jpeg_quality}"
            raise SimulationError(message)


def export_drive(frames: Iterable[RenderedFrame], path: Path, *, settings: ExportSettings) -> int:
    """Write a drive; it appears under its name when it is whole.

    Args:
        frames: In time order.
        path: ``NAME.mcap`` or ``NAME.db3`` for a bag and a video's ending for a video, both
            replaced if they exist; a new or empty folder for pictures.
        settings: How to write it.

    Returns:
        Number of frames written.

    Raises:
        SimulationError: The name tells no format, or the folder is not empty.
        SourceError: It cannot be written.
    """
    return _exporter(path)(frames, path, settings)


def _exporter(path: Path) -> Callable[[Iterable[RenderedFrame], Path, ExportSettings], int]:
    """Choose the format by the name."""
    suffix = path.suffix.lower()
    if suffix in STORAGE_SUFFIXES:
        return _write_bag
    if suffix in VIDEO_CODECS:
        return _write_video
    if suffix == "" or path.is_dir():
        return _write_folder
    endings = ", ".join(sorted({*STORAGE_SUFFIXES, *VIDEO_CODECS}))
    message = f"{path}: expected a folder or a name that ends in {endings}, got {suffix!r}"
    raise SimulationError(message)


def _write_bag(frames: Iterable[RenderedFrame], path: Path, settings: ExportSettings) -> int:
    """Write pictures, calibration and truth as topics of the camera."""
    count = 0
    with BagWriter(path, overwrite=True) as writer:
        for frame in frames:
            for topic, message in _bag_messages(frame, settings):
                name = f"{settings.camera}/{topic}"
                writer.write(name, message, time_ns=frame.stamp_ns)
            count += 1
    return count


def _bag_messages(frame: RenderedFrame, settings: ExportSettings) -> Iterable[tuple[str, Any]]:
    """Yield the topics and messages of a frame."""
    stamp_ns, frame_id = frame.stamp_ns, optical_frame(settings.camera)
    height, width = frame.rgb.shape[:2]
    yield (
        "camera_info",
        camera_info_message(
            width=width,
            height=height,
            focal_px=settings.focal_px,
            centre_xy=settings.centre_xy,
            stamp_ns=stamp_ns,
            frame_id=frame_id,
        ),
    )
    if settings.encoding == "raw":
        yield "image", image_message(frame.rgb, stamp_ns=stamp_ns, frame_id=frame_id)
    else:
        data = encode_jpeg(frame.rgb, quality=settings.jpeg_quality)
        message = compressed_image_message(data, stamp_ns=stamp_ns, frame_id=frame_id)
        yield "image/compressed", message
    yield TRUTH_TOPIC, string_message(json.dumps(frame.truth.to_json(), ensure_ascii=False))
    if settings.masks:
        data = encode_png(frame.labels_mask)
        mask = compressed_image_message(data, stamp_ns=stamp_ns, frame_id=frame_id, format="png")
        yield MASK_TOPIC, mask


def _write_video(frames: Iterable[RenderedFrame], path: Path, settings: ExportSettings) -> int:
    """Write a video, and its truth beside it."""
    count = 0
    with (
        TruthWriter(truth_file(path), overwrite=True) as truth,
        VideoWriter(path, rate_hz=settings.rate_hz, overwrite=True) as video,
    ):
        for frame in frames:
            video.write(frame.rgb)
            stamp_ns = steady_stamp_ns(count, settings.rate_hz)
            truth.write({**frame.truth.to_json(), "stamp_ns": stamp_ns})
            count += 1
    return count


def _write_folder(frames: Iterable[RenderedFrame], path: Path, settings: ExportSettings) -> int:
    """Write pictures whose names are their stamps, and the truth beside them."""
    if path.is_dir() and any(path.iterdir()):
        message = f"{path}: expected a new or empty folder, got one with files in it"
        raise SimulationError(message)
    aside = Aside(path, overwrite=True)
    try:
        count = _fill_folder(frames, aside.path, settings)
        aside.publish()
    except OSError as err:
        message = f"{path}: expected a place that can be written, got {err}"
        raise SourceError(message) from err
    finally:
        aside.discard()
    return count


def _fill_folder(frames: Iterable[RenderedFrame], folder: Path, settings: ExportSettings) -> int:
    """Write the files of a folder."""
    folder.mkdir()
    masks = folder / "masks"
    if settings.masks:
        masks.mkdir()
    count = 0
    with TruthWriter(truth_file(folder)) as truth:
        for frame in frames:
            picture = folder / stamp_file_name(frame.stamp_ns, ".jpg")
            picture.write_bytes(encode_jpeg(frame.rgb, quality=settings.jpeg_quality))
            if settings.masks:
                mask = masks / stamp_file_name(frame.stamp_ns, ".png")
                mask.write_bytes(encode_png(frame.labels_mask))
            truth.write(frame.truth.to_json())
            count += 1
    return count
