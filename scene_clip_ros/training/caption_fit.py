"""Teaches the text tower sentences that say several things of a picture at once.

The image tower stays as it is. Captions are drawn towards the pictures that they fit, and away from
the others (CLIP's symmetric loss, Radford et al., 2021, with everything that fits as a target).
What fits no picture is pushed away from all of them (the sigmoid loss of Zhai et al., 2023), so
that a cosine says whether a picture shows it at all. A sentence of several wordings, any word of
the language among them, is placed at the mean of what its parts were. Single wordings of the
vocabulary are held where the tower had them (knowledge distillation, Hinton et al., 2015), so that
labels and boxes mean what they did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.training.fit_tools import Checkpoint, warm_cosine
from scene_clip_ros.training.image_fit import Report
from scene_clip_ros.training.object_words import absent_words
from scene_clip_ros.training.scene_captions import (
    COMMON,
    CaptionWriter,
    SceneContents,
    join_words,
)
from scene_clip_ros.training.scenes import SceneShard
from scene_clip_ros.training.text_fit import Tokenize
from scene_clip_ros.training.wordings import (
    TEMPLATES,
    Pool,
    attribute_pools,
    object_pools,
    vocabulary_sentences,
    without_held_out,
)

EncodeImages = Callable[[Sequence[ImageArray]], FloatArray]
"""Embeds pictures: ``(N, D)`` float32, rows of unit length."""

_BATCH = 64
_PARTS = (2, 4)
_LEXICON_SHARE = 0.4
_SCENE_SHARE = 0.3
_RARE_ODDS = 2.0
_FIT_ODDS = 3.0
"""How much more a caption that fits counts than one that does not: fewer do."""


@dataclass(frozen=True, slots=True)
class CaptionFitSettings:
    """How the tower is taught.

    Attributes:
        steps: Optimiser steps.
        captions: Pictures with a caption each, a step.
        absent: Sentences about what no picture shows, a step.
        held: Single wordings that are held, a step.
        joined: Sentences of several wordings, a step.
        logit_scale: Multiplier of a cosine before the softmax and the sigmoid.
        even: Cosine at which a sentence is as likely to fit as not.
        rate: Peak learning rate.
        fit_weight: Weight of telling whether a sentence fits at all.
        hold_weight: Weight of holding single wordings.
        join_weight: Weight of placing sentences at the mean of their parts.
        checkpoint_every: Steps between checkpoints.
        seed: Of sampling.
    """

    steps: int = 650
    captions: int = 160
    absent: int = 64
    held: int = 160
    joined: int = 64
    logit_scale: float = 20.0
    even: float = 0.4
    rate: float = 5e-4
    fit_weight: float = 3.0
    hold_weight: float = 50.0
    join_weight: float = 3.0
    checkpoint_every: int = 100
    seed: int = 0


@dataclass(frozen=True, slots=True)
class CaptionBatch:
    """Pictures, sentences and targets of one step.

    Attributes:
        pictures: ``(P, D)`` float32, unit length.
        captions: P sentences, each of one picture.
        things: K sentences, each of a class of things.
        fits: ``(P + K, P)`` float32, rows of captions, then things: 1 where all of it is true of
            the picture.
        absent: Sentences about what no picture shows.
        held: Single wordings.
        joined: Sentences of several wordings.
        joined_words: The wordings of each of them.
    """

    pictures: torch.Tensor
    captions: Pool
    things: Pool
    fits: torch.Tensor
    absent: Pool
    held: Pool
    joined: Pool
    joined_words: tuple[Pool, ...]


class CaptionSamples:
    """Rendered pictures as the image tower sees them, ready to draw captions of."""

    def __init__(
        self,
        scenes: SceneShard,
        vocabulary: Vocabulary,
        lexicon: Pool,
        *,
        encode_images: EncodeImages,
    ) -> None:
        """Embed the pictures.

        Args:
            scenes: Rendered pictures.
            vocabulary: Whose phrasings are wordings, too, and are held.
            lexicon: Single words of the language at large.
            encode_images: The image tower.
        """
        self._pictures, self._contents = _look_at(scenes, encode_images)
        kinds = {kind: without_held_out(pool) for kind, pool in object_pools().items()}
        labels = {
            name: {label: without_held_out(pool) for label, pool in pools.items()}
            for name, pools in attribute_pools(vocabulary).items()
        }
        self._writer = CaptionWriter(labels, kinds)
        self._kinds = {kind: words for kind, words in kinds.items() if kind not in COMMON}
        self._wordings = tuple(
            text for words in (*labels.values(), kinds) for pool in words.values() for text in pool
        )
        self._held = vocabulary_sentences(vocabulary)
        self._absent = absent_words(vocabulary)
        self._lexicon = lexicon
        rare = np.array([bool(each.kinds - COMMON) for each in self._contents])
        odds = np.where(rare, _RARE_ODDS, 1.0)
        self._odds: npt.NDArray[np.float64] = odds / odds.sum()

    def draw(self, rng: np.random.Generator, settings: CaptionFitSettings) -> CaptionBatch:
        """Draw what one step needs; pictures of rare things come more often than they occur."""
        rows = rng.choice(len(self._pictures), settings.captions, p=self._odds)
        shown = [self._contents[row] for row in rows.tolist()]
        captions = [self._writer.write(contents, rng) for contents in shown]
        fits = [[caption.fits(each) for each in shown] for caption in captions]
        fits += [[kind in each.kinds for each in shown] for kind in self._kinds]
        joined = tuple(self._draw_words(rng) for _ in range(settings.joined))
        return CaptionBatch(
            pictures=torch.from_numpy(self._pictures[rows]),
            captions=tuple(_templated(caption.text, rng) for caption in captions),
            things=tuple(_templated(_one_of(pool, rng), rng) for pool in self._kinds.values()),
            fits=torch.tensor(fits, dtype=torch.float32),
            absent=tuple(self._draw_absent(rng) for _ in range(settings.absent)),
            held=tuple(_one_of(self._held, rng) for _ in range(settings.held)),
            joined=tuple(join_words(words, rng) for words in joined),
            joined_words=joined,
        )

    def _draw_absent(self, rng: np.random.Generator) -> str:
        """Name a thing that no picture shows, or two that hardly any does; alone, or in a scene."""
        text = _one_of(self._absent, rng)
        if rng.random() < _LEXICON_SHARE:
            text = f"a {_one_of(self._lexicon, rng)} {_one_of(self._lexicon, rng)}"
        if rng.random() < _SCENE_SHARE:
            text = join_words([text, _one_of(self._wordings, rng)], rng)
        return _templated(text, rng)

    def _draw_words(self, rng: np.random.Generator) -> Pool:
        low, high = _PARTS
        return tuple(self._draw_wording(rng) for _ in range(int(rng.integers(low, high + 1))))

    def _draw_wording(self, rng: np.random.Generator) -> str:
        if rng.random() < _LEXICON_SHARE:
            return f"a {_one_of(self._lexicon, rng)}"
        return _one_of(self._wordings, rng)


def fit_captions(
    tower: nn.Module,
    tokenize: Tokenize,
    samples: CaptionSamples,
    *,
    settings: CaptionFitSettings,
    checkpoint: Path,
    report: Report,
) -> None:
    """Teach a text tower until ``settings.steps``, resuming from the checkpoint if there is one.

    Args:
        tower: ``(N, C)`` tokens to ``(N, D)``; changed in place.
        tokenize: Its tokenizer.
        samples: Pictures and sentences.
        settings: How.
        checkpoint: File that state is kept in, written aside and renamed.
        report: Called with the step and the losses now and then.
    """
    before = deepcopy(tower).eval().requires_grad_(requires_grad=False)
    fitted = [value for value in tower.parameters() if value.requires_grad]
    optimiser = torch.optim.AdamW(fitted, lr=settings.rate, weight_decay=0.02, betas=(0.9, 0.98))
    kept = Checkpoint(checkpoint, {"tower": tower, "optimiser": optimiser})
    step = kept.restore()
    rng = np.random.default_rng([settings.seed, step])
    tower.train()
    while step < settings.steps:
        for group in optimiser.param_groups:
            group["lr"] = settings.rate * warm_cosine(step, steps=settings.steps, warm_up=50)
        losses = _losses((tower, before), tokenize, samples.draw(rng, settings), settings)
        optimiser.zero_grad(set_to_none=True)
        sum(losses.values(), torch.zeros(())).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(fitted, 1.0)
        optimiser.step()
        step += 1
        if step % 20 == 0:
            report(step, {name: float(value.detach()) for name, value in losses.items()})
        if step % settings.checkpoint_every == 0 or step == settings.steps:
            kept.save(step=step)
    tower.eval()


def _losses(
    towers: tuple[nn.Module, nn.Module],
    tokenize: Tokenize,
    batch: CaptionBatch,
    settings: CaptionFitSettings,
) -> dict[str, torch.Tensor]:
    """Return the losses of the tower that learns, beside what it was."""
    tower, before = towers
    texts = [batch.captions, batch.things, batch.absent, batch.held, batch.joined]
    read = _read(tower, tokenize([text for pool in texts for text in pool]))
    captions, things, absent, held, joined = torch.split(read, [len(pool) for pool in texts])
    words = [text for pool in batch.joined_words for text in pool]
    with torch.no_grad():
        were = _read(before, tokenize([*batch.held, *words]))
        where = _means(were[len(held) :], [len(pool) for pool in batch.joined_words])
    cosines = torch.cat([captions, things, absent]) @ batch.pictures.T
    fits = torch.cat([batch.fits, torch.zeros(len(absent), len(batch.pictures))])
    own, alone = slice(len(captions)), slice(len(captions), len(captions) + len(things))
    logits = settings.logit_scale * cosines
    return {
        "captions": (_pick(logits[own], fits[own]) + _pick(logits[own].T, fits[own].T)) / 2,
        "things": _pick(logits[alone], fits[alone]),
        "fits": settings.fit_weight
        * functional.binary_cross_entropy_with_logits(
            logits - settings.logit_scale * settings.even,
            fits,
            pos_weight=torch.tensor(_FIT_ODDS),
        ),
        "held": settings.hold_weight * _distance(held, were[: len(held)]),
        "joined": settings.join_weight * _distance(joined, where),
    }


def _read(tower: nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        raw = tower(tokens)
    return functional.normalize(raw.float(), dim=-1)


def _pick(logits: torch.Tensor, fits: torch.Tensor) -> torch.Tensor:
    """Return the loss of picking a column that fits, over the rows that have one."""
    known = fits.sum(dim=1) > 0
    if not bool(known.any()):
        return 0 * logits.sum()
    target = fits[known] / fits[known].sum(dim=1, keepdim=True)
    return functional.cross_entropy(logits[known], target)


def _distance(vectors: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return (1 - (vectors * targets).sum(dim=-1)).mean()


def _means(vectors: torch.Tensor, counts: Sequence[int]) -> torch.Tensor:
    """Return the direction of the mean of each run of vectors."""
    runs = torch.split(vectors, list(counts))
    return functional.normalize(torch.stack([run.mean(dim=0) for run in runs]), dim=-1)


def _look_at(
    scenes: SceneShard, encode_images: EncodeImages
) -> tuple[npt.NDArray[np.float32], list[SceneContents]]:
    """Return ``(N, D)`` embeddings of pictures, and what each shows."""
    vectors, contents = [], []
    for start in range(0, len(scenes), _BATCH):
        numbers = range(start, min(start + _BATCH, len(scenes)))
        pictures = [scenes.decode(number) for number in numbers]
        vectors.append(encode_images(pictures))
        contents += [
            SceneContents.of(scenes.truths[number], height_px=len(rgb))
            for number, rgb in zip(numbers, pictures, strict=True)
        ]
    return np.concatenate(vectors), contents


def _templated(text: str, rng: np.random.Generator) -> str:
    return _one_of(TEMPLATES, rng).format(text)


def _one_of(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
