from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from colors import color_vocabulary
from made_drives import A, C, W, make_summary

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.report.drive_report import (
    MAX_ALERT_PICTURES,
    DriveReport,
    FrameTexts,
    RunFacts,
    SkipReason,
    StageTime,
)
from scene_clip_ros.report.drive_summary import DriveSummary
from scene_clip_ros.report.html_report import choose_pictured, render_report

HOSTILE = "<script>alert('x')</script><img src=x onerror=1>&\"'"

VOID = {"meta", "img", "link", "br", "hr", "input"}

FACTS = RunFacts(
    source="drive.mcap",
    made="2026-03-02 08:14 UTC",
    rate_hz=5.0,
    wall_s=2.0,
    models=(("Model", "fake-32 (cpu, fp32)"),),
    versions=(("Python", "3.10"),),
    vocabulary=color_vocabulary(),
    vocabulary_name="driving.yaml",
    times=(StageTime("decode", 1.0, 2.0, 3.0), StageTime("encode", 11.0, 12.0, 13.0)),
    skips=(SkipReason("front", "expected a JPEG, got none", 3, 0),),
)


class Page(HTMLParser):
    """Texts and tags of a page whose tags are all closed, and in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def make_report(
    summary: DriveSummary, facts: RunFacts = FACTS, frame_texts: FrameTexts | None = None
) -> DriveReport:
    return DriveReport(summary, facts, frame_texts, {})


def drive(levels: Sequence[AlertLevel] = (C, A, W, W, C)) -> DriveSummary:
    """Return a drive of two cameras, one of them with alerts."""
    labels = ["red"] * (len(levels) - 1) + ["unknown"]
    return make_summary({"front": labels, "rear": labels}, levels={"front": levels})


def test_every_attribute_hazard_and_alert_of_every_camera_has_a_row() -> None:
    page = Page(render_report(make_report(drive())))
    rows = [str(attrs["aria-label"]) for tag, attrs in page.tags if attrs.get("class") == "row"]
    assert rows == [
        "color: red 80 %, unknown 20 %",
        "red_ahead: never present",
        "pedestrian alert: CAUTION 0.2 s, WARNING 0.4 s",
        "color: red 80 %, unknown 20 %",
        "red_ahead: never present",
    ]


def test_the_page_is_one_file_without_scripts_or_links() -> None:
    html = render_report(make_report(drive()))
    page = Page(html)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "iframe", "a"})
    addresses = [
        str(attrs[key]) for _, attrs in page.tags for key in ("src", "href") if key in attrs
    ]
    assert all(address.startswith("data:") for address in addresses)
    assert "@import" not in html
    assert set(re.findall(r"url\(([^)]*)\)", html)) <= {
        f"#look-{name}" for name in ("rising", "dots", "falling", "open")
    }


def test_hostile_names_and_texts_stay_text() -> None:
    vocabulary = Vocabulary(
        attributes=(replace(color_vocabulary().attributes[0], name=HOSTILE),),
        hazards=(replace(color_vocabulary().hazards[0], name=HOSTILE),),
    )
    facts = replace(
        FACTS,
        source=HOSTILE,
        vocabulary=vocabulary,
        vocabulary_name=HOSTILE,
        skips=(SkipReason(HOSTILE, HOSTILE, 1, 0),),
    )
    plain = make_summary({HOSTILE: ["red"] * 4}, levels={HOSTILE: [C, W, W, C]})
    (camera,) = plain.cameras
    attributes = (replace(camera.attributes[0], name=HOSTILE, labels=(HOSTILE,) * 3),)
    episode = camera.episodes[0]
    episode = replace(episode, peak=replace(episode.peak, reason=HOSTILE))
    summary = DriveSummary((replace(camera, attributes=attributes, episodes=(episode,)),))
    texts = FrameTexts((HOSTILE,), ((HOSTILE, 0),), np.zeros((1, 1), np.float32))
    page = Page(render_report(make_report(summary, facts, texts)))
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"})
    assert page.text.count("<script>alert('x')</script>") >= 8
    assert not any("onerror" in attrs for _, attrs in page.tags)


def test_every_alert_is_told_with_level_reason_times_and_units() -> None:
    text = Page(render_report(make_report(drive([C, A, C, C, W, W, C])))).text
    assert "◆ CAUTION caution because of somebody front, from 0.2 s to 0.4 s" in text
    assert "▲ WARNING warning because of somebody front, from 0.8 s to 1.2 s" in text
    assert text.count("time to contact –") == 2


def test_of_many_alerts_the_most_severe_have_pictures_and_all_have_a_line() -> None:
    summary = drive([C, A] * 20 + [C, W] * 10)
    pictured = choose_pictured(summary.episodes)
    assert len(pictured) == MAX_ALERT_PICTURES
    assert sum(episode.level == W for episode in pictured) == 10
    page = Page(render_report(make_report(summary)))
    assert sum("card alert" in str(attrs.get("class")) for _, attrs in page.tags) == len(pictured)
    assert f"the {MAX_ALERT_PICTURES} most severe of 30 with a picture" in page.text
    assert page.text.count("because of somebody") == MAX_ALERT_PICTURES + 30


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({"front": [C] * 4}, "None: nobody was seen in the vehicle's way or near it."),
        (None, "Nobody looked for people: boxes or alerts were off."),
    ],
    ids=["none", "not judged"],
)
def test_that_there_are_no_alerts_is_said(
    levels: dict[str, list[AlertLevel]] | None, expected: str
) -> None:
    summary = make_summary({"front": ["red"] * 4}, levels=levels)
    assert expected in Page(render_report(make_report(summary))).text


def test_latencies_rates_and_bad_frames_are_told_with_units() -> None:
    text = Page(render_report(make_report(drive()))).text
    assert "decode 1.0 ms 2.0 ms 3.0 ms" in text
    assert "front 5 1 s 5.0 Hz 200.0 ms 200.0 ms 0 – 5 0" in text
    assert "front 3 0.0 s expected a JPEG, got none" in text
    assert "10 frames in 2 s: 5.0 frames/s" in text


@pytest.mark.parametrize(
    ("start_ns", "expected"),
    [
        (0, "the recording's own zero"),
        (2 * 10**9, "2.0 s on the recording's own clock"),
        (1_772_439_249_100_000_000, "2026-03-02 08:14:09.100 UTC"),
    ],
    ids=["video", "simulated", "vehicle"],
)
def test_the_wall_time_of_the_start_is_told_if_there_is_one(start_ns: int, expected: str) -> None:
    summary = make_summary({"front": ["red"] * 4}, start_ns=start_ns)
    assert expected in Page(render_report(make_report(summary))).text


def test_the_heat_map_frames_the_nearest_text_of_each_frame() -> None:
    cosines = np.array([[0.5, -0.2], [0.1, 0.4]], np.float32)
    texts = FrameTexts(
        ("a red thing", "a blue thing"), (("front", 0), ("front", 200_000_000)), cosines
    )
    page = Page(render_report(make_report(drive(), frame_texts=texts)))
    cells = [
        attrs for tag, attrs in page.tags if tag == "td" and "background" in str(attrs.get("style"))
    ]
    assert [attrs.get("class") for attrs in cells] == ["nearest", None, None, "nearest"]
    assert "a red thing 0.50 -0.20 a blue thing 0.10 0.40" in page.text


def test_pictures_are_in_the_page() -> None:
    report = make_report(drive())
    (episode,) = report.summary.episodes
    pictures = {("alert", "front", episode.peak.stamp_ns): b"\xff\xd8jpeg"}
    page = Page(render_report(replace(report, pictures=pictures)))
    (source,) = (attrs["src"] for tag, attrs in page.tags if tag == "img")
    assert source == "data:image/jpeg;base64,/9hqcGVn"
    assert "picture not found again" in page.text


def test_a_page_about_a_restless_hour_stays_small() -> None:
    """Six cameras whose label and alert change with every frame."""
    labels, levels = ["red", "blue", "unknown"] * 500, [C, A, W] * 500
    cameras = [f"camera{index}" for index in range(6)]
    summary = make_summary(dict.fromkeys(cameras, labels), levels=dict.fromkeys(cameras, levels))
    html = render_report(make_report(summary, replace(FACTS, skips=())))
    assert len(html) < 2_500_000
    page = Page(html)
    assert "short spans not drawn" in page.text
    assert "The first 1000 alerts" in page.text
