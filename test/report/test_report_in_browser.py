"""The page of a report, as a browser lays it out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from colors import RED, color_vocabulary, picture
from made_drives import A, C, W, make_summary

from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.report.drive_report import (
    DriveReport,
    FrameTexts,
    PictureKey,
    RunFacts,
    SkipReason,
    StageTime,
)
from scene_clip_ros.report.html_report import render_report

pytest.importorskip("selenium")
from browser import (
    DESKTOP,
    OVERFLOW,
    OVERLAPS,
    PHONE,
    complaints,
    missing_browser,
    open_browser,
    resize,
)

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.skipif(bool(missing_browser()), reason=missing_browser())

LONG = "expected_a_word_that_no_line_has_room_for_" * 4
TEXTS = (
    "h1, h2, h3, p, dt, dd, td, th, figure, .name, svg.row, svg.axis, svg.axis text, .legend span"
)


def write_page(path: Path) -> Path:
    """Write a page with everything that a report can have, and names that fit nowhere."""
    labels = ["red", "green", "blue", "unknown"] * 10
    levels = [C, A, W, C] * 10
    summary = make_summary(
        {"front": labels, LONG: labels},
        hazards={"front": [3, 4, 5]},
        levels={"front": levels, LONG: levels},
    )
    frames = tuple(("front", index * 10**9) for index in range(8))
    jpeg = encode_jpeg(picture(RED, size_wh=(320, 180)))
    keys: list[PictureKey] = [
        (kind, camera.camera, frame.stamp_ns)
        for camera in summary.cameras
        for kind, shown in (
            ("alert", [episode.peak for episode in camera.episodes]),
            ("telling", [*camera.typical, *camera.unusual]),
        )
        for frame in shown
    ]
    facts = RunFacts(
        source=f"/drives/{LONG}.mcap",
        made="2026-03-02 08:14 UTC",
        rate_hz=5.0,
        wall_s=2.0,
        models=(("Model", LONG),),
        versions=(("Python", "3.10"), (LONG, "1.0")),
        vocabulary=color_vocabulary(),
        vocabulary_name=LONG,
        times=(StageTime("decode", 1.0, 2.0, 3.0),),
        skips=(SkipReason(LONG, LONG, 1, 0),),
    )
    texts = FrameTexts(("a red thing", LONG), frames, np.linspace(-1, 1, 16).reshape(2, 8))
    report = DriveReport(summary, facts, texts, dict.fromkeys(keys, jpeg))
    path.write_text(render_report(report), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    page = write_page(tmp_path_factory.mktemp("page") / "report.html")
    with open_browser() as driver:
        driver.get(page.as_uri())
        yield driver


@pytest.mark.parametrize("size_wh", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_overlaps_and_nothing_is_wider_than_the_screen(
    browser: Chrome, size_wh: tuple[int, int]
) -> None:
    resize(browser, size_wh)
    assert browser.execute_script(OVERFLOW) == ""
    assert browser.execute_script(OVERLAPS, TEXTS) == []


@pytest.mark.parametrize("size_wh", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_texts_fit_their_bars(browser: Chrome, size_wh: tuple[int, int]) -> None:
    resize(browser, size_wh)
    script = """
    return [...document.querySelectorAll("svg.row svg text")].filter((text) => {
      const bar = text.closest("svg").getBoundingClientRect();
      return text.checkVisibility() && text.getBoundingClientRect().right > bar.right + 1;
    }).map((text) => text.textContent);
    """
    assert browser.execute_script(script) == []


def test_the_browser_has_nothing_to_complain_about(browser: Chrome) -> None:
    assert complaints(browser) == []
    broken = "return [...document.images].filter((image) => !image.naturalWidth).length"
    assert browser.execute_script(broken) == 0
