"""scene-clip train: from pairs to a folder that other commands read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from colour_pairs import TINY_PAIRS, write_folder

from scene_clip_ros.cli.main import main
from scene_clip_ros.cli.train import MOST_NAMED


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Return the words of a small training."""
    write_folder(tmp_path / "pairs", 32)
    (tmp_path / "tiny.json").write_text(json.dumps(TINY_PAIRS))
    words = ["train", str(tmp_path / "pairs"), "--model", str(tmp_path / "tiny.json")]
    return [*words, "-o", str(tmp_path / "out"), "--batch", "8", "--steps", "2"]


def test_progress_is_told_line_by_line(
    command: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(command) == 0
    first, *steps, last = capsys.readouterr().out.splitlines()
    assert first.startswith("tiny from random weights: 29 pairs with 58 captions, 3 pairs held out")
    assert [line.split("  ")[0] for line in steps] == ["step 0/2", "step 1/2", "step 2/2"]
    assert "images/s" in steps[-1]
    assert "held out: loss" in steps[-1]
    assert last == f"{tmp_path / 'out'}: model for --model, curves.png and MODEL_CARD.md"
    assert (tmp_path / "out" / "open_clip_config.json").is_file()


def test_few_of_many_problems_are_named_and_all_counted(
    command: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for number in range(MOST_NAMED + 5):
        (tmp_path / "pairs" / f"more-{number}.png").touch()
    assert main(command) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == MOST_NAMED + 1
    assert lines[-1] == f"left out in all: {MOST_NAMED + 5}"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--epochs", "2"], "argument --epochs: not allowed with argument --steps"),
        (["--batch", "1"], "batch: expected 2 or more, got 1"),
        (["--validation-share", "1"], "share: expected a number in [0, 1), got 1.0"),
        (["--lock-text"], "lock-text: expected a tower with weights to keep"),
        (["--pretrained", "none.pt"], "none.pt: expected a weights file, got no such file"),
    ],
    ids=["epochs and steps", "batch", "share", "lock", "weights"],
)
def test_errors_are_one_line(
    command: list[str], capsys: pytest.CaptureFixture[str], words: list[str], problem: str
) -> None:
    try:
        code = main([*command, *words])
    except SystemExit as err:
        code = int(err.code or 0)
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line
