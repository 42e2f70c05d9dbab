"""Reports on recordings: real code, with models that understand colours."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from color_drives import START_NS, STEP_NS, write_colors
from colors import RED, color_vocabulary
from recordings import write_picture, write_video

from scene_clip_ros.cli.main import main
from scene_clip_ros.cli.report_pictures import MAX_JPEG_BYTES, encode_small
from scene_clip_ros.cli.reporting import Reporting
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.vocabulary import QuerySpec, Vocabulary
from scene_clip_ros.media.bag_messages import compressed_image_message
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.compressed import decode_compressed, encode_jpeg
from scene_clip_ros.media.folders import stamp_file_name
from scene_clip_ros.media.sources import open_source
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.report.drive_report import DriveReport
from scene_clip_ros.report.html_report import render_report

ALERTS = AlertSettings(labels=("red thing",))


def make_pipeline() -> Pipeline:
    colors = color_vocabulary()
    vocabulary = Vocabulary(
        attributes=colors.attributes,
        hazards=colors.hazards,
        queries=(QuerySpec("red thing", ("a red thing",)),),
        background=("a white wall",),
    )
    return Pipeline(FakeEncoder(), vocabulary, proposer=FakeProposer())


def make_report(path: Path, *, rate_hz: float = 100.0) -> DriveReport:
    with open_source(path) as source:
        reporting = Reporting(make_pipeline(), alerts=ALERTS, rate_hz=rate_hz)
        return reporting.make(source, path=path, vocabulary_name="colors.yaml")


def street(*, person: bool) -> ImageArray:
    """Return a grey street, with something red before the vehicle."""
    rgb = np.full((90, 160, 3), 90, np.uint8)
    if person:
        rgb[50:85, 70:90] = RED
    return rgb


def write_crossing(path: Path) -> Path:
    """Write a bag in which something red is before the vehicle for half a second of three."""
    with BagWriter(path) as writer:
        for index in range(30):
            rgb = street(person=10 <= index < 15)
            write_picture(writer, "front", START_NS + index * STEP_NS, rgb)
    return path


def test_two_cameras_are_told_apart(tmp_path: Path) -> None:
    drive = write_colors(
        tmp_path / "d.mcap", {"front": ["red"] * 20, "rear": ["green"] * 10 + ["blue"] * 10}
    )
    summary = make_report(drive).summary
    held = [[span.value for span in camera.attributes[0].spans] for camera in summary.cameras]
    assert [camera.camera for camera in summary.cameras] == ["front", "rear"]
    assert held == [[0], [1, 2]]
    assert [camera.stamps.rate_hz for camera in summary.cameras] == pytest.approx([10, 10])


def test_an_alert_is_shown_at_its_peak_with_a_picture(tmp_path: Path) -> None:
    report = make_report(write_crossing(tmp_path / "d.mcap"))
    (episode,) = report.summary.episodes
    assert episode.level.name == "WARNING"
    assert START_NS + 10 * STEP_NS <= episode.peak.stamp_ns < START_NS + 15 * STEP_NS
    picture = report.pictures["alert", "front", episode.peak.stamp_ns]
    assert decode_compressed(picture, format="jpeg").shape == (90, 160, 3)
    assert "1 warning" in render_report(report)


def test_every_picture_of_the_page_is_found_again(tmp_path: Path) -> None:
    report = make_report(write_crossing(tmp_path / "d.mcap"))
    html = render_report(report)
    assert "not found again" not in html
    assert html.count("data:image/jpeg") == len(report.pictures) == 1 + 8 + 8


def test_frames_are_judged_at_the_rate_and_counted_whole(tmp_path: Path) -> None:
    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"] * 40})
    (camera,) = make_report(drive, rate_hz=5.0).summary.cameras
    assert (camera.stamps.frames, camera.judged) == (40, 20)


@pytest.mark.parametrize("kind", ["video", "folder"])
def test_recordings_without_topics_are_reported_on(tmp_path: Path, kind: str) -> None:
    if kind == "video":
        path = tmp_path / "d.avi"
        write_video(path, frames=12, rate_hz=10.0)
    else:
        path = tmp_path / "d"
        path.mkdir()
        for index in range(12):
            file = path / stamp_file_name(START_NS + index * STEP_NS, ".jpg")
            file.write_bytes(encode_jpeg(street(person=False)))
    report = make_report(path)
    assert report.summary.judged == 12
    assert "not found again" not in render_report(report)


def test_stages_are_measured(tmp_path: Path) -> None:
    report = make_report(write_colors(tmp_path / "d.mcap", {"front": ["red"] * 3}))
    assert [each.stage for each in report.facts.times] == ["decode", "encode", "regions", "decide"]


def write_jpegs(path: Path, contents: list[bytes]) -> Path:
    with BagWriter(path) as writer:
        for index, data in enumerate(contents):
            stamp_ns = START_NS + index * STEP_NS
            message = compressed_image_message(data, stamp_ns=stamp_ns, frame_id="front")
            writer.write("front/image/compressed", message, time_ns=stamp_ns)
    return path


def test_bad_frames_are_counted_by_reason(tmp_path: Path) -> None:
    good = encode_jpeg(street(person=False))
    drive = write_jpegs(tmp_path / "d.mcap", [good, good[:-40], good, good[:-50], b"GIF", good])
    report = make_report(drive)
    assert (report.summary.judged, report.summary.cameras[0].skipped) == (3, 3)
    assert [skip.count for skip in report.facts.skips] == [2, 1]
    assert report.facts.skips[0].first_ns == START_NS + STEP_NS
    assert "truncated" in render_report(report)


def test_a_recording_without_a_good_frame_is_refused(tmp_path: Path) -> None:
    drive = write_jpegs(tmp_path / "d.mcap", [b"GIF", b"GIF"])
    with pytest.raises(SourceError, match="expected at least one good frame, got 2 bad ones"):
        make_report(drive)


def test_a_recording_without_frames_is_refused(tmp_path: Path) -> None:
    drive = write_colors(tmp_path / "whole.mcap", {"front": ["red"]})
    with BagReader(drive) as reader, BagWriter(tmp_path / "d.mcap") as writer:
        writer.declare(reader.topics[0])
    with pytest.raises(SourceError, match="expected at least one frame, got none"):
        make_report(tmp_path / "d.mcap")


def test_noise_does_not_make_large_pictures() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (405, 720, 3), np.uint8)
    assert len(encode_small(noise)) <= MAX_JPEG_BYTES
    assert decode_compressed(encode_small(noise), format="jpeg").ndim == 3
    assert len(encode_small(noise, max_bytes=4000)) <= 4000


class Tags(HTMLParser):
    """Counts tags."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.append(tag)


def test_the_command_writes_a_page_and_tells_the_drive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("open_clip")
    from tiny_clip import write_model

    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"] * 4})
    page = tmp_path / "report.html"
    words = ["report", drive, "-o", page, "--no-boxes", "--model", write_model(tmp_path)]
    assert main([str(word) for word in words]) == 0
    assert re.search(r"report\.html: 0\.4 s of one camera: ", capsys.readouterr().out)
    tags = Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    assert tags.seen.count("figure") == 2
    assert page.stat().st_size < 5_000_000


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("report.pdf", "--output: expected a name that ends in .html"),
        ("d.mcap/report.html", "expected a place apart from the recordings"),
    ],
    ids=["no page", "in the recording"],
)
def test_a_name_that_cannot_be_written_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    drive = write_colors(tmp_path / "d.mcap", {"front": ["red"] * 2})
    assert main(["report", str(drive), "-o", str(tmp_path / name)]) == 2
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["d.mcap"]
