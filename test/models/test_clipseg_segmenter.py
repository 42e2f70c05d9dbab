from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tiny_clipseg import CONTEXT, SIDE, tiny_processor, tiny_tokenizer, write_clipseg
from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.masks import MaskPrompts
from scene_clip_ros.core.types import FloatArray, Frame, ImageArray
from scene_clip_ros.media.scaling import stretch_plane
from scene_clip_ros.models import clipseg_segmenter
from scene_clip_ros.models.clipseg_folder import read_preprocessing
from scene_clip_ros.models.clipseg_segmenter import ClipsegSegmenter, load_clipseg
from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.pipeline.mask_finder import MaskFinder

PROMPTS = ["road", "a person far", "sky"]


def scenes() -> list[ImageArray]:
    """Return smooth random pictures of different sizes."""
    rng = np.random.default_rng(1)
    return [
        np.array(Image.fromarray(rng.integers(0, 256, (6, 9, 3), np.uint8)).resize(size))
        for size in [(320, 180), (100, 140)]
    ]


def theirs(folder: Path, images: list[ImageArray], prompts: list[str]) -> FloatArray:
    """Return what transformers' own forward says, one picture and one prompt at a time."""
    model = CLIPSegForImageSegmentation.from_pretrained(folder, dtype=torch.float32).eval()
    processor = CLIPSegProcessor(tiny_processor(), tiny_tokenizer())
    rows = []
    for image in images:
        for prompt in prompts:
            inputs = processor(text=[prompt], images=[image], padding=True, return_tensors="pt")
            with torch.no_grad():
                rows.append(model(**inputs).logits.reshape(SIDE, SIDE))
    stacked: FloatArray = torch.stack(rows).numpy()
    return stacked.reshape(len(images), len(prompts), SIDE, SIDE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clipseg(tmp_path_factory.mktemp("clipseg") / "tiny")


@pytest.mark.parametrize(
    "options",
    [{}, {"use_complex_transposed_convolution": True}, {"conditional_layer": 1}],
    ids=["simple", "complex-convolution", "later-condition"],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16], ids=["fp32", "fp16"])
def test_logits_equal_those_of_transformers(
    tmp_path: Path, options: dict[str, Any], dtype: torch.dtype
) -> None:
    folder = write_clipseg(tmp_path, dtype=dtype, **options)

    logits = load_clipseg(str(folder), device="cpu", precision="fp32").segment(scenes(), PROMPTS)

    expected = theirs(folder, scenes(), PROMPTS)
    assert logits.shape == (2, 3, SIDE, SIDE)
    assert expected.std() > 0.1
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)


