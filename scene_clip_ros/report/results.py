"""The lines of a results file as records.

A results file holds one JSON object per frame::

    {"camera": "front", "stamp_ns": 100000000,
     "labels": {"weather": {"label": "rain", "probability": 0.97, "cosine": 0.31}, …},
     "hazards": {"road_works": {"active": false, "probability": 0.02, "cosine": 0.12}, …},
     "size_wh": [1280, 720],
     "boxes": [{"label": "child", "score": 0.86, "objectness": 0.93, "detector_score": 0.9,
                "cosine": 0.27, "xyxy": [610.25, 300.5, 655.0, 431.75], "track_id": 4}, …],
     "alert": {"level": "WARNING", "reason": "child in the zone, contact in 1.8 s",
               "boxes": [{"label": "child", …}], "zone": [[0.1, 1.0], [0.46, 0.6], …],
               "time_to_contact_s": 1.83, "since_ns": 90000000},
     "odd": {"level": "OUTSIDE", "reasons": ["front: weather is rain (97%)"], "since_ns": 90000000}}

While boxes are off ``size_wh`` is null and ``boxes`` empty; ``alert`` and ``odd`` are null where
nobody judged the frame, ``time_to_contact_s`` where nobody approaches.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scene_clip_ros.core.alert_types import Alert, AlertLevel
from scene_clip_ros.core.box_types import FrameBoxes, ScoredBox
from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.odd_monitor import OddStatus
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.report.scoring import SceneAnswer, SceneTruth

DECIMALS = 6
"""Digits after the point of probabilities and cosines: float32 carries no more."""

PIXEL_DECIMALS, ZONE_DECIMALS, SECONDS_DECIMALS = 2, 5, 3
"""Digits after the point of pixels, of fractions of a picture, and of seconds."""


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """One line of a results file.

    Attributes:
        scene: Its labels and hazards.
        boxes: Every object found; ``None`` while boxes were off.
        alert: What was held of the frame; ``None`` where nobody judged it.
    """

    scene: SceneAnswer
    boxes: FrameBoxes | None
    alert: Alert | None


def format_result(
    result: FrameResult, alert: Alert | None = None, odd: OddStatus | None = None
) -> str:
    """Write one frame's result as a line of JSON, without the line break.

    Args:
        result: What the pipeline says of the frame.
        alert: What is held of it; ``None`` if nobody judged it.
        odd: What is held of all cameras from it on; ``None`` if nobody judged them.
    """
    line = {
        "camera": result.camera,
        "stamp_ns": result.stamp_ns,
        "labels": {
            state.name: {
                "label": state.label,
                "probability": round(float(state.probability), DECIMALS),
                "cosine": round(float(state.cosine), DECIMALS),
            }
            for state in result.attributes
        },
        "hazards": {
            state.name: {
                "active": bool(state.active),
                "probability": round(float(state.probability), DECIMALS),
                "cosine": round(float(state.cosine), DECIMALS),
            }
            for state in result.hazards
        },
        "size_wh": list(result.boxes.size_wh) if result.boxes else None,
        "boxes": [_box_to_json(box) for box in result.boxes.boxes] if result.boxes else [],
        "alert": _alert_to_json(alert) if alert else None,
        "odd": _odd_to_json(odd) if odd else None,
    }
    return json.dumps(line, ensure_ascii=False)


def answer_from_result(result: FrameResult) -> SceneAnswer:
    """Keep of a result's labels and hazards what can be scored."""
    return SceneAnswer(
        camera=result.camera,
        stamp_ns=result.stamp_ns,
        labels={state.name: state.label for state in result.attributes},
        hazards={state.name: state.active for state in result.hazards},
    )


def record_from_result(result: FrameResult, alert: Alert | None = None) -> ResultRecord:
    """Return what a line of a results file would be read back as, but for rounding."""
    return ResultRecord(answer_from_result(result), result.boxes, alert)


