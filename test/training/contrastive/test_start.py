"""What a fit starts with: weights, locks, and models that do not fit together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from colour_pairs import TINY_PAIRS
from safetensors.torch import load_file
from tiny_clip import save_state
from tiny_text import hf_config, write_text_folder

from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.training.contrastive.start import RANDOM, StartSettings, start_model


def write_config(folder: Path, **text: Any) -> StartSettings:
    config = {**TINY_PAIRS, "text_cfg": {**TINY_PAIRS["text_cfg"], **text}}
    (folder / "tiny.json").write_text(json.dumps(config))
    return StartSettings(str(folder / "tiny.json"))


def test_a_configuration_starts_from_random_weights_of_its_seed(tmp_path: Path) -> None:
    settings = write_config(tmp_path)
    first, again = start_model(settings), start_model(settings)
    other = start_model(replace(settings, seed=1))
    assert first.weights == RANDOM
    assert torch.equal(first.model.visual.proj, again.model.visual.proj)
    assert not torch.equal(first.model.visual.proj, other.model.visual.proj)


def test_weights_are_where_a_fit_starts(tmp_path: Path) -> None:
    settings = write_config(tmp_path)
    weights = tmp_path / "mine.safetensors"
    save_state(start_model(replace(settings, seed=7)).model, weights)
    start = start_model(replace(settings, pretrained=str(weights)))
    assert start.weights.startswith("tiny/mine@")
    assert torch.equal(start.model.visual.proj, load_file(weights)["visual.proj"])


def test_locked_towers_need_no_gradient(tmp_path: Path) -> None:
    settings = write_config(tmp_path)
    save_state(start_model(settings).model, tmp_path / "mine.safetensors")
    settings = replace(settings, pretrained=str(tmp_path / "mine.safetensors"))
    image = start_model(replace(settings, lock_image=True)).model
    assert not any(value.requires_grad for value in image.visual.parameters())
    assert image.token_embedding.weight.requires_grad
    text = start_model(replace(settings, lock_text=True)).model
    assert all(value.requires_grad for value in text.visual.parameters())
    assert not text.token_embedding.weight.requires_grad
    assert not text.text_projection.requires_grad


@pytest.mark.parametrize(
    ("locks", "message"),
    [
        ({"lock_image": True}, "lock-image: expected a tower with weights to keep"),
        ({"lock_text": True}, "lock-text: expected a tower with weights to keep"),
        ({"lock_image": True, "lock_text": True}, "expected one tower to be fitted"),
    ],
    ids=["image", "text", "both"],
)
def test_locks_without_sense_are_refused(
    tmp_path: Path, locks: dict[str, bool], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        start_model(replace(write_config(tmp_path), **locks))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ({"vocab_size": 100}, "expected towers that fit their inputs, got index out of range"),
        ({"heads": 3}, "expected a model that open_clip can build"),
        ({"colour": "red"}, "expected a model that open_clip can build"),
        ({"hf_tokenizer_name": "nobody/has-this"}, "expected its tokenizer on this machine"),
    ],
    ids=["vocabulary", "heads", "unknown entry", "tokenizer"],
)
def test_wrong_configurations_are_refused(
    tmp_path: Path, text: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=f"tiny: {message}"):
        start_model(write_config(tmp_path, **text))


def test_a_text_tower_that_is_too_short_for_its_tokenizer_is_refused(tmp_path: Path) -> None:
    write_text_folder(tmp_path / "text")
    config = hf_config("text")
    config["text_cfg"]["context_length"] = 77
    (tmp_path / "model.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="model: expected towers that fit their inputs"):
        start_model(StartSettings(str(tmp_path / "model.json")))


def test_an_unknown_architecture_is_refused() -> None:
    with pytest.raises(ModelError, match="did you mean ViT-B-32"):
        start_model(StartSettings("ViT-B-33"))
