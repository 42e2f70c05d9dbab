"""Everything that is said of drives against everything that is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scene_clip_ros.report.alert_scoring import AlertScore, score_alerts
from scene_clip_ros.report.box_scoring import BoxScore, score_boxes
from scene_clip_ros.report.results import ResultRecord, parse_truth
from scene_clip_ros.report.scoring import SceneScore, SceneTruth, score_scenes
from scene_clip_ros.report.true_boxes import TrueBoxes, parse_true_boxes


@dataclass(frozen=True, slots=True)
class DriveTruth:
    """What is known of one frame.

    Attributes:
        scene: What its labels and hazards should be.
        boxes: Where things are; ``None`` if that is not known.
    """

    scene: SceneTruth
    boxes: TrueBoxes | None


@dataclass(frozen=True, slots=True)
class DriveScore:
    """The outcome for drives.

    Attributes:
        scenes: Labels and hazards.
        boxes: ``None`` if there were no boxes, or no truth of any.
        alerts: ``None`` if there were no alerts, or no truth to judge them by.
    """

    scenes: SceneScore
    boxes: BoxScore | None
    alerts: AlertScore | None


def parse_drive_truth(data: Mapping[str, Any], *, where: str) -> DriveTruth:
    """Check a decoded truth record and keep of it what can be scored.

    Args:
        data: A JSON object as a rendered drive carries it for every frame.
        where: File and line, or topic and stamp, for messages.

    Raises:
        SourceError: A key is missing or of the wrong type.
    """
    return DriveTruth(parse_truth(data, where=where), parse_true_boxes(data, where=where))


def score_drives(results: Iterable[ResultRecord], truths: Iterable[DriveTruth]) -> DriveScore:
    """Compare results with the truth, over any number of drives whose cameras differ in name.

    Args:
        results: In any order; the last one about a frame holds.
        truths: In any order.
    """
    said, known = list(results), list(truths)
    places = [truth.boxes for truth in known if truth.boxes is not None]
    boxes = [result.boxes for result in said if result.boxes is not None]
    alerts = [
        (result.boxes, result.alert)
        for result in said
        if result.boxes is not None and result.alert is not None
    ]
    return DriveScore(
        scenes=score_scenes((r.scene for r in said), (truth.scene for truth in known)),
        boxes=score_boxes(boxes, places) if boxes and places else None,
        alerts=score_alerts(alerts, places) if alerts and places else None,
    )
