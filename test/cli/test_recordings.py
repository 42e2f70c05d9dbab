"""Rendering, labelling and scoring from the command line, without ROS."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scene_clip_ros.cli.main import main
from scene_clip_ros.media.bag_messages import compressed_image_message
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.media.sources import open_source
from scene_clip_ros.media.truth import read_truth

pytest.importorskip("open_clip")

FRAMES = 5
Run = Callable[..., str]
Models = tuple[str, ...]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command, which must succeed, and return what it prints."""

    def call(*argv: str | Path) -> str:
        assert main([str(word) for word in argv]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return call


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Return the options that name tiny models with random weights."""
    from tiny_clip import write_model
    from tiny_regions import write_detector

    folder = tmp_path_factory.mktemp("models")
    model, detector = write_model(folder), write_detector(folder / "regions")
    return "--model", str(model), "--detector", str(detector)


def render(run: Run, output: Path, *options: str) -> Path:
    """Render a second of a tiny drive."""
    run("sim", "--seconds", "1", "--rate", str(FRAMES), "--size", "64x48", *options, "-o", output)
    return output


def read_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["drive.mcap", "drive.db3", "drive.mp4", "drive"])
def test_truth_has_the_stamps_of_the_pictures(run: Run, tmp_path: Path, name: str) -> None:
    drive = render(run, tmp_path / name)
    with open_source(drive) as source:
        stamps_ns = [frame.stamp_ns for frame in source]
    assert len(stamps_ns) == FRAMES
    assert [record.data["stamp_ns"] for record in read_truth(drive)] == stamps_ns


@pytest.mark.parametrize(
    ("encoding", "topic"), [("jpeg", "/rear/image/compressed"), ("raw", "/rear/image")]
)
def test_a_bag_has_the_topics_of_a_camera(
    run: Run, tmp_path: Path, encoding: str, topic: str
) -> None:
    drive = render(run, tmp_path / "d.mcap", "--camera", "rear", "--encoding", encoding, "--masks")
    with BagReader(drive) as reader:
        counts = {each.name: each.message_count for each in reader.topics}
    assert counts == dict.fromkeys(
        (topic, "/rear/camera_info", "/rear/ground_truth", "/rear/ground_truth/mask/compressed"),
        FRAMES,
    )


def test_masks_of_a_folder_are_no_camera_pictures(run: Run, tmp_path: Path) -> None:
    drive = render(run, tmp_path / "drive", "--masks")
    assert len(list((drive / "masks").iterdir())) == FRAMES
    with open_source(drive) as source:
        assert source.frame_count == FRAMES


def test_equal_seeds_render_equal_drives(run: Run, tmp_path: Path) -> None:
    first = render(run, tmp_path / "first", "--seed", "5")
    second = render(run, tmp_path / "second", "--seed", "5")
    other = render(run, tmp_path / "other", "--seed", "6")
    pictures = [
        [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
        for folder in (first, second, other)
    ]
    assert pictures[0] == pictures[1] != pictures[2]


def test_a_folder_with_files_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").touch()
    assert main(["sim", "--seconds", "1", "-o", str(tmp_path)]) == 2
    assert "expected a new or empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_results_have_a_line_a_frame_and_repeat_to_the_bit(
    run: Run, tmp_path: Path, models: Models
) -> None:
    drive = render(run, tmp_path / "drive.mcap")
    for name in ("first.jsonl", "second.jsonl"):
        run("label", drive, "-o", tmp_path / name, *models)
    lines = read_lines(tmp_path / "first.jsonl")
    assert len(lines) == FRAMES
    assert all(
        list(line)
        == ["camera", "stamp_ns", "labels", "hazards", "size_wh", "boxes", "alert", "odd"]
        for line in lines
    )
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()


def test_results_score_against_the_drive(run: Run, tmp_path: Path, models: Models) -> None:
    drive, results = render(run, tmp_path / "drive.mp4"), tmp_path / "results.jsonl"
    run("label", drive, "-o", results, *models)
    score = json.loads(run("score", results, drive, "--json"))
    assert score["frames"] == {"matched": FRAMES, "unanswered": 0, "unmatched": 0}
    assert score["accuracy"].keys() == {"weather", "time_of_day", "road", "surface"}
    assert score["boxes"]["frames"] == score["alerts"]["frames"] == FRAMES
    assert f"{FRAMES} frames matched" in run("score", results, drive)


def test_a_domain_is_judged_and_counted(run: Run, tmp_path: Path, models: Models) -> None:
    drive, domain = render(run, tmp_path / "drive.mcap"), tmp_path / "odd.yaml"
    domain.write_text("time_of_day: [day, dusk, night]")
    copy = tmp_path / "copy.mcap"

    said = run("label", drive, "-o", tmp_path / "results.jsonl", *models, "--odd", domain)
    run("label", drive, "-o", copy, *models, "--odd", domain)

    levels = [line["odd"]["level"] for line in read_lines(tmp_path / "results.jsonl")]
    assert said.splitlines()[-1].startswith(f"{domain}: ")
    assert all(f"{level} {levels.count(level)}" in said for level in levels)
    with BagReader(copy) as reader:
        (topic,) = [each for each in reader.topics if each.name == "/scene_clip/odd_status"]
    assert topic.message_count == FRAMES


def test_a_domain_in_other_words_is_refused_before_anything_is_loaded(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drive, domain = render(run, tmp_path / "drive.mcap"), tmp_path / "odd.yaml"
    domain.write_text("weather: sunshine")
    options = ("--odd", str(domain), "--model", "no such model")

    assert main(["label", str(drive), "-o", str(tmp_path / "results.jsonl"), *options]) == 2

    assert f"{domain}: weather: label: expected one of" in capsys.readouterr().err


def test_labels_alone_leave_boxes_and_alerts_open(run: Run, tmp_path: Path, models: Models) -> None:
    drive, results = render(run, tmp_path / "drive.mp4"), tmp_path / "results.jsonl"
    run("label", drive, "-o", results, *models, "--no-boxes")
    line, *_ = read_lines(results)
    assert (line["size_wh"], line["boxes"], line["alert"]) == (None, [], None)
    score = json.loads(run("score", results, drive, "--json"))
    assert (score["boxes"], score["alerts"]) == (None, None)


def test_a_copy_of_a_bag_has_the_results_added(run: Run, tmp_path: Path, models: Models) -> None:
    drive, copy = render(run, tmp_path / "drive.mcap"), tmp_path / "copy.mcap"
    run("label", drive, "-o", copy, *models)
    with BagReader(drive) as before, BagReader(copy) as after:
        names = {topic.name for topic in after.topics} - {topic.name for topic in before.topics}
        kinds = ("labels", "embedding", "boxes", "alert")
        assert names == {f"/front/scene_clip/{kind}" for kind in kinds}
        assert sum(topic.message_count for topic in after.topics) == FRAMES * 7


def test_labelling_a_copy_again_does_not_double_the_results(
    run: Run, tmp_path: Path, models: Models
) -> None:
    drive = render(run, tmp_path / "drive.mcap")
    for source, copy in (("drive.mcap", "copy.mcap"), ("copy.mcap", "again.mcap")):
        run("label", drive.with_name(source), "-o", tmp_path / copy, *models)
    with BagReader(tmp_path / "again.mcap") as reader:
        assert {topic.message_count for topic in reader.topics} == {FRAMES}


def test_a_labelled_copy_is_searched_without_embedding_anything(
    run: Run, tmp_path: Path, models: Models
) -> None:
    drive, copy = render(run, tmp_path / "drive.mcap"), tmp_path / "copy.mcap"
    run("label", drive, "-o", copy, *models, "--no-boxes")
    archive, model = tmp_path / "drives.archive", models[:2]
    printed = run("index", copy, "-o", archive, *model)
    assert f"{FRAMES} frames, {FRAMES} of them with recorded embeddings" in printed
    hits = json.loads(run("search", archive, "a street", "--json", "--min-gap", "0", *model))
    assert sorted(hit["stamp_ns"] for hit in hits) == [i * 10**9 // FRAMES for i in range(FRAMES)]
    run("index", drive, "-o", archive, *model)
    again = json.loads(run("search", archive, "a street", "--json", "--min-gap", "0", *model))
    scores = {(hit["source"], hit["stamp_ns"]): hit["score"] for hit in again}
    for hit in hits:
        assert scores[str(drive), hit["stamp_ns"]] == pytest.approx(hit["score"], abs=1e-3)


def test_a_video_cannot_be_copied_into_a_bag(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drive = render(run, tmp_path / "drive.mp4")
    assert main(["label", str(drive), "-o", str(tmp_path / "copy.mcap")]) == 2
    assert "expected -o results.jsonl for an input that is no bag" in capsys.readouterr().err


def test_bad_frames_are_reported_and_left_out(
    tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np

    good = encode_jpeg(np.full((48, 64, 3), 128, np.uint8))
    with BagWriter(tmp_path / "drive.mcap") as writer:
        for stamp_ns, data in enumerate((good, good[:-40], good)):
            message = compressed_image_message(data, stamp_ns=stamp_ns, frame_id="front")
            writer.write("front/image/compressed", message, time_ns=stamp_ns)
    results = tmp_path / "results.jsonl"
    argv = ["label", tmp_path / "drive.mcap", "-o", results, *models]
    assert main([str(word) for word in argv]) == 0
    printed = capsys.readouterr()
    assert "scene-clip: skipped front at 1 ns: expected" in printed.err
    assert "2 frames labelled, 1 skipped" in printed.out
    assert [line["stamp_ns"] for line in read_lines(results)] == [0, 2]


def test_a_failed_run_leaves_the_old_results(run: Run, tmp_path: Path, models: Models) -> None:
    drive, results = render(run, tmp_path / "drive.mcap"), tmp_path / "results.jsonl"
    results.write_text("old")
    damaged = tmp_path / "damaged.mcap"
    damaged.write_bytes(drive.read_bytes()[:-2000])
    assert main(["label", str(damaged), "-o", str(results), *models]) == 2
    assert results.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "damaged.mcap",
        "drive.mcap",
        "results.jsonl",
    ]


def test_labels_follow_the_vocabulary_and_the_parameter_file(
    run: Run, tmp_path: Path, models: Models
) -> None:
    drive = render(run, tmp_path / "drive.mcap")
    vocabulary, config = tmp_path / "mine.yaml", tmp_path / "mine.param.yaml"
    vocabulary.write_text("attributes: {ground: {labels: [gravel, asphalt]}}")
    config.write_text(
        f"/**: {{ros__parameters: {{vocabulary: {vocabulary}, labels: {{unknown_margin: 1.0}}}}}}"
    )
    run("label", drive, "-o", tmp_path / "r.jsonl", *models, "--config", config)
    lines = read_lines(tmp_path / "r.jsonl")
    assert [line["labels"]["ground"]["label"] for line in lines] == ["unknown"] * FRAMES
