"""Pictures with captions are found in folders, tables and shards; what is wrong is named."""

from __future__ import annotations

import csv
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from colour_pairs import add_member, colour_samples, draw_colour, write_folder, write_shard
from PIL import Image

from scene_clip_ros.core.errors import ImageError, SourceError
from scene_clip_ros.training.contrastive.folders import find_pairs
from scene_clip_ros.training.contrastive.pairs import PairList, PictureBytes


def contents(found: PairList) -> list[tuple[bytes, tuple[str, ...]]]:
    return [(pair.picture.decode().tobytes(), pair.captions) for pair in found.pairs]


def write_csv(folder: Path) -> str:
    write_folder(folder, 4)
    with (folder / "captions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "caption"])
        for name, _, captions in colour_samples(4):
            writer.writerows([[f"{name}.png", line] for line in captions.splitlines()])
    return str(folder)


def write_jsonl(folder: Path) -> str:
    write_folder(folder, 4)
    lines = [
        json.dumps({"image": f"{name}.png", "captions": captions.splitlines()})
        for name, _, captions in colour_samples(4)
    ]
    (folder / "captions.jsonl").write_text("\n".join(lines))
    return str(folder / "captions.jsonl")


def write_drive(folder: Path) -> str:
    """Write what a rendered drive has: pictures named by stamps, and their truth."""
    folder.mkdir()
    lines = []
    for number, (_, png, captions) in enumerate(colour_samples(4)):
        (folder / f"{number:019d}.jpg").write_bytes(png)
        truth = {"stamp_ns": number, "camera": "front", "captions": captions.splitlines()}
        lines.append(json.dumps(truth))
    (folder / "truth.jsonl").write_text("\n".join(lines))
    return str(folder)


@pytest.mark.parametrize(
    "write",
    [
        write_csv,
        write_jsonl,
        write_drive,
        lambda folder: str(write_shard(folder / "a.tar", 4)),
        lambda folder: str(write_shard(folder / "a.tar", 4, text=".json").parent),
    ],
    ids=["csv", "jsonl", "rendered drive", "shard", "folder of shards with json"],
)
def test_every_form_gives_what_a_folder_gives(tmp_path: Path, write: Callable[[Path], str]) -> None:
    expected = find_pairs(str(write_folder(tmp_path / "folder", 4)))
    found = find_pairs(write(tmp_path / "other"))
    assert contents(found) == contents(expected)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("s-{000..002}.tar", ["s-000", "s-001", "s-002"]),
        ("s-{000,002}.tar", ["s-000", "s-002"]),
        ("s-*.tar", ["s-000", "s-001", "s-002"]),
        ("{s-00{0..1},s-002}.tar", ["s-000", "s-001", "s-002"]),
    ],
    ids=["range", "list", "star", "nested"],
)
def test_patterns_name_shards(tmp_path: Path, pattern: str, names: list[str]) -> None:
    for number in range(3):
        write_shard(tmp_path / f"s-{number:03d}.tar", 1)
    found = find_pairs(str(tmp_path / pattern))
    assert [pair.name for pair in found.pairs] == [f"{name}.tar/0000" for name in names]


def test_webp_pictures_are_read(tmp_path: Path) -> None:
    rgb = draw_colour("green", 1)
    Image.fromarray(rgb).save(tmp_path / "a.webp", lossless=True)
    np.testing.assert_array_equal(PictureBytes(tmp_path / "a.webp").decode(), rgb)
    cut = tmp_path / "cut.webp"
    cut.write_bytes((tmp_path / "a.webp").read_bytes()[:40])
    with pytest.raises(ImageError, match="expected a whole WebP picture"):
        PictureBytes(cut).decode()


def test_a_webp_picture_that_is_far_too_large_is_a_bad_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(draw_colour("green", 1)).save(tmp_path / "a.webp", lossless=True)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(ImageError, match="expected a whole WebP picture, got Image size"):
        PictureBytes(tmp_path / "a.webp").decode()


