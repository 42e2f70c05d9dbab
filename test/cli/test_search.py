"""Archives answer texts and pictures: printed, drawn, and cut into a new bag."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from color_drives import START_NS, index, write_colors
from colors import picture
from recordings import axis, write_embedding, write_video

from scene_clip_ros.cli.main import build_parser, main
from scene_clip_ros.cli.search import answer
from scene_clip_ros.core.errors import ArchiveError, ImageError, ParameterError, SourceError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.media.folders import read_picture
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, FakeEncoder

GREENS = 60


@pytest.fixture
def drives(tmp_path: Path) -> Path:
    """Return an archive: a drive with a red second and a blue one, another one of another day."""
    front = ["green"] * GREENS
    front[20:30] = ["red"] * 10
    rear = ["green"] * GREENS
    rear[40:50] = ["blue"] * 10
    monday = write_colors(tmp_path / "monday.mcap", {"front": front, "rear": rear})
    tuesday = write_colors(
        tmp_path / "tuesday.mcap", {"front": ["green"] * 20}, start_ns=START_NS + 10**14
    )
    index(tmp_path / "drives.archive", monday, tuesday)
    return tmp_path / "drives.archive"


def search(archive: Path, *words: str | Path) -> None:
    args = build_parser().parse_args(["search", str(archive), *map(str, words)])
    answer(FakeEncoder(), args)


def search_json(
    capsys: pytest.CaptureFixture[str], archive: Path, *words: str | Path
) -> list[dict[str, Any]]:
    capsys.readouterr()
    search(archive, *words, "--json")
    hits: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return hits


def seconds(hits: list[dict[str, Any]]) -> list[float]:
    return [(hit["stamp_ns"] - START_NS) / 1e9 for hit in hits]


def test_hits_are_a_list_best_first(drives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hits = search_json(capsys, drives, "a red thing", "--top-k", "3", "--min-gap", "0")
    assert [list(hit) for hit in hits] == [["source", "camera", "stamp_ns", "score", "z"]] * 3
    assert {(hit["source"], hit["camera"]) for hit in hits} == {
        (str(drives.with_name("monday.mcap")), "front")
    }
    assert all(2.0 <= second < 3.0 for second in seconds(hits))
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert all(hit["z"] > 2 for hit in hits)


def test_a_person_gets_a_table(drives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    search(drives, "a red thing", "--top-k", "1")
    header, _, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["score", "z", "time", "camera", "recording"]
    rank, score, _, date, time, camera, recording = row.split()
    assert (rank, date, time[:7], camera) == ("1", "2023-11-14", "22:13:2", "front")
    assert float(score) > 0.5
    assert Path(recording).name == "monday.mcap"


@pytest.mark.parametrize("gap_s", [0.0, 0.3, 1.0])
def test_hits_are_apart_in_time(
    drives: Path, capsys: pytest.CaptureFixture[str], gap_s: float
) -> None:
    hits = search_json(capsys, drives, "red", "--min-gap", str(gap_s), "--top-k", "7")
    assert len(hits) == 7
    for camera in ("front", "rear"):
        times = [hit["stamp_ns"] for hit in hits if hit["camera"] == camera]
        assert all(np.diff(np.sort(times)) >= gap_s * 1e9)


def test_several_texts_are_wordings_of_one_thing(
    drives: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (hit,) = search_json(capsys, drives, "something blue", "a blue car", "blue", "--top-k", "1")
    assert hit["camera"] == "rear"


def test_a_picture_finds_its_like(
    drives: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "blue.png").write_bytes(encode_png(picture(COLOR_WORDS["blue"])))
    (hit,) = search_json(capsys, drives, "--image", tmp_path / "blue.png", "--top-k", "1")
    assert (hit["camera"], hit["score"]) == ("rear", pytest.approx(1.0, abs=1e-3))


def test_only_the_camera_asked_for_is_searched(
    drives: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hits = search_json(capsys, drives, "red", "--camera", "rear")
    assert {hit["camera"] for hit in hits} == {"rear"}


@pytest.mark.parametrize("parts", [1, 2, None], ids=["name", "end of the path", "path"])
def test_only_the_recording_asked_for_is_searched(
    drives: Path, capsys: pytest.CaptureFixture[str], parts: int | None
) -> None:
    tuesday = drives.with_name("tuesday.mcap")
    named = Path(*tuesday.parts[-parts:]) if parts else tuesday
    hits = search_json(capsys, drives, "red", "--source", named)
    assert {hit["source"] for hit in hits} == {str(tuesday)}


def test_a_recording_that_is_not_there_is_refused_with_those_there_are(drives: Path) -> None:
    with pytest.raises(ParameterError, match=r"monday\.mcap.*tuesday\.mcap.*got 'day\.mcap'"):
        search(drives, "red", "--source", "day.mcap")


def test_bad_hits_can_be_left_out(drives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hits = search_json(capsys, drives, "red", "--min-score", "0.5", "--top-k", "100")
    assert hits
    assert all(hit["score"] >= 0.5 for hit in hits)


@pytest.mark.parametrize(
    "words", [("something",), ("red", "--min-score", "1")], ids=["odd", "filter"]
)
def test_it_is_said_that_nothing_matches(
    drives: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    capsys.readouterr()
    search(drives, *words)
    assert "nothing matches: " in capsys.readouterr().out.splitlines()[-1]
    search(drives, *words, "--json")
    printed = capsys.readouterr()
    assert isinstance(json.loads(printed.out), list)
    assert printed.err.startswith("nothing matches: ")


def test_what_is_usual_is_that_of_the_camera_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    colors = {"front": ["red"] * 60, "rear": ["green"] * 29 + ["red"]}
    index(tmp_path / "a", write_colors(tmp_path / "d.mcap", colors))
    (tmp_path / "red.png").write_bytes(encode_png(picture(COLOR_WORDS["red"])))
    for words, is_told in ((["--camera", "rear"], False), ([], True)):
        capsys.readouterr()
        search(tmp_path / "a", "--image", tmp_path / "red.png", *words)
        assert ("nothing matches" in capsys.readouterr().out) == is_told


def test_nothing_is_said_if_something_matches(
    drives: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    search(drives, "red")
    assert "nothing matches" not in capsys.readouterr().out


def shows(sheet: ImageArray, name: str) -> bool:
    """Tell whether a colour is on a picture."""
    difference = np.abs(sheet.astype(int) - COLOR_WORDS[name]).max(axis=2)
    return bool((difference < 30).sum() > 1000)


@pytest.mark.parametrize("name", ["hits.png", "hits.jpg"])
def test_hits_are_drawn_on_a_sheet(drives: Path, tmp_path: Path, name: str) -> None:
    search(drives, "red", "--min-score", "0.5", "--sheet", tmp_path / name)
    sheet = read_picture(tmp_path / name)
    assert shows(sheet, "red")
    assert not shows(sheet, "blue")
    assert not shows(sheet, "green")


def test_a_sheet_of_nothing_says_so(drives: Path, tmp_path: Path) -> None:
    search(drives, "red", "--min-score", "1", "--sheet", tmp_path / "hits.png")
    assert read_picture(tmp_path / "hits.png").max() > 200


def test_hits_without_pictures_are_on_the_sheet_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with BagWriter(tmp_path / "said.mcap") as writer:
        write_embedding(writer, "front", 0, axis(0))
    gone = write_colors(tmp_path / "gone.mcap", {"front": ["red"]})
    index(tmp_path / "a", tmp_path / "said.mcap", gone)
    gone.unlink()
    capsys.readouterr()
    search(tmp_path / "a", "red", "--sheet", tmp_path / "hits.png")
    assert "scene-clip: warning: " in capsys.readouterr().err
    assert not shows(read_picture(tmp_path / "hits.png"), "red")


@pytest.mark.parametrize("name", ["hits.mcap", "hits.db3", "hits"])
def test_moments_are_cut_into_a_new_bag(drives: Path, tmp_path: Path, name: str) -> None:
    search(drives, "blue", "--top-k", "1", "--cut", tmp_path / name, "--margin", "0.35")
    with BagSource(tmp_path / name) as source:
        frames = [(f.camera, (f.stamp_ns - START_NS) / 1e9, f.decode()[0, 0]) for f in source]
    assert {camera for camera, *_ in frames} == {"front", "rear"}
    assert len(frames) == 14
    rear = [tuple(rgb.tolist()) for camera, _, rgb in frames if camera == "rear"]
    assert COLOR_WORDS["blue"] in rear


def test_moments_of_videos_and_bags_are_cut_into_one(tmp_path: Path) -> None:
    bag = write_colors(tmp_path / "bag.mcap", {"front": ["black"] * 5})
    write_video(tmp_path / "video.avi", frames=5, rate_hz=10)
    index(tmp_path / "a", bag, tmp_path / "video.avi")
    search(tmp_path / "a", "black", "--top-k", "20", "--cut", tmp_path / "hits.mcap")
    with BagReader(tmp_path / "hits.mcap") as reader:
        counts = {topic.name: topic.message_count for topic in reader.topics}
    assert counts == {"/front/image": 5, "/front/image/compressed": 5}


def test_a_recording_that_is_gone_cannot_be_cut(drives: Path, tmp_path: Path) -> None:
    drives.with_name("monday.mcap").unlink()
    with pytest.raises(SourceError, match=r"monday\.mcap: expected"):
        search(drives, "blue", "--top-k", "1", "--cut", tmp_path / "hits.mcap")
    assert not (tmp_path / "hits.mcap").exists()


def test_a_picture_that_is_none_is_named(drives: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"bad\.png: expected"):
        search(drives, "--image", tmp_path / "bad.png")


def test_another_model_is_refused_with_both_names(drives: Path) -> None:
    args = build_parser().parse_args(["search", str(drives), "red"])
    with pytest.raises(ArchiveError, match=r"fake-32.*fake-16|fake-16.*fake-32"):
        answer(FakeEncoder(dim=16), args)


def test_what_is_damaged_is_named_and_the_rest_answers(
    drives: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = sorted((drives / "segments").iterdir())[0]
    for path in damaged.iterdir():
        path.write_bytes(path.read_bytes()[:-5])
    hits = search_json(capsys, drives, "green")
    assert {Path(hit["source"]).name for hit in hits} == {"tuesday.mcap"}
    search(drives, "green")
    assert f"scene-clip: warning: {damaged}" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--sheet", "--cut"])
@pytest.mark.parametrize(
    "place",
    ["tuesday.png", "drives.archive/hits.png"],
    ids=["a recording without a hit", "within the archive"],
)
def test_nothing_is_written_where_something_is_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, place: str
) -> None:
    monday = write_colors(tmp_path / "monday.mcap", {"front": ["red"]})
    (tmp_path / "tuesday.png").write_bytes(encode_png(picture(COLOR_WORDS["blue"])))
    archive = tmp_path / "drives.archive"
    index(archive, monday, tmp_path / "tuesday.png")

    code = main(["search", str(archive), "red", option, str(tmp_path / place), "--model", "none"])

    assert code == 2
    assert "expected a place apart from the recordings" in capsys.readouterr().err


def test_a_bag_is_replaced_only_if_that_is_asked_for(drives: Path, tmp_path: Path) -> None:
    (tmp_path / "hits.mcap").write_bytes(b"old")
    cut = ["blue", "--top-k", "1", "--cut", tmp_path / "hits.mcap"]
    with pytest.raises(SourceError, match=r"hits\.mcap: expected a name that is free"):
        search(drives, *cut)
    assert (tmp_path / "hits.mcap").read_bytes() == b"old"

    search(drives, *cut, "--overwrite")

    with BagSource(tmp_path / "hits.mcap") as source:
        assert {frame.camera for frame in source} == {"front", "rear"}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "expected TEXT or --image, got neither"),
        (["red", "--image", "a.png"], "expected TEXT or --image, got both"),
        ([" "], "expected a TEXT with words, got an empty one"),
        (["red", "--sheet", "hits.gif"], "expected a name that ends in .png or .jpg, got hits.gif"),
        (["red", "--min-gap", "-1"], "expected a number of 0 or more, got '-1'"),
        (["red", "--margin", "nan"], "expected a number of 0 or more, got 'nan'"),
        (["red", "--min-score", "2"], "expected a number from -1 to 1, got '2'"),
        (["red", "--top-k", "0"], "expected a whole number above 0, got '0'"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_is_refused_before_a_model_is_loaded(
    words: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["search", "none.archive", *words, "--model", "no-such-model"])
    except SystemExit as err:
        code = err.code
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line
