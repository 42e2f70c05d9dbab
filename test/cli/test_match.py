"""Pictures and captions are matched both ways; recall is told where the pairs are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from colors import picture

from scene_clip_ros.cli.main import build_parser, main
from scene_clip_ros.cli.match import take_captions
from scene_clip_ros.cli.matching import match
from scene_clip_ros.core.errors import ParameterError, SourceError
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import read_picture
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, FakeEncoder

CAPTIONS = ("a red thing", "a green thing", "a blue thing")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for colour in ("red", "green", "blue"):
        (folder / f"{colour}.png").write_bytes(encode_png(picture(COLOR_WORDS[colour])))
    return folder


def run_match(images: Path, *words: str | Path) -> None:
    args = build_parser().parse_args(["match", str(images), *map(str, words)])
    match(FakeEncoder(), args, take_captions(args.captions))


def match_json(
    capsys: pytest.CaptureFixture[str], images: Path, *words: str | Path
) -> dict[str, Any]:
    run_match(images, *words, "--json")
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    return record


def write_table(path: Path, pairs: dict[str, str]) -> Path:
    lines = [f"{image},{caption}" for image, caption in pairs.items()]
    path.write_text("\n".join(["image,caption", *lines]))
    return path


def test_both_rankings_have_the_best_first(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = match_json(capsys, pictures, *CAPTIONS, "--top", "2")
    best = {each["image"]: each["captions"][0]["caption"] for each in record["images"]}
    assert best == {f"{word}.png": f"a {word} thing" for word in ("red", "green", "blue")}
    found = {each["caption"]: each["images"][0]["image"] for each in record["captions"]}
    assert found == {caption: image for image, caption in best.items()}
    assert all(len(each["captions"]) == 2 for each in record["images"])
    assert record["recall"] is None


def test_recall_is_told_both_ways_where_the_pairs_are_known(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write_table(
        tmp_path / "c.csv",
        {"red.png": "a red thing", "green.png": "a green thing", "blue.png": "a yellow thing"},
    )
    recall = match_json(capsys, pictures, table)["recall"]
    assert recall["image_to_text"] == {"1": pytest.approx(2 / 3), "5": 1.0, "10": 1.0}
    assert recall["text_to_image"]["1"] == pytest.approx(2 / 3)


def test_recall_is_printed_below_the_tables(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = write_table(tmp_path / "c.csv", {"red.png": "a red thing", "x.png": "a blue thing"})
    run_match(pictures, table)
    printed = capsys.readouterr()
    assert "recall@1" in printed.out
    assert "100.0 %" in printed.out
    assert "1 captions are of no picture here" in printed.err


def test_captions_of_other_pictures_are_refused(pictures: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "c.csv", {"x.png": "a red thing"})
    with pytest.raises(ParameterError, match=r"got those of x\.png"):
        run_match(pictures, table)


def test_a_sheet_shows_the_pictures(pictures: Path, tmp_path: Path) -> None:
    run_match(pictures, *CAPTIONS, "--sheet", tmp_path / "sheet.png")
    sheet = read_picture(tmp_path / "sheet.png")
    for word in ("red", "green", "blue"):
        assert (sheet == COLOR_WORDS[word]).all(axis=2).sum() > 1000


@pytest.mark.parametrize(
    ("words", "problem"),
    [([" "], "expected captions, got none"), (["no.txt"], "no.txt")],
    ids=["blank", "no file"],
)
def test_captions_that_are_none_are_refused(pictures: Path, words: list[str], problem: str) -> None:
    with pytest.raises((ParameterError, SourceError), match=problem):
        run_match(pictures, *words)


def test_the_command_checks_the_sheet_before_it_loads_a_model(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["match", str(pictures), "a", "--sheet", "sheet.jpg"]) == 2
    assert "ends in .png or .svg" in capsys.readouterr().err
