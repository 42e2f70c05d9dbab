"""Training on pairs: models learn, runs go on exactly, folders load by themselves."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from colour_pairs import TINY_PAIRS, draw_colour, write_folder, write_shard
from safetensors.torch import load_file
from tiny_text import TextKind, hf_config, write_text_folder

from scene_clip_ros.core.errors import ModelError, ParameterError, SourceError
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.report.fit_rows import FitRow, read_rows
from scene_clip_ros.training.contrastive.job import TrainingJob
from scene_clip_ros.training.contrastive.start import StartSettings, start_model
from scene_clip_ros.training.contrastive.train import Reporting, train

TEXTS = ["a red picture", "a blue picture", "a white picture"]


@dataclass(frozen=True, slots=True)
class Trained:
    """A folder after a run, and what was reported."""

    folder: Path
    rows: tuple[FitRow, ...]
    problems: tuple[str, ...]


def write_config(path: Path, config: Mapping[str, Any] = TINY_PAIRS) -> Path:
    path.write_text(json.dumps(config))
    return path


def tiny_job(data: Path, config: Path, **changes: Any) -> TrainingJob:
    job = TrainingJob(
        data=str(data),
        start=StartSettings(str(config)),
        share=0.25,
        steps=36,
        batch=16,
        rate=2e-3,
        precision="fp32",
        checkpoint_every=10,
    )
    return replace(job, **changes)


def run(
    job: TrainingJob, folder: Path, *, on_row: Callable[[FitRow, int], None] | None = None
) -> Trained:
    problems: list[str] = []
    reporting = Reporting(
        on_note=lambda _: None,
        on_problem=problems.append,
        on_row=on_row or (lambda _row, _steps: None),
    )
    train(job, folder, reporting=reporting, device="cpu")
    return Trained(folder, read_rows(folder / "metrics.jsonl"), tuple(problems))


def interrupt_at(step: int) -> Callable[[FitRow, int], None]:
    def on_row(row: FitRow, _: int) -> None:
        if row.step == step:
            raise KeyboardInterrupt

    return on_row


def without_times(rows: tuple[FitRow, ...]) -> list[dict[str, Any]]:
    return [asdict(replace(row, seconds=0.0, images_per_s=None)) for row in rows]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with pairs and a configuration."""
    folder = tmp_path_factory.mktemp("contrastive")
    write_folder(folder / "pairs", wordings=1)
    write_config(folder / "tiny.json")
    return folder


@pytest.fixture(scope="module")
def trained(home: Path) -> Trained:
    """Return a run that nothing interrupted."""
    return run(tiny_job(home / "pairs", home / "tiny.json"), home / "whole")


def test_colours_are_learnt(trained: Trained) -> None:
    first, last = trained.rows[0], trained.rows[-1]
    assert first.image_to_text_1 is not None
    assert first.image_to_text_1 < 0.5
    assert last.image_to_text_1 == last.text_to_image_1 == 1.0
    assert last.val_loss is not None
    assert first.val_loss is not None
    assert last.val_loss < first.val_loss


def test_every_step_is_logged_and_drawn(trained: Trained) -> None:
    assert [row.step for row in trained.rows] == list(range(37))
    assert all(row.loss is not None and row.rate is not None for row in trained.rows[1:])
    assert (trained.folder / "curves.png").read_bytes().startswith(b"\x89PNG")
    card = (trained.folder / "MODEL_CARD.md").read_text()
    assert "48 pictures with 48 captions, from `pairs`" in " ".join(card.split())
    assert "| picture → caption, recall@1 |" in card
    assert "| 100.0 % |" in card


def test_the_folder_embeds_as_the_fitted_model_does(trained: Trained, home: Path) -> None:
    encoder = load_open_clip(str(trained.folder), device="cpu", precision="fp32")
    start = start_model(StartSettings(str(home / "tiny.json")))
    state = torch.load(trained.folder / "checkpoint.pt", weights_only=True)
    start.model.load_state_dict(state["model"])
    with torch.no_grad():
        expected = start.model.encode_text(start.tokenize(TEXTS), normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), expected, atol=1e-6)
    red, blue, _ = encoder.encode_texts(TEXTS)
    (picture,) = encoder.encode_images([draw_colour("red", 999)])
    assert picture @ red > picture @ blue + 0.2


@pytest.mark.parametrize("stop", [7, 25], ids=["before a checkpoint", "after checkpoints"])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    trained: Trained, home: Path, tmp_path: Path, stop: int
) -> None:
    job = tiny_job(home / "pairs", home / "tiny.json")
    with pytest.raises(KeyboardInterrupt):
        run(job, tmp_path / "cut", on_row=interrupt_at(stop))
    assert not (tmp_path / "cut" / "model.safetensors").exists()
    resumed = run(job, tmp_path / "cut")
    assert without_times(resumed.rows) == without_times(trained.rows)
    assert (tmp_path / "cut" / "model.safetensors").read_bytes() == (
        trained.folder / "model.safetensors"
    ).read_bytes()


