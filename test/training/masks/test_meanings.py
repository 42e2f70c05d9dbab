"""Texts belong where the pixels are that they ask for, in words of training and in others."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.models.model_source import EMBEDDED, find_model
from scene_clip_ros.training.held_out_words import HELD_OUT_ABSENT
from scene_clip_ros.training.masks.fit import embed_prompts
from scene_clip_ros.training.masks.meanings import PromptCorpus, target_anchors, write_prompts
from scene_clip_ros.training.masks.network import make_tokenizer, new_network
from scene_clip_ros.training.masks.text_tower import teach_prompts
from scene_clip_ros.training.masks.words import HELD_OUT_STUFF, mask_targets
from scene_clip_ros.training.object_words import ABSENT

DIM = 256
TARGETS = mask_targets()
SLOTS = 6007
"""Of words, by their hash: one in which no word that is asked about shares its slot."""
NAMES = [*(target.name for target in TARGETS), "nothing"]


def bag_of_words(texts: Sequence[str]) -> FloatArray:
    """Embed a text as the set of its words: a teacher to whom common words are common meaning."""
    rows = np.full((len(texts), SLOTS), 1e-6, np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in set(text.split()) - {"a", "the", "photo", "of"}:
            row[zlib.crc32(word.encode()) % SLOTS] = 1
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


@cache
def corpus(size: int = 200) -> PromptCorpus:
    lexicon = ("heavens", "walls", "quantum", "foliage", "opinion")
    return write_prompts(
        TARGETS, ABSENT, lexicon, ("{}", "a photo of {}"), encode=bag_of_words, dim=DIM, size=size
    )


def likeness(one: str, other: str) -> float:
    anchors = target_anchors(TARGETS, DIM)
    return float(anchors[NAMES.index(one)] @ anchors[NAMES.index(other)])


def meaning(text: str) -> str:
    """Return the target whose anchor a text is nearest to."""
    written = corpus()
    anchor = written.anchors[written.texts.index(text)]
    return NAMES[int((target_anchors(TARGETS, DIM) @ anchor).argmax())]


def test_anchors_of_targets_that_share_pixels_are_near_each_other() -> None:
    assert likeness("person", "pedestrian") > 0.5
    assert likeness("pedestrian", "child") > 0.5
    assert likeness("adult", "child") > 0.3
    assert likeness("vehicle", "car") > 0.5


@pytest.mark.parametrize("other", ["road", "sky", "person", "car", "traffic cone"])
def test_anchors_of_targets_without_common_pixels_are_at_right_angles(other: str) -> None:
    assert likeness("vegetation", other) == pytest.approx(0, abs=1e-5)
    assert likeness("nothing", other) == pytest.approx(0, abs=1e-5)


def test_every_anchor_has_unit_length() -> None:
    assert target_anchors(TARGETS, DIM).norm(dim=1) == pytest.approx(torch.ones(len(NAMES)))
    assert corpus().anchors.norm(dim=1) == pytest.approx(torch.ones(len(corpus().texts)))


def test_known_wordings_come_first_and_mean_their_target() -> None:
    known = corpus().texts[: corpus().known]
    assert {word for target in TARGETS for word in target.words} <= set(known)
    for target in TARGETS:
        if target.kind is None:
            assert meaning(target.words[0]) == target.name
            assert meaning(f"a photo of {target.words[-1]}") == target.name


@pytest.mark.parametrize(("text", "name"), [("heavens", "sky"), ("quantum", "nothing")])
def test_other_words_mean_what_the_teacher_relates_them_to_or_nothing(text: str, name: str) -> None:
    assert meaning(text) == name


def test_held_out_wordings_are_in_no_text() -> None:
    held_out = {word for pool in HELD_OUT_STUFF.values() for word in pool} | set(HELD_OUT_ABSENT)
    assert not [text for text in corpus().texts if any(word in text for word in held_out)]
    assert "foliage" not in corpus().texts


def test_texts_are_all_different() -> None:
    assert len(set(corpus().texts)) == len(corpus().texts) == len(corpus().anchors)


def test_a_short_fit_brings_texts_nearer_to_where_they_belong_and_resumes(tmp_path: Path) -> None:
    source, written = find_model(EMBEDDED, None), corpus()

    def distance(steps: int) -> float:
        state = teach_prompts(
            source,
            written,
            steps=steps,
            checkpoint=tmp_path / "prompts.pt",
            report=lambda _step, _losses: None,
        )
        rows = embed_prompts(new_network(state), make_tokenizer(source), written.texts[:200])
        near = torch.nn.functional.cosine_similarity(rows, written.anchors[:200])
        return float((1 - near).mean())

    first, second = distance(1), distance(12)
    assert second < first - 0.03
