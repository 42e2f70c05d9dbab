"""What texts mean to masks: those that training knows, and those that a teacher relates to them.

A decoder that is conditioned on the embedded CLIP's own sentences gets little to tell "the tarmac"
from "a human": that model was taught what whole pictures are about. So the text tower of the masks
learns to place a text by the pixels that it asks for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.sim.semantics import SemanticClass
from scene_clip_ros.training.held_out_words import HELD_OUT_ABSENT
from scene_clip_ros.training.masks.samples import KINDS
from scene_clip_ros.training.masks.words import HELD_OUT_STUFF, MaskTarget, Pool
from scene_clip_ros.training.wordings import without_held_out

Encode = Callable[[Sequence[str]], FloatArray]

_FLOOR = 0.5
"""Cosine, in the teacher's space, of a text and a wording that have as little in common as any."""

_SHARPNESS = 20.0
_KIND_SHARE = 0.8
_CLASSES = len(SemanticClass)


@dataclass(frozen=True, slots=True)
class PromptCorpus:
    """Texts to learn from, and where they belong.

    Attributes:
        texts: All different; the first ``known`` are those that masks are drawn for.
        anchors: ``(N, D)`` float32 of unit length: where each belongs.
        known: How many of them are the targets' own wordings, or of what no picture shows.
    """

    texts: Pool
    anchors: torch.Tensor
    known: int


def target_anchors(targets: Sequence[MaskTarget], dim: int) -> torch.Tensor:
    """Return where the wordings of each target belong, and in the last row those of nothing.

    Targets that share pixels are near each other: an anchor is the sum of directions of the
    classes of its pixels, and, where only some kind of them is meant, one of its own.

    Args:
        targets: T of them.
        dim: Of the embedding, D, at least one for each class and kind, and one for nothing.

    Returns:
        ``(T + 1, D)`` float32 of unit length.
    """
    parts = torch.zeros(len(targets) + 1, dim)
    for row, target in zip(parts, targets, strict=False):
        for each in target.classes:
            row[int(each) - 1] = len(target.classes) ** -0.5
        if target.kind is not None:
            row[_CLASSES + KINDS.index(target.kind)] = _KIND_SHARE
    parts[-1, _CLASSES + len(KINDS)] = 1.0
    random = torch.randn(dim, dim, generator=torch.Generator().manual_seed(0))
    directions, _ = torch.linalg.qr(random)
    return torch.nn.functional.normalize(parts @ directions, dim=1)


def write_prompts(
    targets: Sequence[MaskTarget],
    absent: Pool,
    lexicon: Pool,
    templates: Sequence[str],
    *,
    encode: Encode,
    dim: int,
    size: int,
) -> PromptCorpus:
    """Write the texts that the text tower learns, none with a held-out wording.

    Args:
        targets: What masks are asked for.
        absent: Wordings of what no picture shows.
        lexicon: Single words of the language at large.
        templates: Sentences with one ``{}``.
        encode: The teacher: texts to ``(N, E)`` float32 of unit length.
        dim: Of the embedding, D.
        size: Number of random texts beside the wordings, before duplicates go.
    """
    anchors = target_anchors(targets, dim)
    pools = [*(target.words for target in targets), absent]
    rows = {word: row for row, pool in reversed(list(enumerate(pools))) for word in pool}
    words = list(rows)
    near = anchors[torch.tensor(list(rows.values()))]
    placed = {
        template.replace("{}", word): anchor
        for template in templates
        for word, anchor in zip(words, near, strict=True)
    }
    rng = np.random.default_rng(0)
    random = itertools.islice(_random_texts(words, lexicon, templates, rng), size)
    others = [text for text in _allowed((*lexicon, *random)) if text not in placed]
    related = _related(encode(others), encode(words), list(rows.values()), len(pools))
    texts = (*placed, *others)
    wanted = torch.cat([torch.stack(list(placed.values())), related @ anchors])
    return PromptCorpus(texts, torch.nn.functional.normalize(wanted, dim=1), len(placed))


def _related(texts: FloatArray, words: FloatArray, rows: Sequence[int], pools: int) -> torch.Tensor:
    """Return how much each text means what each pool means; the last one's is nothing at all.

    Args:
        texts: ``(N, E)``, the teacher's.
        words: ``(W, E)``, the same.
        rows: Pool of each word.
        pools: How many there are, P.

    Returns:
        ``(N, P)`` float32; rows add up to 1.
    """
    cosines, pool_of = torch.from_numpy(texts @ words.T), torch.tensor(rows)
    best = torch.stack([cosines[:, pool_of == row].amax(dim=1) for row in range(pools)], dim=1)
    best[:, -1].clamp_(min=_FLOOR)
    return torch.softmax(_SHARPNESS * best, dim=1)


def _allowed(texts: Iterable[str]) -> Pool:
    """Return each text once, except those that contain a wording held out for measuring."""
    held_out = {words for pool in HELD_OUT_STUFF.values() for words in pool} | set(HELD_OUT_ABSENT)
    return tuple(
        text for text in without_held_out(texts) if not any(words in text for words in held_out)
    )


def _random_texts(
    words: Sequence[str], lexicon: Pool, templates: Sequence[str], rng: np.random.Generator
) -> Iterator[str]:
    """Yield wordings among other words, and other words alone."""

    def one(pool: Sequence[str]) -> str:
        return pool[int(rng.integers(len(pool)))]

    while True:
        for text in (
            f"{one(words)} {one(lexicon)}",
            f"the {one(lexicon)} {one(words).removeprefix('the ').removeprefix('a ')}",
            f"{one(words)} and {one(lexicon)}",
            f"{one(lexicon)} and {one(words)}",
            f"a {one(lexicon)}",
            f"the {one(lexicon)}",
            f"a {one(lexicon)} {one(lexicon)}",
        ):
            yield one(templates).replace("{}", text)