def test_pictures_in_subfolders_are_found(tmp_path: Path) -> None:
    write_folder(tmp_path / "a" / "b", 1)
    assert [pair.name for pair in find_pairs(str(tmp_path)).pairs] == ["a/b/0000.png"]


def test_pictures_without_a_caption_are_left_out_and_named(tmp_path: Path) -> None:
    write_folder(tmp_path, 4)
    (tmp_path / "0000.txt").unlink()
    (tmp_path / "0001.txt").write_text(" \n\n")
    (tmp_path / "0002.txt").write_bytes(b"\xff\xfe")
    found = find_pairs(str(tmp_path))
    assert [pair.name for pair in found.pairs] == ["0003.png"]
    assert [problem.split(",")[0] for problem in found.problems] == [
        "0000.png: expected a .txt beside it",
        "0001.png: expected a caption",
        "0002.png: expected captions in UTF-8",
    ]


def test_wrong_lines_of_a_table_are_left_out_and_named(tmp_path: Path) -> None:
    write_folder(tmp_path, 1)
    lines = ['{"image": "none.png", "caption": "x"}', "{", '{"image": "0000.png"}', '["x"]']
    lines.append('{"image": "0000.png", "caption": "a picture"}')
    (tmp_path / "captions.jsonl").write_text("\n".join(lines))
    found = find_pairs(str(tmp_path))
    assert [pair.captions for pair in found.pairs] == [("a picture",)]
    assert [problem.split(":")[0] for problem in found.problems] == [
        f"captions.jsonl line {number}" for number in (1, 2, 3, 4)
    ]


def test_a_damaged_shard_gives_what_lies_before_the_damage(tmp_path: Path) -> None:
    shard = write_shard(tmp_path / "a.tar", 8)
    with tarfile.open(shard) as tar:
        start = tar.getmember("0005.png").offset
    shard.write_bytes(shard.read_bytes()[: start + 700])
    found = find_pairs(str(shard))
    assert [pair.name for pair in found.pairs] == [f"a.tar/{n:04d}" for n in range(5)]
    assert any(problem.startswith("a.tar: expected an uncompressed") for problem in found.problems)


def test_members_that_miss_their_other_half_are_named(tmp_path: Path) -> None:
    shard = write_shard(tmp_path / "a.tar", 1)
    with tarfile.open(shard, "a") as tar:
        add_member(tar, "only.txt", b"a caption")
        add_member(tar, "alone.jpg", b"")
        add_member(tar, "wrong.json", b"{")
        add_member(tar, "0000.cls", b"3")
    found = find_pairs(str(shard))
    assert [pair.name for pair in found.pairs] == ["a.tar/0000"]
    assert sorted(problem.split(":")[0] for problem in found.problems) == [
        "a.tar/alone",
        "a.tar/only",
        "a.tar/wrong",
        "a.tar/wrong.json",
    ]


def test_data_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.tar").write_bytes(b"no tar file")
    (tmp_path / "table.csv").write_text("picture,caption\na,b\n")
    for data, message in (
        ("none", "expected a folder, a table of captions or shards"),
        ("empty", "expected pictures with captions, got none"),
        ("a.tar", r"got none \(a.tar: expected an uncompressed tar file"),
        ("s-{0..3}.tar", "s-0.tar: expected a shard, got no such file"),
        ("s-{0..999999}.tar", "expected at most 100000 shards"),
        ("s-*.tar", "expected a shard, got no such file"),
        ("table.csv", "expected the columns image and caption, got no image"),
    ):
        with pytest.raises(SourceError, match=message):
            find_pairs(str(tmp_path / data))


def test_other_captions_have_another_digest(tmp_path: Path) -> None:
    write_folder(tmp_path, 2)
    before = find_pairs(str(tmp_path)).digest()
    assert find_pairs(str(tmp_path)).digest() == before
    (tmp_path / "0000.txt").write_text("another")
    assert find_pairs(str(tmp_path)).digest() != before
