"""Messages of boxes and alerts for bags, built without ROS from the records of ``core``."""

from __future__ import annotations

from typing import Any

import numpy as np

from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.box_types import FrameBoxes, ScoredBox
from scene_clip_ros.media.bag_messages import build_message, header_message, time_message
from scene_clip_ros.media.bag_types import PACKAGE


def scored_boxes_message(boxes: FrameBoxes, *, frame_id: str, model_id: str) -> Any:
    """Return everything found in a picture as ``ScoredBoxes``.

    Args:
        boxes: Pixels of the recorded picture.
        frame_id: Optical frame of the camera.
        model_id: Architecture, weights and digest of the model that found them.
    """
    width, height = boxes.size_wh
    return build_message(
        f"{PACKAGE}/msg/ScoredBoxes",
        header=header_message(boxes.stamp_ns, frame_id),
        width=width,
        height=height,
        boxes=[_box_message(box) for box in boxes.boxes],
        model_id=model_id,
    )


def pedestrian_alert_message(alert: Alert, *, frame_id: str) -> Any:
    """Return what is held of a camera as ``PedestrianAlert``.

    Args:
        alert: Its stamp is that of the newest judged picture.
        frame_id: Optical frame of the camera.
    """
    return build_message(
        f"{PACKAGE}/msg/PedestrianAlert",
        header=header_message(alert.stamp_ns, frame_id),
        level=int(alert.level),
        reason=alert.reason,
        boxes=[_box_message(box) for box in alert.boxes],
        zone=[
            build_message(f"{PACKAGE}/msg/NormalizedPoint", x=float(x), y=float(y))
            for x, y in alert.zone
        ],
        time_to_contact_s=float(alert.time_to_contact_s),
        since=time_message(alert.since_ns),
    )


def _box_message(box: ScoredBox) -> Any:
    """Return a box as ``ScoredBox``."""
    return build_message(
        f"{PACKAGE}/msg/ScoredBox",
        label=box.label,
        score=float(box.score),
        objectness=float(box.objectness),
        detector_score=float(box.detector_score),
        cosine=float(box.cosine),
        xyxy=np.asarray(box.xyxy, np.float32),
        track_id=int(box.track_id),
    )