def read_results(path: Path) -> Iterator[ResultRecord]:
    """Read a results file line by line.

    Raises:
        SourceError: The file cannot be read, or a line is not a result; names file and line.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parse_result(line, where=f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as err:
        message = f"{path}: expected a results file of JSON lines, got {err}"
        raise SourceError(message) from err


def parse_truth(data: Mapping[str, Any], *, where: str) -> SceneTruth:
    """Check a decoded truth record and keep of it what labels are scored against.

    Args:
        data: A JSON object as a rendered drive carries it for every frame.
        where: File and line, or topic and stamp, for messages.

    Raises:
        SourceError: A key is missing or of the wrong type.
    """
    try:
        return SceneTruth(
            camera=str(data["camera"]),
            stamp_ns=int(data["stamp_ns"]),
            attributes=dict(data["attributes"]),
            hazards=dict(data["hazards"]),
        )
    except (KeyError, TypeError, ValueError) as err:
        message = f"{where}: expected a truth record, got one that fails at {err!r}"
        raise SourceError(message) from err


def _box_to_json(box: ScoredBox) -> dict[str, object]:
    return {
        "label": box.label,
        "score": round(float(box.score), DECIMALS),
        "objectness": round(float(box.objectness), DECIMALS),
        "detector_score": round(float(box.detector_score), DECIMALS),
        "cosine": round(float(box.cosine), DECIMALS),
        "xyxy": [round(float(side), PIXEL_DECIMALS) for side in box.xyxy],
        "track_id": int(box.track_id),
    }


def _alert_to_json(alert: Alert) -> dict[str, object]:
    seconds = float(alert.time_to_contact_s)
    return {
        "level": alert.level.name,
        "reason": alert.reason,
        "boxes": [_box_to_json(box) for box in alert.boxes],
        "zone": [[round(float(side), ZONE_DECIMALS) for side in point] for point in alert.zone],
        "time_to_contact_s": round(seconds, SECONDS_DECIMALS) if math.isfinite(seconds) else None,
        "since_ns": int(alert.since_ns),
    }


def _odd_to_json(odd: OddStatus) -> dict[str, object]:
    return {"level": odd.level.name, "reasons": list(odd.reasons), "since_ns": int(odd.since_ns)}


def _parse_result(line: str, *, where: str) -> ResultRecord:
    """Parse one line of a results file."""
    try:
        data = json.loads(line)
        scene = SceneAnswer(
            camera=str(data["camera"]),
            stamp_ns=int(data["stamp_ns"]),
            labels={name: str(state["label"]) for name, state in data["labels"].items()},
            hazards={name: bool(state["active"]) for name, state in data["hazards"].items()},
        )
        return ResultRecord(scene, _parse_boxes(data, scene), _parse_alert(data, scene))
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as err:
        message = f"{where}: expected a result of 'scene-clip label', got {line.strip()[:60]!r}"
        raise SourceError(message) from err


def _parse_boxes(data: Mapping[str, Any], scene: SceneAnswer) -> FrameBoxes | None:
    """Parse the boxes of a line; lines from before there were boxes have no size."""
    if data.get("size_wh") is None:
        return None
    width, height = (int(side) for side in data["size_wh"])
    boxes = tuple(_parse_box(box) for box in data["boxes"])
    return FrameBoxes(scene.camera, scene.stamp_ns, (width, height), boxes)


def _parse_box(data: Mapping[str, Any]) -> ScoredBox:
    left, top, right, bottom = (float(side) for side in data["xyxy"])
    return ScoredBox(
        label=str(data["label"]),
        score=float(data["score"]),
        objectness=float(data["objectness"]),
        detector_score=float(data["detector_score"]),
        cosine=float(data["cosine"]),
        xyxy=(left, top, right, bottom),
        track_id=int(data["track_id"]),
    )


def _parse_alert(data: Mapping[str, Any], scene: SceneAnswer) -> Alert | None:
    alert = data.get("alert")
    if alert is None:
        return None
    seconds = alert["time_to_contact_s"]
    return Alert(
        camera=scene.camera,
        stamp_ns=scene.stamp_ns,
        level=AlertLevel[alert["level"]],
        reason=str(alert["reason"]),
        boxes=tuple(_parse_box(box) for box in alert["boxes"]),
        zone=tuple((float(x), float(y)) for x, y in alert["zone"]),
        time_to_contact_s=math.nan if seconds is None else float(seconds),
        since_ns=int(alert["since_ns"]),
    )
