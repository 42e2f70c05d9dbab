"""Measures how well captions find the moments they are of, on drives that no training used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.frame_memory import FrameMemory, MemoryLimits, StoredFrame
from scene_clip_ros.core.frame_query import FrameFilter, FrameHit, SearchOutcome
from scene_clip_ros.core.memory_snapshot import MemorySnapshot
from scene_clip_ros.core.prompts import expand
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.standing_out import MIN_LEAD, unrelated_prompts
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.search.memory_search import search
from scene_clip_ros.sim.captions import OBJECTS, WORDS
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.training.held_out_words import (
    HELD_OUT,
    HELD_OUT_ABSENT,
    HELD_OUT_OBJECTS,
)
from scene_clip_ros.training.scene_captions import CaptionWriter, SceneCaption, SceneContents

OWN, OTHER = "captions' wordings", "other wordings"
WRITERS = {
    OWN: CaptionWriter(WORDS, OBJECTS, fewest=2),
    OTHER: CaptionWriter(HELD_OUT, HELD_OUT_OBJECTS, fewest=2),
}
"""What people write: in words that training has used, too, and in words that it never has."""

CAPTIONS = 200
TOLERANCE_NS = NS_PER_S // 2
"""How far from a moment a hit may be, nanoseconds."""

DEPTHS = (1, 10)
MIN_GAP_S = 1.0

_SEED = 1
_LONG_S = 86_400.0
_MANY_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame that is searched.

    Attributes:
        camera: Name of its camera.
        stamp_ns: Its stamp.
        contents: What it shows.
    """

    camera: str
    stamp_ns: int
    contents: SceneContents


@dataclass(frozen=True, slots=True)
class SearchScore:
    """How often a right moment is among the first hits.

    Attributes:
        captions: How many were looked for.
        frames: How many frames were searched.
        recall: Share of the captions by number of hits, in [0, 1].
        missed: Captions with no right moment among the most hits.
        denied: Share of the captions of which the answer says that nothing matches, in [0, 1].
        absent: How many texts were looked for about what no drive shows.
        refused: Share of them of which the answer says so, in [0, 1].
    """

    captions: int
    frames: int
    recall: Mapping[int, float]
    missed: tuple[SceneCaption, ...]
    denied: float
    absent: int
    refused: float


def measure_search(
    encoder: Encoder,
    templates: Sequence[str],
    drives: Iterable[Drive],
    *,
    writers: Mapping[str, CaptionWriter] = WRITERS,
    captions: int = CAPTIONS,
    min_lead: float = MIN_LEAD,
) -> dict[str, SearchScore]:
    """Keep every frame of drives in a memory, and look for captions in it.

    Args:
        encoder: The model.
        templates: Put around every caption, as a vocabulary has them.
        drives: Rendered drives; each one's camera name must be its own.
        writers: Write the captions, by name.
        captions: How many of each are looked for.
        min_lead: From which lead on a frame shows what a text says.

    Returns:
        How well, by name of the writer.
    """
    snapshot, moments = _remember(encoder, drives)
    unrelated = encoder.encode_texts(unrelated_prompts(templates))
    frame_filter = FrameFilter(top_k=max(DEPTHS), min_gap_s=MIN_GAP_S)

    def look_for(text: str) -> SearchOutcome:
        query = encoder.encode_texts(expand([text], templates))
        return search(snapshot, query, frame_filter, unrelated=unrelated, min_lead=min_lead)

    absent = [look_for(text) for text in HELD_OUT_ABSENT]
    scores = {}
    for name, writer in writers.items():
        wanted = list(draw_captions(moments, writer, count=captions))
        found = [look_for(caption.text) for caption in wanted]
        ranks = [
            first_right(caption, outcome.hits, moments)
            for caption, outcome in zip(wanted, found, strict=True)
        ]
        scores[name] = SearchScore(
            captions=len(wanted),
            frames=len(moments),
            recall={depth: float(np.mean([rank < depth for rank in ranks])) for depth in DEPTHS},
            missed=tuple(c for c, rank in zip(wanted, ranks, strict=True) if rank >= max(DEPTHS)),
            denied=_share_denied(found),
            absent=len(absent),
            refused=_share_denied(absent),
        )
    return scores


def _share_denied(outcomes: Sequence[SearchOutcome]) -> float:
    return float(np.mean([bool(outcome.message) for outcome in outcomes]))


def _remember(
    encoder: Encoder, drives: Iterable[Drive]
) -> tuple[MemorySnapshot, tuple[Moment, ...]]:
    """Keep every frame in a memory, and what it shows beside it."""
    limits = MemoryLimits(max_age_s=_LONG_S, max_bytes=_MANY_BYTES, max_gap_s=0.0)
    memory = FrameMemory(encoder.info.dim, limits)
    moments = []
    for drive in drives:
        for rendered in drive:
            (embedding,) = encoder.encode_images([rendered.rgb])
            truth = rendered.truth
            memory.add(StoredFrame(truth.camera, truth.stamp_ns, "", b""), embedding)
            contents = SceneContents.of(truth.to_json(), height_px=len(rendered.rgb))
            moments.append(Moment(truth.camera, truth.stamp_ns, contents))
    return memory.snapshot(), tuple(moments)


def draw_captions(
    moments: Sequence[Moment], writer: CaptionWriter, *, count: int
) -> Iterator[SceneCaption]:
    """Write captions of moments drawn at random.

    Args:
        moments: To draw from.
        writer: Writes them.
        count: How many captions.
    """
    rng = np.random.default_rng(_SEED)
    for index in rng.integers(len(moments), size=count).tolist():
        yield writer.write(moments[index].contents, rng)


def first_right(caption: SceneCaption, hits: Sequence[FrameHit], moments: Sequence[Moment]) -> int:
    """Return the rank of the first right hit, from 0; 10 if none is right."""
    right = [moment for moment in moments if caption.fits(moment.contents)]
    for rank, hit in enumerate(hits):
        gaps = (abs(each.stamp_ns - hit.stamp_ns) for each in right if each.camera == hit.camera)
        if any(gap <= TOLERANCE_NS for gap in gaps):
            return rank
    return max(DEPTHS)
