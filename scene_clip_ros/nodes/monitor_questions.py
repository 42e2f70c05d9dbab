"""Between what the page's boxes ask and the services that answer: bounded, no decisions."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from typing import Any

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.questions.types import MAX_QUESTION_LENGTH
from scene_clip_ros.media.compressed import JPEG_MAGIC
from scene_clip_ros.msg import FrameHit
from scene_clip_ros.nodes.monitor_messages import clip, finite
from scene_clip_ros.nodes.stamps import stamp_ns
from scene_clip_ros.srv import Ask, QueryFrames

TOP_K = 6
"""Frames that a search shows."""

MIN_GAP_S = 1.0
"""Least time between two of them, or all would show one second."""

MAX_WINDOW_S = 86400.0
MAX_THUMBNAIL_BYTES = 256 * 1024
MAX_ANSWER = 4000

NewestNs = Callable[[str], int | None]
"""Returns the newest stamp of a camera in nanoseconds; None if nothing is known of it."""


def search_request(body: Any, cameras: Sequence[str]) -> QueryFrames.Request:
    """Return the request of a search: ``{"text", "window_s", "camera"}``.

    Raises:
        ParameterError: A field is missing, of another type, or out of range.
    """
    return QueryFrames.Request(
        text=_text(body, "text"),
        window_s=_window_s(body),
        cameras=_camera(body, cameras),
        top_k=TOP_K,
        min_gap_s=MIN_GAP_S,
        thumbnails=True,
    )


def ask_request(body: Any, cameras: Sequence[str]) -> Ask.Request:
    """Return the request of a question: ``{"question", "window_s", "camera"}``.

    Raises:
        ParameterError: A field is missing, of another type, or out of range.
    """
    return Ask.Request(
        question=_text(body, "question"),
        window_s=_window_s(body),
        cameras=_camera(body, cameras),
    )


def search_answer(response: QueryFrames.Response, newest_ns: NewestNs) -> dict[str, Any]:
    """Return what was found."""
    return {
        "message": clip(response.message),
        "nothing_matches": bool(response.nothing_matches),
        "searched": int(response.searched),
        "hits": [_hit(hit, newest_ns) for hit in response.hits[:TOP_K]],
    }


def ask_answer(response: Ask.Response, newest_ns: NewestNs) -> dict[str, Any]:
    """Return what was answered."""
    return {
        "message": clip(response.message),
        "answered": bool(response.answered),
        "answer": response.answer[:MAX_ANSWER],
        "kind": clip(response.kind),
        "confidence": finite(response.confidence),
        "backend": clip(response.backend),
        "evidence": [_hit(hit, newest_ns) for hit in response.evidence[:TOP_K]],
    }


def _hit(hit: FrameHit, newest_ns: NewestNs) -> dict[str, Any]:
    """Return a frame; how long ago is told by the camera's own clock."""
    stamp, newest = stamp_ns(hit.header.stamp), newest_ns(hit.camera)
    thumbnail = hit.thumbnail.data.tobytes()
    is_fit = thumbnail.startswith(JPEG_MAGIC) and len(thumbnail) <= MAX_THUMBNAIL_BYTES
    return {
        "camera": clip(hit.camera),
        "stamp_ns": str(stamp),
        "ago_s": None if newest is None else (newest - stamp) / 1e9,
        "score": finite(hit.score),
        "z": finite(hit.z),
        "thumbnail": base64.b64encode(thumbnail).decode() if is_fit else "",
    }


def _text(body: Any, name: str) -> str:
    text = body.get(name) if isinstance(body, dict) else None
    line = " ".join(text.split()) if isinstance(text, str) else ""
    is_whole = line.isprintable()  # neither control characters nor halves of one
    if not line or len(line) > MAX_QUESTION_LENGTH or not is_whole:
        message = f"{name}: expected a text of 1 to {MAX_QUESTION_LENGTH} characters, got " + (
            f"{len(line)} or unprintable ones" if line else "none"
        )
        raise ParameterError(message)
    return line


def _window_s(body: Any) -> float:
    value = body.get("window_s", 0)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value <= MAX_WINDOW_S:
        message = f"window_s: expected 0 to {MAX_WINDOW_S:g} s, got {str(value)[:40]!r}"
        raise ParameterError(message)
    return float(value)


def _camera(body: Any, cameras: Sequence[str]) -> list[str]:
    camera = body.get("camera", "")
    if camera == "":
        return []
    if camera not in cameras:
        message = f"camera: expected one of {', '.join(cameras)}, got {str(camera)[:40]!r}"
        raise ParameterError(message)
    return [camera]
