"""What a demo run leaves behind: the results as a bag, the drive as an annotated video."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.demo.events import AlertReceived, BoxesReceived, LabelsReceived, Received
from scene_clip_ros.media.bag_types import PACKAGE, bag_typestore
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.frame_source import SourceFrame
from scene_clip_ros.media.video import VideoWriter
from scene_clip_ros.report.overlay import draw_overlay

DEFAULT_RATE_HZ = 10.0

_TYPES: Mapping[type[Received], str] = {
    LabelsReceived: f"{PACKAGE}/msg/SceneLabels",
    BoxesReceived: f"{PACKAGE}/msg/ScoredBoxes",
    AlertReceived: f"{PACKAGE}/msg/PedestrianAlert",
}


def record(writer: BagWriter, received: Received) -> None:
    """Write a message at the time of its frame, so that it lines up with the drive.

    An alert from before the first frame has no place there and is left out.
    """
    if isinstance(received, AlertReceived) and _is_of_no_frame(received.alert):
        return
    message = bag_typestore().deserialize_cdr(received.payload, _TYPES[type(received)])
    writer.write(received.topic, message, time_ns=received.stamp_ns)


def write_annotated(
    frames: Iterable[SourceFrame],
    folder: Path,
    results: Mapping[tuple[str, int], FrameResult],
    *,
    alerts: Mapping[tuple[str, int], Alert],
) -> list[Path]:
    """Draw what was said of each frame on it; a frame without a result shows the last one.

    Args:
        frames: The drive, from the start; frames that cannot be decoded are left out.
        folder: Where the videos go: ``annotated.mp4``, or one per camera if there are several.
        results: By camera and stamp.
        alerts: How frames were judged, by camera and stamp.

    Returns:
        The videos, one per camera that has results.
    """
    videos = {camera: folder / name for camera, name in _video_names(results).items()}
    newest: dict[str, FrameResult] = {}
    sizes: dict[str, tuple[int, int]] = {}
    with ExitStack() as stack:
        writers = {
            camera: stack.enter_context(
                VideoWriter(path, rate_hz=frame_rate_hz(camera, results), overwrite=True)
            )
            for camera, path in videos.items()
        }
        for frame in frames:
            result = results.get((frame.camera, frame.stamp_ns), newest.get(frame.camera))
            if result is None or (rgb := _try_decode(frame)) is None:
                continue
            newest[frame.camera] = result
            size_wh = sizes.setdefault(frame.camera, (rgb.shape[1], rgb.shape[0]))
            alert = alerts.get((result.camera, result.stamp_ns))
            writers[frame.camera].write(draw_overlay(_fit(rgb, size_wh), result, alert))
    return list(videos.values())


def _is_of_no_frame(alert: Alert) -> bool:
    return alert.level == AlertLevel.STALE and alert.stamp_ns == 0


def frame_rate_hz(camera: str, results: Mapping[tuple[str, int], FrameResult]) -> float:
    """Tell the usual rate of a camera from the stamps of its results.

    Returns:
        Frames per second; 10 if there are fewer than two stamps.
    """
    stamps_ns = sorted(stamp_ns for name, stamp_ns in results if name == camera)
    if len(stamps_ns) < 2:
        return DEFAULT_RATE_HZ
    return 1e9 / float(np.median(np.diff(stamps_ns)))


def _video_names(results: Mapping[tuple[str, int], FrameResult]) -> dict[str, str]:
    """Name the video of each camera."""
    cameras = sorted({camera for camera, _ in results})
    if len(cameras) == 1:
        return {cameras[0]: "annotated.mp4"}
    return {camera: f"annotated_{camera.replace('/', '_')}.mp4" for camera in cameras}


def _try_decode(frame: SourceFrame) -> ImageArray | None:
    """Decode a frame; ``None`` if it is bad, which the node has reported already."""
    try:
        return frame.decode()
    except ImageError:
        return None


def _fit(rgb: ImageArray, size_wh: tuple[int, int]) -> ImageArray:
    """Scale a picture whose size differs from the first one's."""
    if (rgb.shape[1], rgb.shape[0]) == size_wh:
        return rgb
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8)