def test_many_prompts_equal_few(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter = load_clipseg(str(folder), device="cpu", precision="fp32")
    whole = segmenter.segment(scenes(), PROMPTS)
    monkeypatch.setattr(clipseg_segmenter, "DECODER_BATCH", 4)
    monkeypatch.setattr(clipseg_segmenter, "TEXT_BATCH", 2)
    monkeypatch.setattr(clipseg_segmenter, "KEPT_PROMPTS", 2)

    parts = load_clipseg(str(folder), device="cpu", precision="fp32").segment(scenes(), PROMPTS)

    np.testing.assert_allclose(parts, whole, atol=1e-5)


def counted(folder: Path) -> tuple[ClipsegSegmenter, dict[str, int]]:
    """Return a segmenter, and how often each of its towers runs from now on."""
    model = CLIPSegForImageSegmentation.from_pretrained(folder, dtype=torch.float32)
    runs = {"vision": 0, "texts": 0}

    def tokenize(texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = tiny_tokenizer()(texts, padding=True, return_tensors="pt")
        return tokens["input_ids"], tokens["attention_mask"]

    def count_vision(*_: Any) -> None:
        runs["vision"] += 1

    def count_texts(_module: Any, _inputs: Any, output: Any) -> None:
        runs["texts"] += len(output.pooler_output)

    segmenter = ClipsegSegmenter(
        model,
        tokenize,
        preprocessing=Preprocessing(
            **read_preprocessing(folder), resize_mode="squash", fill_color=0
        ),
        model_id="tiny",
        device=torch.device("cpu"),
        precision="fp32",
    )
    model.clip.vision_model.register_forward_hook(count_vision)
    model.clip.text_model.register_forward_hook(count_texts)
    return segmenter, runs


def test_pictures_are_seen_once_whatever_the_number_of_prompts(folder: Path) -> None:
    segmenter, runs = counted(folder)

    segmenter.segment(scenes(), [f"thing {letter}" for letter in "abcdefghij"])

    assert runs["vision"] == 1


def test_a_mask_of_a_hundred_prompts_takes_one_look(folder: Path) -> None:
    segmenter, runs = counted(folder)
    prompts = MaskPrompts(tuple(f"thing {number}" for number in range(100)))
    finder = MaskFinder(segmenter, stretch=stretch_plane)

    finder.find([Frame("front", 1, scenes()[0])], prompts)

    assert len(finder.portions(prompts)) > 1
    assert runs == {"vision": 1, "texts": 100}


def test_a_view_says_what_a_look_for_each_prompt_says(folder: Path) -> None:
    segmenter, runs = counted(folder)
    view = segmenter.view(scenes())

    parts = [view.segment(PROMPTS[:1]), view.segment([]), view.segment(PROMPTS[1:])]

    assert runs["vision"] == 1
    np.testing.assert_allclose(
        np.concatenate(parts, axis=1), segmenter.segment(scenes(), PROMPTS), atol=1e-5
    )


def test_prompts_are_embedded_once(folder: Path) -> None:
    segmenter, runs = counted(folder)
    segmenter.segment(scenes(), PROMPTS)

    segmenter.segment(scenes(), ["sky", "sky", *PROMPTS, "kerb"])

    assert runs["texts"] == len(PROMPTS) + 1


def test_prompts_that_were_not_used_for_long_are_forgotten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipseg_segmenter, "KEPT_PROMPTS", 2)
    segmenter, runs = counted(folder)
    for prompts in (["a"], ["b"], ["a"], ["c"]):
        segmenter.segment(scenes(), prompts)

    segmenter.segment(scenes(), ["a", "c"])
    assert runs["texts"] == 3

    segmenter.segment(scenes(), ["b"])
    assert runs["texts"] == 4


def test_bf16_is_close_and_its_logits_are_fp32(folder: Path) -> None:
    exact = load_clipseg(str(folder), device="cpu", precision="fp32").segment(scenes(), PROMPTS)

    segmenter = load_clipseg(str(folder), device="cpu", precision="bf16")
    logits = segmenter.segment(scenes(), PROMPTS)

    assert segmenter.info.precision == "bf16"
    assert logits.dtype == np.float32
    assert np.abs(logits - exact).mean() < 0.05 * exact.std()


def test_info_says_what_is_loaded(folder: Path) -> None:
    info = load_clipseg(str(folder), device="cpu", precision="fp32").info

    assert (info.device, info.precision, info.size_hw) == ("cpu", "fp32", (SIDE, SIDE))
    assert info.model_id.startswith("tiny@")


@pytest.mark.parametrize(
    ("images", "prompts"), [(0, 2), (1, 0), (0, 0)], ids=["no-picture", "no-prompt", "neither"]
)
def test_nothing_to_do_gives_nothing(folder: Path, images: int, prompts: int) -> None:
    segmenter = load_clipseg(str(folder), device="cpu")

    logits = segmenter.segment(scenes()[:images], PROMPTS[:prompts])

    assert logits.shape == (images, prompts, SIDE, SIDE)


def test_a_prompt_longer_than_the_context_is_cut_off(folder: Path) -> None:
    segmenter = load_clipseg(str(folder), device="cpu", precision="fp32")

    (long,) = segmenter.segment(scenes()[:1], ["a" * 500])
    (cut,) = segmenter.segment(scenes()[:1], ["a" * (CONTEXT - 2)])

    assert np.isfinite(long).all()
    assert long.shape == cut.shape


def test_a_pickle_of_weights_is_read(folder: Path, tmp_path: Path) -> None:
    write_clipseg(tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    (tmp_path / "model.safetensors").unlink()
    torch.save(state, tmp_path / "pytorch_model.bin")

    logits = load_clipseg(str(tmp_path), device="cpu", precision="fp32").segment(scenes(), ["sky"])

    expected = load_clipseg(str(folder), device="cpu", precision="fp32").segment(scenes(), ["sky"])
    np.testing.assert_allclose(logits, expected, atol=1e-5)


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("this code must never run",)


def test_a_pickle_that_runs_code_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clipseg(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with (tmp_path / "pytorch_model.bin").open("wb") as file:
        pickle.dump({"weight": _Evil()}, file)

    with pytest.raises(ModelError, match=r"pytorch_model\.bin: expected weights") as refusal:
        load_clipseg(str(tmp_path))

    assert "\n" not in str(refusal.value)
    assert "this code" not in capsys.readouterr().out


def drop_a_weight(folder: Path) -> None:
    path = folder / "model.safetensors"
    state = load_file(path)
    del state["decoder.film_mul.weight"]
    save_file(state, path, metadata={"format": "pt"})


def reshape_a_weight(folder: Path) -> None:
    path = folder / "model.safetensors"
    state = load_file(path)
    state["decoder.film_mul.weight"] = torch.zeros(3, 3)
    save_file(state, path, metadata={"format": "pt"})


def spoil_a_weight(folder: Path) -> None:
    path = folder / "model.safetensors"
    state = load_file(path)
    state["decoder.film_add.bias"][0] = float("nan")
    save_file(state, path, metadata={"format": "pt"})


def other_end_token(folder: Path) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    config["text_config"]["eos_token_id"] = 7
    path.write_text(json.dumps(config))


def truncate_the_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def remove(name: str) -> Any:
    return lambda folder: (folder / name).unlink()


def change(name: str, **entries: Any) -> Any:
    def apply(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))

    return apply


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (remove("config.json"), r"config\.json: expected a configuration, got No such file"),
        (remove("model.safetensors"), r"expected weights \(model\.safetensors or"),
        (remove("preprocessor_config.json"), "expected preprocessor_config.json or"),
        (lambda f: [p.unlink() for p in f.glob("token*")], "expected a tokenizer"),
        (other_end_token, "expected a tokenizer of 54 tokens that ends texts in 7, got"),
        (change("config.json", model_type="clip"), "expected model_type 'clipseg', got 'clip'"),
        (lambda f: (f / "config.json").write_text("{"), r"config\.json: expected JSON"),
        (drop_a_weight, r"expected every weight .* decoder\.film_mul\.weight"),
        (reshape_a_weight, r"expected (every weight|weights of a CLIPSeg)"),
        (spoil_a_weight, "expected finite logits"),
        (truncate_the_weights, "expected weights of a CLIPSeg"),
        (
            change("preprocessor_config.json", size={"shortest_edge": 64}),
            "size: expected one height and width, got {'shortest_edge': 64}",
        ),
        (change("preprocessor_config.json", do_center_crop=True), "do_center_crop: expected False"),
        (change("preprocessor_config.json", resample=5), r"resample: expected one of 2 \(bilinear"),
        (change("preprocessor_config.json", image_mean=[0.5]), "image_mean: expected three"),
        (change("preprocessor_config.json", rescale_factor=1), "rescale_factor: expected 1/255"),
    ],
)
def test_a_wrong_checkpoint_is_refused_in_one_line(
    tmp_path: Path, damage: Any, reason: str
) -> None:
    write_clipseg(tmp_path)
    damage(tmp_path)

    with pytest.raises(ModelError, match=reason) as refusal:
        load_clipseg(str(tmp_path))

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["no-such-folder", "someone/no-such-model", "a/b/c", "with space"])
def test_a_model_that_is_not_here_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match=r"expected 'embedded', a folder with a CLIPSeg"):
        load_clipseg(name)


