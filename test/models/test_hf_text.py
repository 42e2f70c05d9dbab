"""Text towers of Hugging Face in open_clip models: built from folders, without a network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_clip import save_state
from tiny_text import TextKind, hf_config, write_text_folder
from transformers import AutoConfig, AutoModel

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.model_config import load_model_config
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.models.open_clip_model import build_untrained

KINDS: tuple[TextKind, ...] = ("bert", "distilbert")


def write_model(folder: Path, kind: TextKind = "distilbert") -> Path:
    """Write a model with random weights into a folder; return its configuration."""
    write_text_folder(folder / "text", kind)
    path = folder / "open_clip_config.json"
    path.write_text(json.dumps(hf_config("text")))
    torch.manual_seed(0)
    save_state(build_untrained(load_model_config(path)), folder / "model.safetensors")
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_beside_the_configuration_is_a_text_tower(tmp_path: Path, kind: TextKind) -> None:
    write_model(tmp_path, kind)
    rows = load_open_clip(str(tmp_path), device="cpu").encode_texts(["a red car", "a green car"])
    assert rows.shape == (2, 32)
    assert not np.allclose(rows[0], rows[1])


def test_a_model_that_is_moved_embeds_as_before(tmp_path: Path) -> None:
    write_model(tmp_path / "here")
    texts = ["a red picture", "the blue"]
    before = load_open_clip(str(tmp_path / "here"), device="cpu").encode_texts(texts)
    shutil.move(tmp_path / "here", tmp_path / "there")
    after = load_open_clip(str(tmp_path / "there"), device="cpu").encode_texts(texts)
    np.testing.assert_array_equal(before, after)


def test_two_models_with_equal_relative_names_are_two(tmp_path: Path) -> None:
    for kind in KINDS:
        write_model(tmp_path / kind, kind)
    for kind in KINDS:
        model = build_untrained(load_model_config(tmp_path / kind / "open_clip_config.json"))
        assert model.text.config.model_type == kind


@pytest.mark.parametrize("kind", KINDS)
def test_weights_in_the_folder_are_where_training_starts(tmp_path: Path, kind: TextKind) -> None:
    folder = write_text_folder(tmp_path / "text", kind)
    pretrained = AutoModel.from_config(AutoConfig.from_pretrained(folder), add_pooling_layer=False)
    save_state(pretrained, folder / "model.safetensors")
    (tmp_path / "model.json").write_text(json.dumps(hf_config("text")))
    model = build_untrained(load_model_config(tmp_path / "model.json"))
    expected = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    assert torch.equal(model.text.transformer.embeddings.word_embeddings.weight, expected)


def test_padding_does_not_change_an_embedding(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    model = build_untrained(load_model_config(path)).eval()
    tokens = torch.tensor([[2, 5, 9, 3]])
    padded = torch.nn.functional.pad(tokens, (0, 6))
    with torch.no_grad():
        torch.testing.assert_close(model.encode_text(tokens), model.encode_text(padded))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"model_type": "gpt2"}', "expected a model_type of bert, distilbert, .*, got 'gpt2'"),
        ("[]", "expected an object, got list"),
        ("{", "expected JSON, got"),
        (None, "expected the configuration of a Hugging Face model, got .*No such file"),
    ],
    ids=["other kind", "list", "no json", "no file"],
)
def test_a_folder_without_a_text_model_is_refused(
    tmp_path: Path, text: str | None, message: str
) -> None:
    (tmp_path / "text").mkdir()
    if text is not None:
        (tmp_path / "text" / "config.json").write_text(text)
    (tmp_path / "model.json").write_text(json.dumps(hf_config("text")))
    with pytest.raises(ModelError, match=message):
        load_model_config(tmp_path / "model.json")


def test_a_text_model_that_is_not_here_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps(hf_config("nobody/has-this-model")))
    with pytest.raises(ModelError, match="model: expected a model that open_clip can build"):
        build_untrained(load_model_config(tmp_path / "model.json"))


def test_the_example_builds_beside_a_folder_of_distilbert(tmp_path: Path, repository: Path) -> None:
    example = repository / "docs" / "examples" / "vit-b-32-distilbert.json"
    config = json.loads(example.read_text())
    write_text_folder(tmp_path / config["text_cfg"]["hf_model_name"])
    config |= {key: hf_config("")[key] for key in ("embed_dim", "vision_cfg")}
    (tmp_path / "model.json").write_text(json.dumps(config))
    model = build_untrained(load_model_config(tmp_path / "model.json"))
    assert model.text.config.model_type == "distilbert"
