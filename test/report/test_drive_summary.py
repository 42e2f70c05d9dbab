from __future__ import annotations

import pytest
from colors import color_vocabulary
from made_drives import STEP_NS, A, C, W, make_records, make_summary

from scene_clip_ros.report.drive_records import UNKNOWN_INDEX
from scene_clip_ros.report.drive_summary import MAX_TELLING, DriveSummary, summarise_drive
from scene_clip_ros.report.drive_words import tell_drive
from scene_clip_ros.report.held_spans import Span
from scene_clip_ros.report.stamp_gaps import measure_stamps


def test_a_camera_is_summed_up_in_spans_and_shares() -> None:
    (camera,) = make_summary({"front": ["red"] * 6 + ["unknown"] * 2}).cameras
    (color,) = camera.attributes
    assert color.spans == (
        Span(0, 0, 6 * STEP_NS),
        Span(UNKNOWN_INDEX, 6 * STEP_NS, 8 * STEP_NS),
    )
    assert color.shares() == {0: 0.75, UNKNOWN_INDEX: 0.25}
    assert [color.label(value) for value in color.shares()] == ["red", "unknown"]
    assert (camera.judged, camera.levels, camera.episodes) == (8, (), ())


def test_hazards_and_alerts_have_spans_of_their_own() -> None:
    levels = [C, A, W, W, C]
    summary = make_summary(
        {"front": ["red"] * 5}, hazards={"front": [1, 2]}, levels={"front": levels}
    )
    (camera,) = summary.cameras
    assert [span.value for span in camera.hazards[0].spans] == [0, 1, 0]
    assert [span.value for span in camera.levels] == [C, A, W, C]
    assert summary.alerts_judged
    assert (summary.count_episodes(W), summary.count_episodes(A)) == (1, 0)


def test_the_odd_frame_is_unusual() -> None:
    (camera,) = make_summary({"front": ["red"] * 9 + ["blue"]}).cameras
    assert camera.unusual[0].stamp_ns == 9 * STEP_NS
    assert camera.unusual[0].labels == ("blue",)
    assert all(frame.labels == ("red",) for frame in camera.typical)


def test_many_cameras_share_the_pictures() -> None:
    cameras = {f"camera{index}": ["red", "blue"] * 8 for index in range(10)}
    summary = make_summary(cameras)
    assert 10 <= sum(len(camera.typical) for camera in summary.cameras) <= MAX_TELLING


def test_a_camera_without_a_good_frame_is_there_all_the_same() -> None:
    records = make_records(["red", "red"])
    summary = summarise_drive(
        {"front": measure_stamps([0, STEP_NS]), "rear": measure_stamps([0, STEP_NS])},
        {"front": records},
        (),
        vocabulary=color_vocabulary(),
        skipped={"rear": 2},
    )
    rear = summary.cameras[1]
    assert (rear.camera, rear.judged, rear.skipped, rear.typical) == ("rear", 0, 2, ())
    assert [attribute.spans for attribute in rear.attributes] == [()]
    assert "of 2 cameras: red" in tell_drive(summary)


@pytest.mark.parametrize(
    ("second_ns", "shared"),
    [(0, True), (3 * STEP_NS, True), (3600 * 10**9, False)],
    ids=["together", "one after the other", "an hour apart"],
)
def test_cameras_share_an_axis_unless_their_clocks_are_far_apart(
    second_ns: int, *, shared: bool
) -> None:
    stamps = {
        "front": measure_stamps([0, STEP_NS]),
        "rear": measure_stamps([second_ns, second_ns + STEP_NS]),
    }
    summary = summarise_drive(stamps, {}, (), vocabulary=color_vocabulary(), skipped={})
    assert summary.share_a_clock is shared
    assert summary.length_s == pytest.approx(second_ns / 1e9 + 0.4 if shared else 0.4)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (
            make_summary({"front": ["red"] * 10}, levels={"front": [W] * 2 + [C] * 8}),
            "2 s of one camera: red; 1 warning",
        ),
        (
            make_summary({"front": ["red"] * 6 + ["blue"] * 4}, levels={"front": [C] * 10}),
            "2 s of one camera: red/blue; no alerts",
        ),
        (
            make_summary({"front": ["red"] * 9 + ["blue"]}, hazards={"front": [3]}),
            "2 s of one camera: red; red ahead; alerts not judged",
        ),
        (
            make_summary({"front": ["unknown"] * 5, "rear": ["unknown"] * 5}),
            "1 s of 2 cameras: color unknown; alerts not judged",
        ),
        (
            make_summary({"front": ["green"] * 6}, levels={"front": [A, C, W, C, W, A]}),
            "1.2 s of one camera: green; 2 warnings, 1 caution",
        ),
    ],
    ids=["a warning", "two labels", "a hazard", "unknown", "many alerts"],
)
def test_one_line_tells_the_drive(summary: DriveSummary, expected: str) -> None:
    assert tell_drive(summary) == expected
