from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import load_file
from tiny_clip import TINY, TINY_CONVOLUTIONS, TINY_SIGMOID, save_state, write_model

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.encoder import Crops
from scene_clip_ros.models.model_config import load_model_config, register
from scene_clip_ros.models.open_clip_encoder import load_open_clip

TEXTS = ["a wet road at night", "a person crossing the street"]


def scenes(count: int = 3) -> list[ImageArray]:
    """Return smooth random pictures of different sizes."""
    rng = np.random.default_rng(1)
    coarse = [rng.integers(0, 256, (6, 9, 3), np.uint8) for _ in range(count)]
    sizes = [(640, 360), (300, 420), (97, 64)]
    return [
        np.array(Image.fromarray(blobs).resize(size, Image.Resampling.BICUBIC))
        for blobs, size in zip(coarse, sizes, strict=False)
    ]


def reference(
    model: Any, name: str, preprocessing: Mapping[str, Any]
) -> tuple[FloatArray, FloatArray]:
    """Return what open_clip itself makes of the pictures and the texts."""
    model.eval()
    size = model.visual.image_size
    prepare = image_transform_v2(PreprocessCfg(size=size, **preprocessing), is_train=False)
    pixels = torch.stack([prepare(Image.fromarray(image)) for image in scenes()])
    tokens = open_clip.get_tokenizer(name)(TEXTS)
    with torch.no_grad():
        images = model.encode_image(pixels, normalize=True).numpy()
        texts = model.encode_text(tokens, normalize=True).numpy()
    return images, texts


def row_cosines(ours: FloatArray, theirs: FloatArray) -> FloatArray:
    return np.asarray((ours * theirs).sum(axis=1))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize(
    "config", [TINY, TINY_SIGMOID, TINY_CONVOLUTIONS], ids=["clip", "sigmoid", "convolutions"]
)
@pytest.mark.parametrize(
    "preprocessing",
    [{}, {"resize_mode": "squash", "mean": (0.5,) * 3, "std": (0.5,) * 3}],
    ids=["default", "own"],
)
def test_embeddings_equal_those_of_open_clip(
    tmp_path: Path, config: Mapping[str, Any], preprocessing: Mapping[str, Any], precision: str
) -> None:
    path = write_model(tmp_path, config, preprocessing=preprocessing)
    encoder = load_open_clip(str(path), device="cpu", precision=precision)
    name = register(load_model_config(path))
    model = open_clip.create_model(name, pretrained=str(tmp_path / "model.safetensors"))
    images, texts = reference(model, name, preprocessing)
    assert row_cosines(encoder.encode_images(scenes()), images).min() >= 0.999
    assert row_cosines(encoder.encode_texts(TEXTS), texts).min() >= 0.999


def test_full_size_architecture_with_random_weights_equals_open_clip(tmp_path: Path) -> None:
    weights = tmp_path / "random.safetensors"
    torch.manual_seed(0)
    model = open_clip.create_model("ViT-B-32", load_weights=False)
    save_state(model, weights)
    encoder = load_open_clip("ViT-B-32", str(weights), device="cpu")
    images, texts = reference(model, "ViT-B-32", {})
    assert encoder.info.model_id.startswith("ViT-B-32/random@")
    assert row_cosines(encoder.encode_images(scenes()), images).min() >= 0.999
    assert row_cosines(encoder.encode_texts(TEXTS), texts).min() >= 0.999


def test_info_says_what_is_loaded(tmp_path: Path) -> None:
    info = load_open_clip(str(write_model(tmp_path)), device="cpu", precision="fp32").info
    assert (info.dim, info.device, info.precision, info.backend) == (32, "cpu", "fp32", "torch")
    assert info.logit_scale == pytest.approx(1 / 0.07, rel=1e-5)
    assert info.cosine_floor is None


