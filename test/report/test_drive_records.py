from __future__ import annotations

import numpy as np
import pytest
from colors import color_vocabulary
from made_drives import STEP_NS, A, make_alert, make_records, make_result

from scene_clip_ros.report.drive_records import (
    NOT_JUDGED,
    UNKNOWN_INDEX,
    DriveRecorder,
    is_plausible,
)

DAY_NS = 86_400 * 10**9


def test_records_are_columns_of_what_was_held() -> None:
    recorder = DriveRecorder(color_vocabulary())
    recorder.add(make_result(0, "blue", hazard=True), make_alert(0, A))
    recorder.add(make_result(1, "unknown"), None)
    records = recorder.records("front")
    assert len(records) == 2
    assert records.labels.tolist() == [[2], [UNKNOWN_INDEX]]
    assert records.hazards.tolist() == [[True], [False]]
    assert records.levels.tolist() == [A, NOT_JUDGED]
    assert records.embeddings.shape == (2, 4)


def test_cameras_are_kept_apart_and_sorted() -> None:
    recorder = DriveRecorder(color_vocabulary())
    for camera in ("rear", "front", "rear"):
        recorder.add(make_result(0, camera=camera), None)
    assert recorder.cameras == ("front", "rear")
    assert [len(recorder.records(camera)) for camera in recorder.cameras] == [1, 2]


def test_frames_are_sorted_by_stamp() -> None:
    records = make_records(["blue", "red", "green"], [2 * STEP_NS, 0, STEP_NS])
    assert records.stamps_ns.tolist() == [0, STEP_NS, 2 * STEP_NS]
    assert records.labels[:, 0].tolist() == [0, 1, 2]


def test_stamps_of_another_age_are_left_out() -> None:
    now_ns = 10**18
    records = make_records(["blue", "red", "green"], [0, now_ns, now_ns + STEP_NS])
    assert records.stamps_ns.tolist() == [now_ns, now_ns + STEP_NS]
    assert records.labels[:, 0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("stamps_ns", "expected"),
    [
        ([5], [True]),
        ([0, DAY_NS, 2 * DAY_NS], [True, True, True]),
        ([0, DAY_NS + 1, 2 * DAY_NS], [False, True, True]),
        ([-(2**62), 10**18, 10**18], [False, True, True]),
    ],
    ids=["alone", "a day", "more than a day", "nonsense"],
)
def test_plausible_stamps_are_within_a_day(stamps_ns: list[int], expected: list[bool]) -> None:
    np.testing.assert_array_equal(is_plausible(stamps_ns), expected)
