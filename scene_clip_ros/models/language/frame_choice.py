"""Chooses the few frames that a language model looks at."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.questions.types import Observations
from scene_clip_ros.core.types import FloatArray


def choose_frames(seen: Observations, budget: int) -> tuple[int, ...]:
    """Choose frames that are spread over the window, and those where the picture changes most.

    Every camera gets as many as any other, as far as it has them. Half of a camera's frames are
    spread evenly; the others are those that are least like the frame before.

    Args:
        seen: What the question is about.
        budget: Most frames, ≥ 1.

    Returns:
        Numbers of frames in order of time; empty if there are none.
    """
    by_camera: dict[str, list[int]] = {}
    for number, frame in enumerate(seen.frames):
        by_camera.setdefault(frame.camera, []).append(number)
    chosen: list[int] = []
    cameras = sorted(by_camera.values(), key=len)
    for done, numbers in enumerate(cameras):
        share = -(-(budget - len(chosen)) // (len(cameras) - done))
        chosen.extend(_of_camera(numbers, seen.embeddings, share))
    return tuple(sorted(chosen))


def _of_camera(numbers: list[int], embeddings: FloatArray, share: int) -> list[int]:
    """Return up to ``share`` of the numbers of one camera's frames."""
    if len(numbers) <= share:
        return numbers
    spread = -(-share // 2)
    centres = ((np.arange(spread) + 0.5) * len(numbers) / spread).astype(int)
    chosen = dict.fromkeys(int(centre) for centre in centres)
    for changed in _by_change(embeddings[numbers]):
        if len(chosen) >= share:
            break
        chosen.setdefault(changed)
    return [numbers[place] for place in chosen]


def _by_change(embeddings: FloatArray) -> list[int]:
    """Return the places of all frames but the first, least like the one before first."""
    cosines = np.einsum("nd,nd->n", embeddings[1:], embeddings[:-1])
    return [int(place) + 1 for place in np.argsort(cosines, kind="stable")]
