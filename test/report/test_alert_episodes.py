from __future__ import annotations

import math
from dataclasses import replace

import pytest
from drives import SIZE_WH, at, scored
from made_drives import A, C, W, make_alert, make_result

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.report.alert_episodes import AlertEpisode, EpisodeFinder

Levels = list[AlertLevel]


def find(
    levels: Levels, contacts_s: list[float] | None = None, stamps_ns: list[int] | None = None
) -> tuple[AlertEpisode, ...]:
    finder = EpisodeFinder()
    contacts = contacts_s or [math.nan] * len(levels)
    stamps = stamps_ns or list(range(0, 10 * len(levels), 10))
    for stamp_ns, level, contact_s in zip(stamps, levels, contacts, strict=True):
        finder.add(make_result(stamp_ns), make_alert(stamp_ns, level, contact_s=contact_s))
    return finder.episodes()


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], []),
        ([C, C], []),
        ([C, A, A, C], [(A, 10, 30)]),
        ([A, W, A, C], [(W, 0, 30)]),
        ([A, C, W], [(A, 0, 10), (W, 20, 20)]),
    ],
    ids=["no frames", "clear", "caution", "grows to a warning", "still on at the end"],
)
def test_an_episode_lasts_from_clear_to_clear_and_has_the_highest_level(
    levels: Levels, expected: list[tuple[AlertLevel, int, int]]
) -> None:
    assert [(each.level, each.start_ns, each.end_ns) for each in find(levels)] == expected


@pytest.mark.parametrize(
    ("levels", "contacts_s", "peak_ns"),
    [
        ([A, W, W], [0.5, math.nan, math.nan], 10),
        ([W, W, W], [3.0, 1.0, 2.0], 10),
        ([W, W, W], [math.nan, math.nan, 4.0], 20),
    ],
    ids=["level first", "shortest contact", "any contact before none"],
)
def test_the_peak_is_the_most_urgent_frame(
    levels: Levels, contacts_s: list[float], peak_ns: int
) -> None:
    (episode,) = find(levels, contacts_s)
    assert episode.peak.stamp_ns == episode.result.stamp_ns == peak_ns
    assert episode.result.embedding.size == 0


def test_a_jump_back_ends_an_episode() -> None:
    first, second = find([A, A, A], stamps_ns=[100, 110, 50])
    assert (first.start_ns, first.end_ns) == (50, 50)
    assert (second.start_ns, second.end_ns) == (100, 110)


def test_cameras_have_episodes_of_their_own() -> None:
    finder = EpisodeFinder()
    for stamp_ns in (0, 10):
        for camera in ("front", "rear"):
            finder.add(make_result(stamp_ns, camera=camera), make_alert(stamp_ns, A, camera=camera))
    assert [each.camera for each in finder.episodes()] == ["front", "rear"]


def test_the_peak_shows_its_cause_rather_than_a_frame_that_only_holds_on() -> None:
    person = scored("person", at(0, 0))
    finder = EpisodeFinder()
    for stamp_ns, boxes, contact_s in ((0, (person,), 0.8), (10, (), 0.1)):
        alert = replace(make_alert(stamp_ns, W, contact_s=contact_s), boxes=(person,))
        frame_boxes = FrameBoxes("front", stamp_ns, SIZE_WH, boxes)
        finder.add(replace(make_result(stamp_ns), boxes=frame_boxes), alert)
    (episode,) = finder.episodes()
    assert (episode.peak.stamp_ns, episode.end_ns) == (0, 10)
