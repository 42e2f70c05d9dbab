"""Hits are told in the time that a person reads."""

from __future__ import annotations

import pytest

from scene_clip_ros.report.hits import format_stamp, hit_caption


@pytest.mark.parametrize(
    ("stamp_ns", "text"),
    [
        pytest.param(0, "0:00.000", id="start"),
        pytest.param(83_456_789_000, "1:23.456", id="of a video"),
        pytest.param(3_600_000_000_000, "60:00.000", id="hour"),
        pytest.param(1_714_564_800_250_999_999, "2024-05-01 12:00:00.250", id="of a vehicle"),
    ],
)
def test_stamps_are_times_of_day_or_from_a_start(stamp_ns: int, text: str) -> None:
    assert format_stamp(stamp_ns) == text


def test_a_caption_tells_rank_score_camera_time_and_recording() -> None:
    assert hit_caption(
        2, score=0.31249, z=5.07, camera="front", stamp_ns=0, source="drive.mcap"
    ) == ("#2   0.312   z 5.1", "front   0:00.000", "drive.mcap")


def test_a_caption_without_a_recording_is_shorter() -> None:
    assert len(hit_caption(1, score=0.3, z=5.0, camera="front", stamp_ns=0)) == 2