def test_loading_weights_raises_no_alarm(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = write_model(tmp_path)
    caplog.clear()
    load_open_clip(str(model))
    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == []


def test_model_id_changes_with_the_weights(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    before = load_open_clip(str(path), device="cpu").info.model_id
    save_state(
        open_clip.create_model(register(load_model_config(path)), load_weights=False),
        tmp_path / "model.safetensors",
    )
    after = load_open_clip(str(path), device="cpu").info.model_id
    assert before.startswith("tiny/model@")
    assert before != after


def test_calibration_beside_the_weights_replaces_the_models_own_scale(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    calibration = {"logit_scale": 33.0, "cosine_floor": 0.12, "note": "for people"}
    (tmp_path / "calibration.json").write_text(json.dumps(calibration))
    info = load_open_clip(str(path), device="cpu").info
    assert (info.logit_scale, info.cosine_floor) == (33.0, 0.12)


def test_nothing_gives_no_rows(tmp_path: Path) -> None:
    encoder = load_open_clip(str(write_model(tmp_path)), device="cpu")
    assert encoder.encode_images([]).shape == (0, 32)
    assert encoder.encode_texts([]).shape == (0, 32)


def test_windows_of_pictures_are_embedded_as_pictures_of_their_own(tmp_path: Path) -> None:
    encoder = load_open_clip(str(write_model(tmp_path)), device="cpu", precision="fp32")
    wide, tall, _ = scenes()
    parts = [
        Crops(wide, np.array([[0, 0, 640, 250], [30, 40, 90, 200], [639, 359, 640, 360]])),
        Crops(tall, np.empty((0, 4), np.int64)),
        Crops(tall, np.array([[10, 10, 300, 30]])),
    ]

    rows = encoder.encode_crops(parts)

    cut = [wide[:250], wide[40:200, 30:90], wide[359:, 639:], tall[10:30, 10:300]]
    np.testing.assert_allclose(rows, encoder.encode_images(cut), atol=1e-6)
    assert encoder.encode_crops(parts[1:2]).shape == (0, 32)


def test_many_texts_are_embedded_as_few_are(tmp_path: Path) -> None:
    encoder = load_open_clip(str(write_model(tmp_path)), device="cpu", precision="fp32")
    texts = [f"car number {number}" for number in range(70)]
    rows = encoder.encode_texts(texts)
    np.testing.assert_allclose(rows[67:], encoder.encode_texts(texts[67:]), atol=1e-5)


def test_folder_with_an_open_clip_config_is_a_model(tmp_path: Path) -> None:
    write_model(tmp_path, preprocessing={}, file_name="open_clip_config.json")
    info = load_open_clip(str(tmp_path), device="cpu").info
    assert info.model_id.startswith(f"{tmp_path.name}/model@")


def test_vocabulary_beside_the_configuration_is_used(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "merges.txt.gz", "wt") as file:
        file.write("#version: test\nc a\nca r</w>")
    text_cfg = {**TINY["text_cfg"], "tokenizer_kwargs": {"bpe_path": "merges.txt.gz"}}
    path = write_model(tmp_path, {**TINY, "text_cfg": {**text_cfg, "vocab_size": 516}})
    encoder = load_open_clip(str(path), device="cpu")
    one_token, two_tokens = encoder.encode_texts(["car", "cab"])
    assert not np.allclose(one_token, two_tokens)


def test_tokenizer_that_is_not_here_is_not_fetched(tmp_path: Path) -> None:
    text_cfg = {**TINY["text_cfg"], "hf_tokenizer_name": "nobody/has-this-tokenizer"}
    path = write_model(tmp_path, {**TINY, "text_cfg": text_cfg})
    with pytest.raises(ModelError, match="tiny: expected its tokenizer on this machine"):
        load_open_clip(str(path))


def test_checkpoint_of_weights_only_is_loaded(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    checkpoint = tmp_path / "epoch.pt"
    torch.save({"state_dict": load_file(tmp_path / "model.safetensors")}, checkpoint)
    encoder = load_open_clip(str(path), str(checkpoint), device="cpu", precision="fp32")
    expected = load_open_clip(str(path), str(tmp_path / "model.safetensors"), precision="fp32")
    np.testing.assert_array_equal(encoder.encode_images(scenes()), expected.encode_images(scenes()))


class _Payload:
    """Would write a file if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._path,)


def test_checkpoint_that_runs_code_is_refused_and_not_run(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    checkpoint, trace = tmp_path / "evil.pt", tmp_path / "ran"
    torch.save({"state_dict": {}, "extra": _Payload(trace)}, checkpoint)
    with pytest.raises(ModelError, match=r"evil\.pt: expected weights only"):
        load_open_clip(str(path), str(checkpoint))
    assert not trace.exists()


def test_bare_pickle_is_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    checkpoint = tmp_path / "evil.pt"
    checkpoint.write_bytes(pickle.dumps(_Payload(tmp_path / "ran")))
    with pytest.raises(ModelError, match=r"evil\.pt: expected weights"):
        load_open_clip(str(path), str(checkpoint))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"neither header nor tensors"])
def test_damaged_weights_are_named(tmp_path: Path, content: bytes) -> None:
    path = write_model(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.safetensors: expected weights of tiny"):
        load_open_clip(str(path))


def test_weights_of_another_architecture_are_refused_in_one_line(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    other = {**TINY, "vision_cfg": {**TINY["vision_cfg"], "layers": 3}}
    (tmp_path / "other.json").write_text(json.dumps(other))
    with pytest.raises(ModelError, match="expected weights of other") as caught:
        load_open_clip(str(tmp_path / "other.json"), str(path.parent / "model.safetensors"))
    assert "\n" not in str(caught.value)


def test_nan_embedding_is_an_error(tmp_path: Path) -> None:
    path = write_model(tmp_path)
    model = open_clip.create_model(
        register(load_model_config(path)), pretrained=str(tmp_path / "model.safetensors")
    )
    torch.nn.init.constant_(model.token_embedding.weight, float("nan"))
    save_state(model, tmp_path / "model.safetensors")
    encoder = load_open_clip(str(path), device="cpu", precision="fp32")
    with pytest.raises(ModelError, match="expected finite embeddings"):
        encoder.encode_texts(["a road"])
