"""From the records of ``core`` to vision_msgs 4, which must be installed: no decisions."""

from __future__ import annotations

from collections.abc import Iterable

from builtin_interfaces.msg import Time
from std_msgs.msg import Header
from vision_msgs.msg import (
    BoundingBox2D,
    Classification,
    Detection2D,
    Detection2DArray,
    LabelInfo,
    ObjectHypothesis,
    ObjectHypothesisWithPose,
    Point2D,
    Pose2D,
    VisionClass,
)

from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, ScoredBox
from scene_clip_ros.core.types import FrameResult


def detections_message(boxes: FrameBoxes, header: Header) -> Detection2DArray:
    """Return every object found in a frame, under the header of its image.

    Each has one hypothesis, whose ``class_id`` is the query that fits best; ``id`` is that of the
    track, or empty. Nothing is known of poses, which stay zero.
    """
    return Detection2DArray(
        header=header, detections=[_detection(box, header) for box in boxes.boxes]
    )


def classification_message(result: FrameResult, header: Header) -> Classification:
    """Return all probabilities of a frame: ``attribute/label`` of each label, and the hazards.

    Those of one attribute sum up to 1, hazards are independent.
    """
    labels = [
        ObjectHypothesis(class_id=f"{state.name}/{score.label}", score=float(score.probability))
        for state in result.attributes
        for score in state.scores
    ]
    hazards = [
        ObjectHypothesis(class_id=state.name, score=float(state.probability))
        for state in result.hazards
    ]
    return Classification(header=header, results=[*labels, *hazards])


def label_info_message(labels: Iterable[str], *, threshold: float, stamp: Time) -> LabelInfo:
    """Return the queries that detections may be of, numbered in their order.

    Args:
        labels: As in ``class_id`` of detections.
        threshold: Least score of a detection, in [0, 1].
        stamp: From when on they hold.
    """
    return LabelInfo(
        header=Header(stamp=stamp),
        class_map=[
            VisionClass(class_id=number, class_name=label) for number, label in enumerate(labels)
        ],
        threshold=threshold,
    )


def _detection(box: ScoredBox, header: Header) -> Detection2D:
    left, top, right, bottom = map(float, box.xyxy)
    hypothesis = ObjectHypothesis(class_id=box.label, score=float(box.score))
    center = Pose2D(position=Point2D(x=(left + right) / 2, y=(top + bottom) / 2))
    return Detection2D(
        header=header,
        results=[ObjectHypothesisWithPose(hypothesis=hypothesis)],
        bbox=BoundingBox2D(center=center, size_x=right - left, size_y=bottom - top),
        id="" if box.track_id == NO_TRACK else str(box.track_id),
    )
