"""Checking vocabulary files from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from scene_clip_ros.cli.main import main


def test_the_shown_vocabulary_passes_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["vocabulary", "show"]) == 0
    path = tmp_path / "mine.yaml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["vocabulary", "check", str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{path}: ok\n")
    assert "  attribute  weather: clear, overcast, rain, snow, fog\n" in shown


def test_an_error_names_file_and_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("attributes: {weather: {labels: 3}}", encoding="utf-8")
    assert main(["vocabulary", "check", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"scene-clip: error: {path}")
    assert "attributes.weather.labels" in line
