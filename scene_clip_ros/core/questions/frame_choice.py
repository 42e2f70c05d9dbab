"""Chooses the frames that are looked at: by CLIP hundreds, by a language model a few."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.questions.types import Observations
from scene_clip_ros.core.types import FloatArray


def choose_frames(seen: Observations, most: int, *, change_share: float) -> tuple[int, ...]:
    """Choose frames that are spread over the window, and those where the picture changes most.

    Every camera gets as many as any other, as far as it has them.

    Args:
        seen: What the question is about, N frames.
        most: How many at most, ≥ 1.
        change_share: Share of a camera's frames that are those least like the frame before, in
            [0, 1); the others are spread evenly.

    Returns:
        min(N, most) numbers of frames in order of time.
    """
    by_camera: dict[str, list[int]] = {}
    for number, frame in enumerate(seen.frames):
        by_camera.setdefault(frame.camera, []).append(number)
    chosen: list[int] = []
    cameras = sorted(by_camera.values(), key=len)
    for done, numbers in enumerate(cameras):
        share = -(-(most - len(chosen)) // (len(cameras) - done))
        changes = int(change_share * share)
        chosen.extend(_of_camera(numbers, seen.embeddings, share=share, changes=changes))
    return tuple(sorted(chosen))


def _of_camera(
    numbers: list[int], embeddings: FloatArray, *, share: int, changes: int
) -> list[int]:
    """Return up to ``share`` of the numbers of one camera's frames, ``changes`` by change."""
    if len(numbers) <= share:
        return numbers
    spread = share - changes
    centres = ((np.arange(spread) + 0.5) * len(numbers) / max(spread, 1)).astype(int)
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