def test_a_hub_name_is_looked_up_in_the_local_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "models--someone--masks" / "snapshots" / "abc"
    write_clipseg(snapshot)
    (tmp_path / "models--someone--masks" / "refs").mkdir()
    (tmp_path / "models--someone--masks" / "refs" / "main").write_text("abc")
    monkeypatch.setattr("huggingface_hub.file_download.constants.HF_HUB_CACHE", str(tmp_path))

    segmenter = load_clipseg("someone/masks", device="cpu", precision="fp32")

    assert segmenter.info.model_id.startswith("someone/masks@")


def test_the_processor_may_lie_in_the_file_of_newer_versions(tmp_path: Path) -> None:
    write_clipseg(tmp_path)
    (tmp_path / "preprocessor_config.json").unlink()
    CLIPSegProcessor(tiny_processor(image_mean=[0.1, 0.2, 0.3]), tiny_tokenizer()).save_pretrained(
        tmp_path
    )

    assert not (tmp_path / "preprocessor_config.json").exists()
    assert read_preprocessing(tmp_path)["mean"] == (0.1, 0.2, 0.3)


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_other_runtimes_mark_what_torch_marks(folder: Path, tmp_path: Path, backend: str) -> None:
    pytest.importorskip(backend)
    expected = load_clipseg(str(folder), device="cpu", precision="fp32")

    segmenter = load_clipseg(
        str(folder),
        device="cpu",
        precision="fp32",
        backend=backend,
        cache=NetworkCache(tmp_path / "cache"),
    )

    assert segmenter.info.backend == backend
    view = segmenter.view(scenes())
    first, again = (view.segment(PROMPTS) for _ in range(2))
    np.testing.assert_allclose(first, expected.segment(scenes(), PROMPTS), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(first, again)
