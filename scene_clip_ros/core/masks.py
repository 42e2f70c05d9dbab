"""Which pixels texts describe: prompts with thresholds, and one label for every pixel."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.ranges import require_in_range
from scene_clip_ros.core.types import FloatArray, ImageArray

BACKGROUND = "background"
"""The meaning of pixels that no prompt describes, label 0."""

MAX_PROMPTS = 255
"""Labels of a uint8 beside the background."""

MAX_PROMPT_LENGTH = 256
"""Characters of a prompt; the text tower reads fewer."""

DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class MaskPrompts:
    """What is looked for; label ``i + 1`` means ``texts[i]``.

    Attributes:
        texts: 1 to 255 different texts of 1 to 256 characters, e.g. ``road``.
        thresholds: Least probability of a marked pixel in [0, 1], one for all texts or one for
            each.
    """

    texts: tuple[str, ...]
    thresholds: tuple[float, ...] = (DEFAULT_THRESHOLD,)

    def __post_init__(self) -> None:
        """Refuse what cannot be looked for.

        Raises:
            ParameterError: Says what was expected and what came.
        """
        count = len(self.texts)
        if not 1 <= count <= MAX_PROMPTS:
            message = f"texts: expected 1 to {MAX_PROMPTS} of them, got {count}"
            raise ParameterError(message)
        for text in self.texts:
            _require_text(text)
        if len(set(self.texts)) < count:
            twice = next(text for text in self.texts if self.texts.count(text) > 1)
            message = f"texts: expected different ones, got {twice!r} twice"
            raise ParameterError(message)
        if len(self.thresholds) not in (1, count):
            message = f"thresholds: expected 1 or {count} of them, got {len(self.thresholds)}"
            raise ParameterError(message)
        for threshold in self.thresholds:
            require_in_range("threshold", threshold, (0.0, 1.0))

    @property
    def limits(self) -> tuple[float, ...]:
        """Least logit of a marked pixel, one for each text; infinite at thresholds 0 and 1."""
        limits = tuple(map(to_logit, self.thresholds))
        return limits * len(self.texts) if len(limits) == 1 else limits


@dataclass(frozen=True, slots=True)
class FrameMask:
    """What is described where in one frame.

    Attributes:
        camera: The frame's camera.
        stamp_ns: The frame's stamp, untouched.
        labels: ``(H, W)`` uint8, size of the frame: 0 background, ``i + 1`` for ``names[i]``.
        names: The prompts.
        coverage: Share of the frame's pixels that each prompt marks, in [0, 1].
    """

    camera: str
    stamp_ns: int
    labels: ImageArray
    names: tuple[str, ...]
    coverage: tuple[float, ...]


def to_logit(probability: float) -> float:
    """Return the logit whose sigmoid is a probability in [0, 1]; infinite at its ends."""
    if probability in (0.0, 1.0):
        return math.copysign(math.inf, probability - 0.5)
    return math.log(probability / (1.0 - probability))


def decide_labels(
    logits: Iterable[FloatArray], limits: Sequence[float], *, size_hw: tuple[int, int]
) -> ImageArray:
    """Give every pixel the label of the prompt that fits best of those that reach their limit.

    Planes are taken one by one, so that a generator of many large ones takes the memory of one.
    Logits and their limits say the same as probabilities and thresholds: a sigmoid keeps order.

    Args:
        logits: P planes of ``(H, W)`` float32, finite; an array of ``(P, H, W)`` will do.
        limits: Least logit of a marked pixel of each plane.
        size_hw: H and W.

    Returns:
        ``(H, W)`` uint8: 0 where no prompt reaches its limit, else 1 more than the number of the
        best one; of equal ones the first.
    """
    labels = np.zeros(size_hw, np.uint8)
    best = np.full(size_hw, -np.inf, np.float32)
    for label, (plane, limit) in enumerate(zip(logits, limits, strict=True), start=1):
        is_better = plane > best
        is_better &= plane >= np.float32(limit)
        np.copyto(best, plane, where=is_better)
        labels[is_better] = label
    return labels


def measure_coverage(labels: ImageArray, count: int) -> tuple[float, ...]:
    """Return the share of pixels that bear each of the labels 1 to ``count``, in [0, 1]."""
    pixels = np.bincount(labels.ravel(), minlength=count + 1)
    return tuple((pixels[1 : count + 1] / labels.size).tolist())


def _require_text(text: str) -> None:
    if not text.strip():
        message = f"texts: expected words, got {text!r}"
        raise ParameterError(message)
    if len(text) > MAX_PROMPT_LENGTH:
        message = f"texts: expected at most {MAX_PROMPT_LENGTH} characters each, got {len(text)}"
        raise ParameterError(message)