def test_a_killed_run_leaves_a_whole_checkpoint(
    trained: Trained, home: Path, tmp_path: Path
) -> None:
    options = "--validation-share 0.25 --steps 36 --batch 16 --rate 2e-3 --precision fp32"
    command = [sys.executable, "-m", "scene_clip_ros.cli.main", "train", str(home / "pairs")]
    command += ["--model", str(home / "tiny.json"), "-o", str(tmp_path), *options.split()]
    command += ["--checkpoint-every", "4", "--device", "cpu"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("step 12/36"):
                process.kill()
                break
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["step"] >= 8
    resumed = run(tiny_job(home / "pairs", home / "tiny.json", checkpoint_every=4), tmp_path)
    assert without_times(resumed.rows) == without_times(trained.rows)


def test_a_run_that_is_done_is_not_done_again(trained: Trained, home: Path) -> None:
    before = (trained.folder / "metrics.jsonl").read_bytes()
    run(tiny_job(home / "pairs", home / "tiny.json"), trained.folder)
    assert (trained.folder / "metrics.jsonl").read_bytes() == before


def test_shards_train_as_a_folder_does(trained: Trained, home: Path, tmp_path: Path) -> None:
    shard = write_shard(tmp_path / "shards" / "a-000.tar", wordings=1)
    found = run(tiny_job(shard.parent, home / "tiny.json"), tmp_path / "out")
    assert without_times(found.rows) == without_times(trained.rows)


def test_parts_of_a_batch_train_as_the_whole(trained: Trained, home: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tiny_job(home / "pairs", home / "tiny.json", parts=3), tmp_path, on_row=interrupt_at(7))
    found = read_rows(tmp_path / "metrics.jsonl")
    for ours, whole in zip(found[1:], trained.rows[1:8], strict=True):
        assert ours.loss == pytest.approx(whole.loss, rel=1e-3)


def test_broken_pictures_are_left_out_named_and_counted(home: Path, tmp_path: Path) -> None:
    pairs = write_folder(tmp_path / "pairs", 16)
    (pairs / "0003.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    (pairs / "0004.txt").unlink()
    found = run(tiny_job(pairs, home / "tiny.json", steps=4, batch=8, share=0.0), tmp_path / "out")
    assert [problem.split(":")[0] for problem in found.problems] == ["0004.png", "0003.png"]
    card = " ".join((tmp_path / "out" / "MODEL_CARD.md").read_text().split())
    assert "2 could not be used" in card
    assert "Nothing: no pairs were held out." in card


def test_pairs_of_ones_own_are_validated_on(home: Path, tmp_path: Path) -> None:
    write_folder(tmp_path / "others", 8)
    job = tiny_job(home / "pairs", home / "tiny.json", validation=str(tmp_path / "others"), steps=2)
    rows = run(job, tmp_path / "out").rows
    assert rows[-1].val_loss is not None
    assert rows[-1].epoch == pytest.approx(2 / 4)


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_models_with_a_hugging_face_text_tower_need_nothing_but_their_folder(
    home: Path, tmp_path: Path, kind: TextKind
) -> None:
    write_text_folder(tmp_path / "source" / "words", kind)
    config = write_config(tmp_path / "source" / "model.json", hf_config("words"))
    job = tiny_job(home / "pairs", config, steps=30)
    last = run(job, tmp_path / "out").rows[-1]
    assert last.image_to_text_1 is not None
    assert last.image_to_text_1 >= 0.5
    before = load_open_clip(str(tmp_path / "out"), device="cpu").encode_texts(TEXTS)
    shutil.rmtree(tmp_path / "source")
    shutil.move(tmp_path / "out", tmp_path / "moved")
    after = load_open_clip(str(tmp_path / "moved"), device="cpu").encode_texts(TEXTS)
    np.testing.assert_array_equal(before, after)
    written = [*(tmp_path / "moved").glob("*.json"), *(tmp_path / "moved" / "text").iterdir()]
    assert len(written) >= 3
    assert not [path for path in written if str(tmp_path) in path.read_text(errors="replace")]


def test_the_embedded_model_is_taught_more(home: Path, tmp_path: Path) -> None:
    start = StartSettings("embedded", lock_image=True)
    job = tiny_job(home / "pairs", home / "tiny.json", start=start, steps=2, batch=4, share=0.0)
    run(job, tmp_path / "out")
    taught = load_open_clip(str(tmp_path / "out"), device="cpu", precision="fp32")
    embedded = load_open_clip("embedded", device="cpu", precision="fp32")
    rgb = draw_colour("red", 1)
    assert not np.allclose(taught.encode_texts(TEXTS), embedded.encode_texts(TEXTS), atol=1e-3)
    trunk = "visual.trunk.stem.conv.weight"
    weights = load_file(tmp_path / "out" / "model.safetensors")[trunk]
    assert torch.equal(weights, start_model(start).model.state_dict()[trunk])
    assert taught.encode_images([rgb]).shape == embedded.encode_images([rgb]).shape


def test_the_sigmoid_loss_brings_a_bias_that_the_folder_keeps(home: Path, tmp_path: Path) -> None:
    start = StartSettings(str(home / "tiny.json"), loss="siglip")
    run(tiny_job(home / "pairs", home / "tiny.json", start=start, steps=2), tmp_path / "my-siglip")
    folder = tmp_path / "my-siglip"
    assert "logit_bias" in load_file(folder / "model.safetensors")
    assert load_open_clip(str(folder), device="cpu").info.dim == 16
    assert start_model(StartSettings(str(folder))).loss == "siglip"


@pytest.mark.parametrize(
    ("count", "message"),
    [(0, "expected pictures with captions, got none"), (1, "expected two pairs or more")],
    ids=["empty", "one pair"],
)
def test_too_little_data_is_refused(home: Path, tmp_path: Path, count: int, message: str) -> None:
    data = write_folder(tmp_path / "pairs", count)
    with pytest.raises(SourceError, match=message):
        run(tiny_job(data, home / "tiny.json"), tmp_path / "out")


def test_pictures_that_are_all_broken_end_the_run(home: Path, tmp_path: Path) -> None:
    pairs = write_folder(tmp_path / "pairs", 4)
    for path in pairs.glob("*.png"):
        path.write_bytes(b"rubbish")
    with pytest.raises(SourceError, match="step 1: expected pictures"):
        run(tiny_job(pairs, home / "tiny.json"), tmp_path / "out")


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"rate": 1e-3}, "with rate 0.002, got 0.001"), ({"steps": 50}, "with steps 36, got 50")],
    ids=["rate", "steps"],
)
def test_the_folder_of_another_run_is_refused(
    trained: Trained, home: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        run(tiny_job(home / "pairs", home / "tiny.json", **changes), trained.folder)


@pytest.mark.parametrize("name", ["model.safetensors", "open_clip_config.json", "notes.txt"])
def test_a_folder_with_files_of_others_is_not_written_to(
    home: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("keep me")
    with pytest.raises(ParameterError, match=f"expected a new folder, or .* one with {name}"):
        run(tiny_job(home / "pairs", home / "tiny.json"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "keep me"


def test_a_file_is_no_folder_for_a_model(home: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("keep me")
    with pytest.raises(ParameterError, match="taken: expected a folder, got a file"):
        run(tiny_job(home / "pairs", home / "tiny.json"), tmp_path / "taken")


@pytest.mark.parametrize("name", [".", "out/model", "../pairs/out"])
def test_a_model_is_not_written_among_the_pairs(home: Path, tmp_path: Path, name: str) -> None:
    pairs = write_folder(tmp_path / "pairs", 4)
    before = sorted(pairs.iterdir())
    with pytest.raises(SourceError, match="expected a place apart"):
        run(tiny_job(pairs, home / "tiny.json"), pairs / name)
    with pytest.raises(SourceError, match="expected a place apart"):
        run(tiny_job(home / "pairs", home / "tiny.json", validation=str(pairs)), pairs / name)
    assert sorted(pairs.iterdir()) == before


def test_a_run_that_was_cut_off_before_its_checkpoint_goes_on(home: Path, tmp_path: Path) -> None:
    for name in ("metrics.jsonl", "checkpoint.part"):
        (tmp_path / name).touch()
    job = tiny_job(home / "pairs", home / "tiny.json", steps=2)
    assert [row.step for row in run(job, tmp_path).rows] == [0, 1, 2]


def test_a_checkpoint_that_is_none_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"rubbish")
    with pytest.raises(ModelError, match="expected the checkpoint of a run"):
        run(tiny_job(home / "pairs", home / "tiny.json"), tmp_path)


def test_a_fit_that_diverges_ends_with_a_word(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="expected a finite loss, got nan; lower the rate"):
        run(tiny_job(home / "pairs", home / "tiny.json", rate=1e20, warm_up=1), tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch": 1}, "batch: expected 2 or more, got 1"),
        ({"share": 1.0}, r"share: expected a number in \[0, 1\), got 1.0"),
        ({"least_share": 1.5}, r"least_share: expected a number in \(0, 1\], got 1.5"),
        ({"start": StartSettings("tiny.json", seed=-1)}, "seed: expected a whole number from 0"),
        ({"start": StartSettings("tiny.json", seed=2**32)}, f"4294967295, got {2**32}"),
    ],
    ids=["batch", "share", "least share", "seed below 0", "seed too large"],
)
def test_numbers_out_of_range_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        tiny_job(Path("pairs"), Path("tiny.json"), **changes)
