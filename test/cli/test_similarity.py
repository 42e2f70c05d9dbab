"""Texts and pictures are compared, drawn and printed; what cannot be is refused before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from color_drives import write_colors
from colors import picture

from scene_clip_ros.cli.comparing import compare
from scene_clip_ros.cli.main import build_parser, main
from scene_clip_ros.cli.similarity import check_outputs, choose_kinds, read_texts
from scene_clip_ros.core.errors import ImageError, ParameterError, SourceError
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import read_picture
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, FakeEncoder
from scene_clip_ros.report import heat_map
from scene_clip_ros.report.heat_layout import Items

TEXTS = ("a red thing", "a green thing", "a blue thing")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for index, colour in enumerate(("red", "green")):
        data = encode_png(picture(COLOR_WORDS[colour], size_wh=(32, 18)))
        (folder / f"{index}_{colour}.png").write_bytes(data)
    return folder


def similarity(*words: str | Path, templates: tuple[str, ...] = ()) -> None:
    args = build_parser().parse_args(["similarity", *map(str, words)])
    args.texts = read_texts(args.texts, args.texts_file)
    kinds = choose_kinds(args)
    check_outputs(args, kinds)
    compare(FakeEncoder(), args, kinds, templates=templates)


def similarity_json(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    similarity(*words, "--json")
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    return record


def test_json_has_all_matrices(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = similarity_json(capsys, "--texts", *TEXTS, "--images", pictures)
    assert record["texts"] == list(TEXTS)
    assert record["images"] == ["0_red.png", "1_green.png"]
    assert np.array(record["image_text"]).argmax(axis=1).tolist() == [0, 1]
    assert np.array(record["text_text"]).shape == (3, 3)
    assert np.array(record["image_image"]).shape == (2, 2)
    assert np.sum(record["image_text_probability"], axis=1) == pytest.approx([1.0, 1.0])


def test_without_pictures_there_is_nothing_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    record = similarity_json(capsys, "--texts", *TEXTS)
    assert record["images"] == []
    assert record["image_text"] is record["image_image"] is None


@pytest.mark.parametrize("kind", ["text-text", "image-image", "image-text"])
def test_the_drawn_matrix_is_that_of_the_json(
    kind: str, pictures: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []

    def draw(values: Any, *, rows: Items, columns: Items, **options: Any) -> Any:
        drawn.append((values, rows.labels, columns.labels))
        return heat_map.draw_heat_map(values, rows=rows, columns=columns, **options)

    monkeypatch.setattr("scene_clip_ros.cli.comparing.draw_heat_map", draw)
    record = similarity_json(
        capsys, "--texts", *TEXTS, "--images", pictures, "--kind", kind,
        "-o", pictures.parent / "heat.png",
    )  # fmt: skip
    ((values, rows, columns),) = drawn
    row, column = kind.split("-")
    assert values.tolist() == record[kind.replace("-", "_")]
    assert (list(rows), list(columns)) == (record[f"{row}s"], record[f"{column}s"])


def test_several_kinds_are_drawn_beside_each_other(pictures: Path) -> None:
    similarity(
        "--texts", *TEXTS, "--images", pictures, "--kind", "text-text", "--kind", "image-text",
        "-o", pictures.parent / "heat.svg", "--sheet", pictures.parent / "sheet.png",
    )  # fmt: skip
    for name in ("heat-text-text.svg", "heat-image-text.svg"):
        assert ET.fromstring((pictures.parent / name).read_text()).tag.endswith("svg")
    assert not (pictures.parent / "heat.svg").exists()
    assert read_picture(pictures.parent / "sheet.png").shape[2] == 3


def test_frames_of_recordings_are_taken_at_a_rate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"] * 10 + ["green"] * 10})
    every = similarity_json(capsys, "--images", drive, "--every", "0.5")["images"]
    usual = similarity_json(capsys, "--images", drive)["images"]
    assert len(every) > len(usual) >= 2
    assert all(name.startswith("front ") for name in every)


def test_files_and_recordings_may_be_mixed_and_keep_their_order(
    tmp_path: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"]})
    images = similarity_json(capsys, "--images", drive, pictures / "1_green.png")["images"]
    assert images[0].startswith("d.mcap front ")
    assert images[1] == "1_green.png"


def test_texts_of_a_file_come_after_those_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts.txt").write_text("two\n\none\nthree\n")
    record = similarity_json(capsys, "--texts", "one", "--texts-file", tmp_path / "texts.txt")
    assert record["texts"] == ["one", "two", "three"]


def test_templates_are_averaged(capsys: pytest.CaptureFixture[str]) -> None:
    similarity("--texts", "red", "--json", templates=("{}", "a {} green thing"))
    mixed = json.loads(capsys.readouterr().out)
    assert mixed["text_text"] == [[pytest.approx(1.0, abs=1e-6)]]


def test_a_table_is_printed_if_nothing_else_is_wanted(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    similarity("--texts", *TEXTS, "--images", pictures)
    printed = capsys.readouterr().out
    assert all(name in printed for name in (*TEXTS, "0_red.png", "1_green.png"))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "--texts, --images or both, got neither"),
        (["--texts", "a", " "], "an empty one"),
        (["--texts", "a", "--kind", "image-text"], "expected --images, got none"),
        (["--texts", "a", "-o", "heat.jpg"], "ends in .png or .svg"),
        (["--texts", "a", "-o", "{folder}"], "the folder"),
        (["--texts", *map(str, range(61)), "-o", "heat.png"], "at most 60 texts, got 61"),
        (["--texts", "a", "--sheet", "s.png"], "got only one of them"),
        (["--texts", "a", "--images", "x.png", "-o", "s.png", "--sheet", "./s.png"], "another"),
        (
            [
                "--texts",
                "a",
                "--images",
                "x",
                "--kind",
                "text-text",
                "--kind",
                "image-text",
                "-o",
                "s.png",
                "--sheet",
                "s-text-text.png",
            ],
            "expected another name than that of the heat map",
        ),
        (["--texts", *map(str, range(5001)), "--json"], "at most 5000 texts, got 5001"),
    ],
    ids=[
        "nothing",
        "blank",
        "kind",
        "ending",
        "folder",
        "too many",
        "sheet",
        "same",
        "same as one of several",
        "text-text",
    ],
)
def test_what_cannot_be_drawn_is_refused_before_a_model_is_loaded(
    tmp_path: Path, words: list[str], problem: str
) -> None:
    with pytest.raises(ParameterError, match=problem):
        similarity(*(word.format(folder=tmp_path) for word in words))


def test_too_many_pictures_are_refused_with_a_hint(pictures: Path, tmp_path: Path) -> None:
    for index in range(61):
        (pictures / f"{index}.png").write_bytes((pictures / "0_red.png").read_bytes())
    with pytest.raises(ParameterError, match="at most 60 pictures, got more: try --every"):
        similarity("--images", pictures, "-o", tmp_path / "heat.png")


def test_more_pictures_than_can_be_compared_are_refused_unread(tmp_path: Path) -> None:
    for index in range(5001):
        (tmp_path / f"{index}.png").touch()
    with pytest.raises(ParameterError, match="at most 5000 pictures, got more: try --every"):
        similarity("--images", tmp_path, "--json")


def test_pictures_are_not_compared_with_each_other_unless_asked(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--texts", *TEXTS, "--images", pictures, "--kind", "image-text")
    record = similarity_json(capsys, *words)
    assert record["text_text"] is record["image_image"] is None
    assert len(record["image_text"]) == len(record["image_text_probability"]) == 2


def test_a_damaged_picture_is_an_error_that_names_it(pictures: Path) -> None:
    (pictures / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ImageError, match=r"2\.png"):
        similarity("--images", pictures)


@pytest.mark.parametrize("name", ["0_red.png", "new.png"])
def test_nothing_is_drawn_among_the_pictures(pictures: Path, name: str) -> None:
    before = sorted(path.name for path in pictures.iterdir())
    with pytest.raises(SourceError, match="apart from the recordings"):
        similarity("--images", pictures, "-o", pictures / name)
    assert sorted(path.name for path in pictures.iterdir()) == before


def test_the_embedded_model_puts_rain_near_rain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["rain falling on the street", "a drive through heavy rain", "a sunny day on the road"]
    assert main(["similarity", "--texts", *texts, "--json", "-o", str(tmp_path / "t.svg")]) == 0
    table = np.array(json.loads(capsys.readouterr().out)["text_text"])
    assert table[0, 1] > table[0, 2]
    assert ET.fromstring((tmp_path / "t.svg").read_text()).tag.endswith("svg")
