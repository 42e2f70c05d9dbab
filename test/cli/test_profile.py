"""``scene-clip profile`` on the embedded models and small pictures."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from scene_clip_ros.cli.main import main
from scene_clip_ros.core.profile import BOX_STAGES, LABEL_STAGES

FAST = ["--batches", "1"]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "street.png"
    coarse = np.random.default_rng(2).integers(0, 256, (4, 6, 3), np.uint8)
    cv2.imwrite(str(path), np.kron(coarse, np.ones((30, 30, 1), np.uint8)))
    return path


@pytest.fixture(autouse=True)
def _torch_only(tmp_path: Path) -> None:
    (tmp_path / "torch.yaml").write_text("scene_clip: {ros__parameters: {backend: torch}}")


def test_stages_add_up(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(tmp_path / "torch.yaml")
    assert main(["profile", str(photo), *FAST, "--json", "--cameras", "2", "--config", config]) == 0
    record = json.loads(capsys.readouterr().out)
    assert {each["stage"] for each in record["stages"]} == {*LABEL_STAGES, *BOX_STAGES}
    assert sum(each["p50_ms"] for each in record["stages"]) == pytest.approx(record["batch_ms"])
    assert record["setup"]["size_wh"] == [180, 120]
    assert record["setup"]["cameras"] == 2
    assert "pip install" in record["advice"][0]


def test_table_is_for_people(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--no-boxes", "--size", "64x48", "--transport", "compressed", "--rate", "5"]
    config = ["--config", str(tmp_path / "torch.yaml")]
    assert main(["profile", str(photo), *FAST, *arguments, *config]) == 0
    text = capsys.readouterr().out
    assert text.startswith("1 × 64x48 JPEG at 5 Hz on cpu; image tower: torch")
    assert "propose regions" not in text
    assert "frames/s can be processed" in text
    assert "What to change:" in text


def test_recording_without_a_frame_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", str(tmp_path / "nothing.mp4"), *FAST]) == 2
    assert "nothing.mp4" in capsys.readouterr().err
