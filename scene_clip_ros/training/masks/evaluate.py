"""Measures masks on rendered drives of seeds that no training used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from scene_clip_ros.models.segmenter import Segmenter
from scene_clip_ros.report.table import format_percent
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.training.evaluate import SCENARIOS, EvaluationDrives
from scene_clip_ros.training.held_out_words import HELD_OUT_ABSENT
from scene_clip_ros.training.masks.samples import IdArray, kinds_of, pixels_of
from scene_clip_ros.training.masks.words import HELD_OUT_STUFF, MaskTarget, measured_targets

MASK_DRIVES = EvaluationDrives(
    rounds=2,
    rate_hz=0.5,
    scenarios=(*SCENARIOS, "crossing-adult", "crossing-baby", "crossing-stroller", "city-day"),
    first_seed=930_000_000,
)
"""The default evaluation."""

ALMOST_NOTHING = 0.01
"""Share of a picture that a mask of what is not there may cover."""

_ABSENT_EACH = 4
_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Overlap:
    """How well masks of one thing fit, over all frames together.

    Attributes:
        marked: Pixels that were rightly marked.
        either: Pixels that were marked, or should have been.
    """

    marked: int = 0
    either: int = 0

    @property
    def iou(self) -> float:
        """Intersection over union in [0, 1]; not a number if nothing was there or marked."""
        return self.marked / self.either if self.either else float("nan")

    def with_frame(self, said: npt.NDArray[np.bool_], true: npt.NDArray[np.bool_]) -> Overlap:
        """Count one more frame; masks are ``(H, W)``."""
        return Overlap(
            self.marked + int((said & true).sum()), self.either + int((said | true).sum())
        )


@dataclass(slots=True)
class MaskScore:
    """What masks score.

    Attributes:
        own: Overlap by target, asked for by name.
        other: The same, asked for in the words of ``HELD_OUT_STUFF``.
        covered: Share of the picture that each mask of something absent covers, in [0, 1].
        frames: How many were measured.
    """

    own: dict[str, Overlap] = field(default_factory=lambda: defaultdict(Overlap))
    other: dict[str, Overlap] = field(default_factory=lambda: defaultdict(Overlap))
    covered: list[float] = field(default_factory=list)
    frames: int = 0

    @property
    def mean_iou(self) -> float:
        """Mean of the targets', asked for by name."""
        return _mean_iou(self.own)

    @property
    def other_mean_iou(self) -> float:
        """Mean of the targets', asked for in other words."""
        return _mean_iou(self.other)

    @property
    def almost_empty(self) -> float:
        """Share of the masks of something absent that cover less than `ALMOST_NOTHING`."""
        return float(np.mean(np.array(self.covered) < ALMOST_NOTHING))


def measure_masks(segmenter: Segmenter, drives: Iterable[Drive]) -> MaskScore:
    """Mark what is and what is not there on drives, and score every frame.

    Texts about what is not there are those of ``HELD_OUT_ABSENT``, a few for each frame.

    Args:
        segmenter: The model.
        drives: Rendered drives.
    """
    targets, score = measured_targets(), MaskScore()
    for drive in drives:
        for rendered in drive:
            absent = _absent_texts(score.frames)
            prompts = _Prompts(targets, absent)
            said = _marked(segmenter, rendered.rgb, prompts.texts)
            boxes = rendered.truth.to_json()["boxes"]
            _count(
                score,
                prompts,
                said,
                kinds=kinds_of(rendered.labels_mask, boxes),
                ids=rendered.labels_mask,
            )
            score.frames += 1
    return score


class _Prompts:
    """Everything that is asked of one frame."""

    def __init__(self, targets: Sequence[MaskTarget], absent: Sequence[str]) -> None:
        self.own = {target: target.name for target in targets}
        self.other = {target: HELD_OUT_STUFF[target.name] for target in targets}
        others = [text for texts in self.other.values() for text in texts]
        self.absent = tuple(absent)
        self.texts = (*self.own.values(), *others, *absent)


def _count(
    score: MaskScore,
    prompts: _Prompts,
    said: Mapping[str, npt.NDArray[np.bool_]],
    *,
    kinds: IdArray,
    ids: IdArray,
) -> None:
    """Add one frame to a score."""
    for target, text in prompts.own.items():
        true = pixels_of(target, ids, kinds)
        score.own[target.name] = score.own[target.name].with_frame(said[text], true)
        for other in prompts.other[target]:
            score.other[target.name] = score.other[target.name].with_frame(said[other], true)
    score.covered += [float(said[text].mean()) for text in prompts.absent]


def _marked(
    segmenter: Segmenter, rgb: npt.NDArray[np.uint8], texts: Sequence[str]
) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the mask of each text, at the picture's size."""
    (logits,) = segmenter.segment([rgb], texts)
    height, width = rgb.shape[:2]
    return {
        text: cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR) > _logit(_THRESHOLD)
        for text, each in zip(texts, logits, strict=True)
    }


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def _absent_texts(number: int) -> tuple[str, ...]:
    """Return a few texts about what is not there, other ones for each frame."""
    first = number * _ABSENT_EACH
    return tuple(HELD_OUT_ABSENT[(first + i) % len(HELD_OUT_ABSENT)] for i in range(_ABSENT_EACH))


def _mean_iou(overlaps: Mapping[str, Overlap]) -> float:
    return float(np.mean([overlap.iou for overlap in overlaps.values()]))


def mask_rows(score: MaskScore) -> list[tuple[str, str, str]]:
    """Return a score as rows of a table: what, by name, in other wordings."""
    rows = [
        (f"{name} IoU", f"{overlap.iou:.2f}", f"{score.other[name].iou:.2f}")
        for name, overlap in score.own.items()
    ]
    return [
        *rows,
        ("mean IoU", f"{score.mean_iou:.2f}", f"{score.other_mean_iou:.2f}"),
        ("almost empty where nothing is there", format_percent(score.almost_empty), ""),
    ]
