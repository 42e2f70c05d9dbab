from __future__ import annotations

import hashlib
import json
from pathlib import Path

import open_clip
import pytest
from tiny_clip import TINY

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models import model_source
from scene_clip_ros.models.model_source import find_config, find_model


def test_architecture_and_file_are_found(tmp_path: Path) -> None:
    weights = tmp_path / "mine.safetensors"
    weights.write_bytes(b"weights")
    source = find_model("ViT-B/32", str(weights))
    digest = hashlib.sha256(b"weights").hexdigest()[:12]
    assert source.model_id() == f"ViT-B-32/mine@{digest}"
    assert source.open_clip_name == "ViT-B-32"


def test_file_for_an_architecture_gets_the_preprocessing_of_its_tags(tmp_path: Path) -> None:
    weights = tmp_path / "siglip.safetensors"
    weights.touch()
    source = find_model("ViT-B-16-SigLIP2-256", str(weights))
    assert source.preprocessing["resize_mode"] == "squash"
    assert source.preprocessing["mean"] == (0.5, 0.5, 0.5)


def test_tag_in_the_cache_brings_its_preprocessing_and_activation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached = tmp_path / "open_clip_model.safetensors"
    cached.touch()
    monkeypatch.setattr(model_source, "try_to_load_from_cache", lambda *_: str(cached))
    source = find_model("ViT-B-32", "openai")
    assert (source.weights, source.weights_name, source.quick_gelu) == (cached, "openai", True)


def test_tag_that_is_not_in_the_cache_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(model_source, "try_to_load_from_cache", lambda *_: None)
    with pytest.raises(ModelError) as caught:
        find_model("ViT-B-32-256", "datacomp_s34b_b86k")
    assert "local cache, got none" in str(caught.value)
    assert "create_model('ViT-B-32-256', 'datacomp_s34b_b86k')" in str(caught.value)


@pytest.mark.parametrize(
    ("model", "pretrained", "message"),
    [
        ("ViT-B-33", "openai", "did you mean ViT-B-32"),
        ("ViT-B-32", None, "expected a weights file or a tag of ViT-B-32, got none"),
        ("ViT-B-32", "laion9b", r"a tag of ViT-B-32 \(openai, .*\), got 'laion9b'"),
        ("ViT-B-32", "/nowhere/w.pt", "/nowhere/w.pt: expected a weights file, got no such file"),
        ("ViT-B-32", "/nowhere/w.onnx", r"expected a weights file \(.safetensors, "),
        ("/nowhere/model.json", None, "/nowhere/model.json: expected a model configuration"),
    ],
)
def test_what_is_missing_is_named(model: str, pretrained: str | None, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        find_model(model, pretrained)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "expected JSON"),
        ("[]", "expected an object, got list"),
        ('{"embed_dim": 3}', "got no vision_cfg"),
        ('{"model_cfg": 3}', "got no embed_dim"),
    ],
)
def test_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    with pytest.raises(ModelError, match=rf"model\.json: .*{message}"):
        find_model(str(path), None)


@pytest.mark.parametrize("names", [(), ("a.safetensors", "b.safetensors")])
def test_configuration_needs_one_weights_file_beside_it(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    (tmp_path / "model.json").write_text(json.dumps(TINY))
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ModelError, match=r"expected one \.safetensors file beside the model"):
        find_model(str(tmp_path / "model.json"), None)


def test_configuration_named_like_an_architecture_does_not_replace_it(tmp_path: Path) -> None:
    before = open_clip.get_model_config("ViT-B-32")
    (tmp_path / "ViT-B-32.json").write_text(json.dumps(TINY))
    (tmp_path / "w.safetensors").touch()
    source = find_model(str(tmp_path / "ViT-B-32.json"), None)
    assert open_clip.get_model_config("ViT-B-32") == before
    assert open_clip.get_model_config(source.open_clip_name) == TINY


def test_vocabulary_of_the_tokenizer_is_looked_for_beside_the_configuration(
    tmp_path: Path,
) -> None:
    text_cfg = {**TINY["text_cfg"], "tokenizer_kwargs": {"bpe_path": "merges.txt.gz"}}
    (tmp_path / "model.json").write_text(json.dumps({**TINY, "text_cfg": text_cfg}))
    (tmp_path / "w.safetensors").touch()
    source = find_model(str(tmp_path / "model.json"), None)
    assert source.tokenizer_options == {"bpe_path": str(tmp_path / "merges.txt.gz")}


def test_an_architecture_comes_before_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path / "ViT-B-32")
    monkeypatch.chdir(tmp_path)

    assert find_config("ViT-B-32").model["embed_dim"] == 512
    assert find_config("./ViT-B-32").model == TINY


def test_a_folder_is_looked_for_below_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path / "model")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert find_model("~/model", None).weights == tmp_path / "model" / "weights.safetensors"


def write_folder(folder: Path) -> None:
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": TINY}))
    (folder / "weights.safetensors").touch()
