"""Draws how near the last frames of a camera are to some texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.similarity import cosine_matrix
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.report.heat_layout import MAX_SIDE, Items
from scene_clip_ros.report.heat_map import draw_heat_map

LIVE_DPI = 90
"""Pixels of an inch: less than in files, since pictures for viewers are drawn again and again."""


@dataclass(frozen=True, slots=True)
class RecentFrame:
    """One frame of a camera.

    Attributes:
        stamp_ns: Nanoseconds.
        rgb: ``(H, W, 3)`` uint8 RGB, small.
        embedding: ``(D,)`` float32 of unit length.
    """

    stamp_ns: int
    rgb: ImageArray
    embedding: FloatArray


def draw_recent_frames(
    camera: str, frames: Sequence[RecentFrame], texts: Sequence[str], rows: FloatArray
) -> ImageArray:
    """Draw the texts as rows and the frames as columns, the newest on the right.

    Args:
        camera: Name of the camera.
        frames: In order of time, 1 to `MAX_SIDE`.
        texts: T of them, 1 to `MAX_SIDE`.
        rows: ``(T, D)`` float32 of unit length, their embeddings.

    Returns:
        A new ``(H, W, 3)`` uint8 RGB picture.

    Raises:
        ValueError: The numbers do not fit together.
    """
    newest_ns = frames[-1].stamp_ns
    page = draw_heat_map(
        cosine_matrix(rows, np.stack([frame.embedding for frame in frames])),
        rows=Items(tuple(texts)),
        columns=Items(
            tuple(_age(frame.stamp_ns - newest_ns) for frame in frames),
            tuple(frame.rgb for frame in frames),
        ),
        title=f"{camera}: frames and texts",
        note="outlined: the best text of each frame",
        best_of_each="column",
    )
    return page.to_rgb(dpi=LIVE_DPI)


def usual_texts(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return what frames are compared with unless somebody says else, at most `MAX_SIDE` texts.

    The first phrasing of every hazard, then that of every label.
    """
    hazards = [spec.phrasings[0] for spec in vocabulary.hazards]
    labels = [label.phrasings[0] for spec in vocabulary.attributes for label in spec.labels]
    queries = [query.phrasings[0] for query in vocabulary.queries]
    return tuple(dict.fromkeys((*hazards, *labels) or queries))[:MAX_SIDE]


def _age(since_newest_ns: int) -> str:
    """Write when a frame was, counted from the newest one."""
    return "now" if since_newest_ns == 0 else f"{since_newest_ns / NS_PER_S:+.1f} s"
