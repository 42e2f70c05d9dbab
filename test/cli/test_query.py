"""What is asked of a running node, and how its answer is shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from scene_clip_ros.cli.main import build_parser, main
from scene_clip_ros.cli.query import make_question, show
from scene_clip_ros.core.errors import ImageError, ParameterError, SourceError
from scene_clip_ros.core.frame_blocks import StoredFrame
from scene_clip_ros.core.frame_query import FrameFilter, FrameHit, SearchOutcome
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.media.folders import read_picture
from scene_clip_ros.nodes.frame_question import FrameQuestion

STAMP_NS = 1_700_000_000_250_000_000
YELLOW = (250, 240, 10)


def question(*words: str | Path) -> FrameQuestion:
    return make_question(build_parser().parse_args(["query", *map(str, words)]))


def outcome(*, message: str = "", thumbnail: bytes = b"") -> SearchOutcome:
    frame = StoredFrame("front", STAMP_NS, "optical", thumbnail)
    return SearchOutcome((FrameHit(0.3125, 4.25, frame),), 900, 0.1, 0.05, message)


def shown(found: SearchOutcome, *words: str | Path) -> None:
    show(found, build_parser().parse_args(["query", *map(str, words)]))


def test_everything_that_is_kept_is_asked_for_unless_told_otherwise() -> None:
    assert question("a stroller") == FrameQuestion(
        texts=("a stroller",), frame_filter=FrameFilter(min_gap_s=1.0)
    )


def test_options_become_filters(tmp_path: Path) -> None:
    options = ("--last", "2min", "--camera", "front", "--camera", "rear", "--top-k", "3")
    more = ("--min-score", "0.2", "--min-gap", "0", "--sheet", tmp_path / "hits.png")

    assert question("a", "b", *options, *more) == FrameQuestion(
        texts=("a", "b"),
        frame_filter=FrameFilter(
            cameras=("front", "rear"), window_s=120.0, min_score=0.2, min_gap_s=0.0, top_k=3
        ),
        thumbnails=True,
    )


def test_a_picture_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "it.jpg").write_bytes(b"whatever")

    assert question("--image", tmp_path / "it.jpg").image == b"whatever"
    with pytest.raises(ImageError, match=r"none\.jpg: expected a picture, got No such file"):
        question("--image", tmp_path / "none.jpg")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["red", "--top-k", "1001"], r"top_k: expected a whole number in \[1, 1000\], got 1001"),
        (["red", "--min-gap", "1e10"], "min_gap_s: expected"),
        (["x" * 1001], "expected at most 1000 characters, got 1001"),
        (["x"] * 17, "texts: expected at most 16, got 17"),
    ],
    ids=["hits", "gap", "length", "texts"],
)
def test_what_no_node_would_answer_is_not_asked(words: list[str], problem: str) -> None:
    with pytest.raises(ParameterError, match=problem):
        question(*words)


def test_a_person_gets_a_table_and_what_there_is_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    shown(outcome(message="nothing matches: …"), "red")

    header, _, row, remark = capsys.readouterr().out.splitlines()
    assert header.split() == ["score", "z", "time", "camera"]
    assert row.split() == ["1", "0.312", "4.2", "2023-11-14", "22:13:20.250", "front"]
    assert remark == "nothing matches: …"


def test_a_script_gets_a_list_and_a_person_the_remark(capsys: pytest.CaptureFixture[str]) -> None:
    shown(outcome(message="nothing matches: …"), "red", "--json")

    printed = capsys.readouterr()
    assert json.loads(printed.out) == [
        {"camera": "front", "frame_id": "optical", "stamp_ns": STAMP_NS, "score": 0.3125, "z": 4.25}
    ]
    assert printed.err == "nothing matches: …\n"


@pytest.mark.parametrize("has_thumbnail", [True, False], ids=["thumbnail", "none kept"])
def test_a_sheet_shows_the_thumbnails(tmp_path: Path, *, has_thumbnail: bool) -> None:
    jpeg = encode_jpeg(np.full((60, 107, 3), YELLOW, np.uint8))

    shown(outcome(thumbnail=jpeg if has_thumbnail else b""), "red", "--sheet", tmp_path / "s.png")

    sheet = read_picture(tmp_path / "s.png")
    assert np.any(np.all(np.abs(sheet.astype(int) - YELLOW) < 12, axis=2)) == has_thumbnail


def test_a_sheet_takes_the_place_of_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.png").mkdir()
    (tmp_path / "s.png" / "kept.txt").write_text("kept")

    with pytest.raises(SourceError, match=r"s\.png: expected a picture that can be written"):
        shown(outcome(), "red", "--sheet", tmp_path / "s.png")
    code = main(["query", "red", "--sheet", str(tmp_path / "s.png")])

    assert code == 2
    assert "expected a name for a picture, got that of the folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*")] == ["s.png", "kept.txt"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "expected TEXT or --image, got neither"),
        (["red", "--image", "a.png"], "expected TEXT or --image, got both"),
        ([" "], "expected a TEXT with words, got an empty one"),
        (["red", "--sheet", "hits.gif"], "expected a name that ends in .png or .jpg, got hits.gif"),
        (["red", "--last", "soon"], "expected a time above 0, e.g. 60s, 5min or 2h, got 'soon'"),
        (["red", "--last", "0s"], "expected a time above 0"),
        (["red", "--timeout", "0"], "expected a number above 0, got '0'"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_is_refused_before_anybody_is_asked(
    words: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["query", *words])
    except SystemExit as err:
        code = err.code
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60.0), ("60", 60.0), ("1.5min", 90.0), ("5m", 300.0), ("2h", 7200.0), (".5s", 0.5)],
)
def test_times_have_units(text: str, seconds: float) -> None:
    assert question("red", "--last", text).frame_filter.window_s == seconds


def test_a_machine_without_ros_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "scene_clip_ros.nodes.query_client", None)

    assert main(["query", "red"]) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("scene-clip: error: expected ROS 2 and the built package")
