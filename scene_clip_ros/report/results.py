"""The lines of a results file, and of a truth file, as records.

A results file holds one JSON object per frame::

    {"camera": "front", "stamp_ns": 100000000,
     "labels": {"weather": {"label": "rain", "probability": 0.97, "cosine": 0.31}, …},
     "hazards": {"road_works": {"active": false, "probability": 0.02, "cosine": 0.12}, …},
     "boxes": [], "alert": null}

``boxes`` and ``alert`` are empty until the functions that fill them have run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.report.scoring import SceneAnswer, SceneTruth

DECIMALS = 6
"""Digits after the point of probabilities and cosines: float32 carries no more."""


def format_result(result: FrameResult) -> str:
    """Write one frame's result as a line of JSON, without the line break."""
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
        "boxes": [],
        "alert": None,
    }
    return json.dumps(line, ensure_ascii=False)


def answer_from_result(result: FrameResult) -> SceneAnswer:
    """Keep of a result what can be scored."""
    return SceneAnswer(
        camera=result.camera,
        stamp_ns=result.stamp_ns,
        labels={state.name: state.label for state in result.attributes},
        hazards={state.name: state.active for state in result.hazards},
    )


def read_answers(path: Path) -> Iterator[SceneAnswer]:
    """Read a results file line by line.

    Raises:
        SourceError: The file cannot be read, or a line is not a result; names file and line.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _parse_answer(line, where=f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as err:
        message = f"{path}: expected a results file of JSON lines, got {err}"
        raise SourceError(message) from err


def parse_truth(data: Mapping[str, Any], *, where: str) -> SceneTruth:
    """Check a decoded truth record and keep of it what can be scored.

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


def _parse_answer(line: str, *, where: str) -> SceneAnswer:
    """Parse one line of a results file."""
    try:
        data = json.loads(line)
        return SceneAnswer(
            camera=str(data["camera"]),
            stamp_ns=int(data["stamp_ns"]),
            labels={name: str(state["label"]) for name, state in data["labels"].items()},
            hazards={name: bool(state["active"]) for name, state in data["hazards"].items()},
        )
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as err:
        message = f"{where}: expected a result of 'scene-clip label', got {line.strip()[:60]!r}"
        raise SourceError(message) from err
