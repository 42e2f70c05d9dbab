"""Measures how well captions find the moments they are of, on drives that no training used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.frame_memory import FrameMemory, MemoryLimits, StoredFrame
from scene_clip_ros.core.frame_query import FrameFilter, FrameHit
from scene_clip_ros.core.prompts import expand
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.search.memory_search import search
from scene_clip_ros.sim.captions import stands_out
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.truth import FrameTruth
from scene_clip_ros.training.held_out_words import HELD_OUT, HELD_OUT_OBJECTS

CAPTIONS = 200
TOLERANCE_NS = NS_PER_S // 2
"""How far from a moment a hit may be, nanoseconds."""

DEPTHS = (1, 10)
MIN_GAP_S = 1.0

_SEED = 1
_ATTRIBUTES_SAID = (2, 5)
_THING_SHARE = 0.5
_COMMON = frozenset({"car", "van", "truck", "bus"})


@dataclass(frozen=True, slots=True)
class Caption:
    """What somebody looks for.

    Attributes:
        text: In words that training never used.
        labels: Label by attribute of the moments meant.
        kind: Class of the truth of a thing that stands out there; ``None``: any or none.
    """

    text: str
    labels: Mapping[str, str]
    kind: str | None = None

    def fits(self, truth: FrameTruth, *, height_px: int) -> bool:
        """Say whether it is true of a frame ``height_px`` pixels tall."""
        if any(truth.attributes[name] != label for name, label in self.labels.items()):
            return False
        return self.kind is None or self.kind in _kinds(truth, height_px)


@dataclass(frozen=True, slots=True)
class SearchScore:
    """How often a right moment is among the first hits.

    Attributes:
        captions: How many were looked for.
        frames: How many frames were searched.
        recall: Share of the captions by number of hits, in [0, 1].
        missed: Captions with no right moment among the most hits.
    """

    captions: int
    frames: int
    recall: Mapping[int, float]
    missed: tuple[Caption, ...]


def measure_search(
    encoder: Encoder,
    templates: Sequence[str],
    drives: Iterable[Drive],
    *,
    captions: int = CAPTIONS,
) -> SearchScore:
    """Keep every frame of drives in a memory, and look for captions in it.

    Args:
        encoder: The model.
        templates: Put around every caption, as a vocabulary has them.
        drives: Rendered drives; each one's camera name must be its own.
        captions: How many are looked for.
    """
    memory = FrameMemory(encoder.info.dim, MemoryLimits(max_age_s=86_400.0, max_gap_s=0.0))
    truths: list[tuple[FrameTruth, int]] = []
    for drive in drives:
        for rendered in drive:
            (embedding,) = encoder.encode_images([rendered.rgb])
            truth = rendered.truth
            memory.add(StoredFrame(truth.camera, truth.stamp_ns, "", b""), embedding)
            truths.append((truth, rendered.rgb.shape[0]))
    wanted = list(draw_captions(truths, count=captions))
    snapshot, found = memory.snapshot(), []
    frame_filter = FrameFilter(top_k=max(DEPTHS), min_gap_s=MIN_GAP_S)
    for caption in wanted:
        query = encoder.encode_texts(expand([caption.text], templates))
        hits = search(snapshot, query, frame_filter).hits
        found.append(_first_right(caption, hits, truths))
    return SearchScore(
        captions=len(wanted),
        frames=len(truths),
        recall={depth: float(np.mean([rank < depth for rank in found])) for depth in DEPTHS},
        missed=tuple(
            caption for caption, rank in zip(wanted, found, strict=True) if rank >= max(DEPTHS)
        ),
    )


def draw_captions(truths: Sequence[tuple[FrameTruth, int]], *, count: int) -> Iterator[Caption]:
    """Write captions of moments drawn at random.

    Args:
        truths: Truth of each frame, and its height in pixels.
        count: How many captions.
    """
    rng = np.random.default_rng(_SEED)
    for index in rng.integers(len(truths), size=count).tolist():
        truth, height_px = truths[index]
        yield _write(truth, height_px, rng)


def _write(truth: FrameTruth, height_px: int, rng: np.random.Generator) -> Caption:
    known = [name for name, label in truth.attributes.items() if label is not None]
    many = min(len(known), int(rng.integers(*_ATTRIBUTES_SAID)))
    said = [known[i] for i in sorted(rng.choice(len(known), many, replace=False).tolist())]
    labels = {name: str(truth.attributes[name]) for name in said}
    kinds = sorted(_kinds(truth, height_px) - _COMMON)
    kind = str(rng.choice(kinds)) if kinds and rng.random() < _THING_SHARE else None
    words = [str(rng.choice(HELD_OUT[name][label])) for name, label in labels.items()]
    if kind is not None:
        words.insert(0, str(rng.choice(HELD_OUT_OBJECTS[kind])))
    return Caption(", ".join(words), labels, kind)


def _kinds(truth: FrameTruth, height_px: int) -> set[str]:
    return {box.kind for box in truth.boxes if stands_out(box, height_px) and not box.parked}


def _first_right(
    caption: Caption, hits: Sequence[FrameHit], truths: Sequence[tuple[FrameTruth, int]]
) -> int:
    """Return the rank of the first right hit, from 0; the number of hits if none is right."""
    right = [
        (truth.camera, truth.stamp_ns)
        for truth, height_px in truths
        if caption.fits(truth, height_px=height_px)
    ]
    for rank, hit in enumerate(hits):
        near = (abs(stamp - hit.stamp_ns) for camera, stamp in right if camera == hit.camera)
        if any(gap <= TOLERANCE_NS for gap in near):
            return rank
    return max(DEPTHS)
