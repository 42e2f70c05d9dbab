"""Files of captions tell texts, and of which pictures they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.media.captions import read_captions

PAIRED = [{"image": "x/a.jpg", "caption": "one"}, {"image": "b.jpg", "captions": ["two", "one"]}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.csv", 'image,caption\nx/a.jpg,one\nb.jpg,"two"\nb.jpg,one\n'),
        ("c.json", json.dumps(PAIRED)),
        ("c.json", json.dumps({"x/a.jpg": "one", "b.jpg": ["two", "one"]})),
        ("c.jsonl", "\n".join(map(json.dumps, PAIRED)) + "\n"),
    ],
    ids=["csv", "list", "object", "lines"],
)
def test_names_of_pictures_are_known_by_their_last_part(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    captions = read_captions(tmp_path / name)
    named = dict(zip(captions.texts, captions.image_names, strict=True))
    assert named == {"one": {"a.jpg", "b.jpg"}, "two": {"b.jpg"}}
    assert captions.names_images


@pytest.mark.parametrize(
    ("name", "content"),
    [("c.txt", "\ufeff one \n\ntwo  words\n one\n"), ("c.json", '["one", "two words", " "]')],
    ids=["text", "list"],
)
def test_texts_alone_are_taken_once_and_blank_ones_not(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    captions = read_captions(tmp_path / name)
    assert captions.texts == ("one", "two words")
    assert not captions.names_images


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("c.txt", b"\n \n", "expected captions, got none"),
        ("c.txt", b"\xff\xfe", "UTF-8"),
        ("c.csv", b"file,text\na,b\n", "image and caption"),
        ("c.json", b"{", "c.json"),
        ("c.json", b"3", "a list or an object"),
        ("c.json", b'[{"caption": "x"}]', "image and caption"),
        ("c.json", b'{"a.jpg": 3}', "got '3'"),
        ("c.jsonl", b'{"image": "a", "caption": "b"}\n[1]\n', "line 2"),
        ("c.jsonl", b"[" * 100_000, "line 1"),
        ("c.yaml", b"", "ends in"),
    ],
    ids=[
        "none",
        "no text",
        "columns",
        "no JSON",
        "number",
        "no image",
        "no caption",
        "line",
        "nested",
        "yaml",
    ],
)
def test_what_holds_no_captions_is_refused(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=problem):
        read_captions(tmp_path / name)


def test_rows_that_end_early_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("image,caption\na.jpg\nb.jpg,two\n")
    assert read_captions(tmp_path / "c.csv").texts == ("two",)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="such file"):
        read_captions(tmp_path / "no.txt")
