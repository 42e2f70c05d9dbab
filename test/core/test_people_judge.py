from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from street import CAMERA, EXACT, SIZE_WH, Walker, drive_past, make_box, make_frame

from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.box_types import NO_TRACK, FrameBoxes, Xyxy
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.people_judge import PeopleJudge, Person, Place
from scene_clip_ros.core.zone import DEFAULT_ZONE, PinholeCamera

SETTINGS = AlertSettings()
TRIANGLE = ((0.4, 0.4), (0.6, 0.4), (0.5, 0.6))
BLIND = PinholeCamera(size_wh=SIZE_WH, focal_xy=(700.0, 700.0), centre_xy=(1e5, 360.0))


def make_judge(settings: AlertSettings = SETTINGS) -> PeopleJudge:
    judge = PeopleJudge(settings)
    judge.set_camera(CAMERA)
    return judge


def with_ids(frame: FrameBoxes) -> FrameBoxes:
    boxes = tuple(replace(box, track_id=index) for index, box in enumerate(frame.boxes))
    return replace(frame, boxes=boxes)


def judge_drive(
    walker: Walker, *, ego_mps: float, seconds: float, settings: AlertSettings = SETTINGS
) -> list[Person]:
    """Return who is near after a drive without noise."""
    judge, people = make_judge(settings), []
    drive = drive_past((walker,), seconds=seconds, ego_mps=ego_mps, detector=EXACT)
    for frame, _ in drive:
        people = judge.judge(with_ids(frame))
    return people


@pytest.mark.parametrize(
    ("across_m", "ahead_m", "place"),
    [
        pytest.param(0.0, 10.0, Place.INSIDE, id="in the middle"),
        pytest.param(1.6, 10.0, Place.INSIDE, id="a third of the feet within"),
        pytest.param(1.75, 10.0, Place.NEAR, id="touching"),
        pytest.param(-3.0, 10.0, Place.NEAR, id="at arm's length"),
        pytest.param(-3.6, 10.0, None, id="on the pavement"),
        pytest.param(0.0, 22.2, Place.NEAR, id="a step beyond the corridor"),
        pytest.param(0.0, 25.0, None, id="beyond the corridor"),
    ],
)
def test_place_is_told_by_the_feet(across_m: float, ahead_m: float, place: Place | None) -> None:
    walker = Walker(across_m, ahead_m)

    people = make_judge().judge(make_frame(0, make_box(walker.xyxy)))

    assert [person.place for person in people] == ([] if place is None else [place])


CYCLIST = Walker(-10.0, 18.0, height_m=1.8, width_m=1.7, label="cyclist")


@pytest.mark.parametrize(
    ("walker", "ego_mps", "is_heading_in"),
    [
        pytest.param(Walker(5.0, 18.0, -1.4), 0.0, True, id="towards the standing vehicle's lane"),
        pytest.param(Walker(5.0, 25.0, -1.4), 6.0, True, id="towards the moving vehicle's lane"),
        pytest.param(Walker(4.0, 25.0, 0.0), 6.0, False, id="bystander"),
        pytest.param(Walker(4.0, 25.0, 1.4), 6.0, False, id="away from it"),
        pytest.param(Walker(4.5, 20.0, 0.0, -1.4), 5.0, False, id="along the pavement"),
        pytest.param(Walker(0.0, 36.0, 0.0), 7.0, True, id="standing in the lane far ahead"),
        pytest.param(replace(CYCLIST, across_mps=5.0), 0.0, True, id="cyclist, 5 m/s"),
        pytest.param(replace(CYCLIST, across_mps=5.0), 4.0, True, id="cyclist, 5 m/s, both move"),
        pytest.param(replace(CYCLIST, across_m=-13.0, across_mps=9.0), 0.0, True, id="9 m/s"),
        pytest.param(Walker(9.0, 15.0, -4.5, height_m=1.2), 0.0, True, id="child that runs"),
        pytest.param(
            replace(CYCLIST, ahead_m=45.0, across_mps=6.0), 0.0, False, id="cyclist beyond the zone"
        ),
        pytest.param(replace(CYCLIST, across_mps=-2.0), 0.0, False, id="cyclist that leaves"),
    ],
)
def test_way_into_the_zone_is_foreseen(
    walker: Walker, ego_mps: float, *, is_heading_in: bool
) -> None:
    people = judge_drive(walker, ego_mps=ego_mps, seconds=1.2)

    assert [person.place for person in people] == [Place.HEADING_IN] * is_heading_in


def test_nothing_is_foreseen_without_looking_ahead() -> None:
    blind = replace(SETTINGS, lookahead_s=0.0)

    assert judge_drive(Walker(5.0, 18.0, -1.4), ego_mps=0.0, seconds=1.2, settings=blind) == []


def test_time_to_contact_belongs_to_the_track() -> None:
    people = judge_drive(Walker(0.0, 20.0), ego_mps=7.0, seconds=1.0)

    assert people[0].contact_s == pytest.approx((20 - 0.9 * 7) / 7, rel=0.01)


def test_time_to_contact_of_a_track_lost_for_the_window_starts_anew() -> None:
    judge = make_judge()
    frames = [with_ids(f) for f, _ in drive_past((Walker(0.0, 20.0),), seconds=2.6, detector=EXACT)]
    for frame in frames[:10]:
        judge.judge(frame)

    assert math.isnan(judge.judge(frames[-1])[0].contact_s)


def test_box_without_a_track_is_judged_by_its_place_alone() -> None:
    judge = make_judge()
    for frame, _ in drive_past((Walker(0.0, 20.0),), seconds=1.0, detector=EXACT):
        people = judge.judge(frame)

    assert people[0].box.track_id == NO_TRACK
    assert people[0].place == Place.INSIDE
    assert math.isnan(people[0].contact_s)


@pytest.mark.parametrize(
    ("label", "score", "counts"),
    [("child", 0.8, True), ("child", 0.79, False), ("car", 0.9, False), ("Child", 0.9, False)],
)
def test_only_sure_boxes_of_the_set_labels_count(label: str, score: float, *, counts: bool) -> None:
    box = make_box(Walker(0.0, 10.0).xyxy, label, score=score)

    assert len(make_judge().judge(make_frame(0, box))) == counts


def test_people_are_told_most_urgent_first() -> None:
    near, far, beside = Walker(0.5, 5.0), Walker(0.0, 20.0), Walker(2.5, 4.0)
    boxes = [make_box(walker.xyxy) for walker in (beside, far, near)]

    people = make_judge().judge(make_frame(0, *boxes))

    assert [person.box for person in people] == boxes[::-1]


@given(
    st.lists(
        st.tuples(st.sampled_from(Place), st.floats(0, 9) | st.just(math.nan), st.floats(0, 720)),
        max_size=8,
    )
)
def test_urgency_never_puts_a_less_urgent_place_first(
    rows: list[tuple[Place, float, float]],
) -> None:
    people = [Person(make_box((0, 0, 9, y)), place, contact_s) for place, contact_s, y in rows]

    places = [person.place for person in sorted(people, key=lambda person: person.urgency)]

    assert places == sorted(places, reverse=True)


def test_zone_is_the_one_set_then_the_calibrated_then_the_default() -> None:
    judge = PeopleJudge(SETTINGS)
    assert judge.zone == DEFAULT_ZONE
    judge.set_camera(CAMERA)
    assert judge.zone == SETTINGS.corridor.zone(CAMERA)
    judge.set_settings(replace(SETTINGS, zone=TRIANGLE))
    assert judge.zone.points == TRIANGLE
    judge.set_settings(SETTINGS)
    judge.set_camera(None)
    assert judge.zone == DEFAULT_ZONE


def test_camera_that_does_not_see_the_corridor_is_refused_and_changes_nothing() -> None:
    judge = make_judge()
    before = judge.zone

    with pytest.raises(ParameterError, match="in the picture"):
        judge.set_camera(BLIND)

    assert judge.zone == before


@pytest.mark.parametrize("across_m", [-3.6, 3.6, 5.0])
@pytest.mark.parametrize("height_m", [1.1, 1.75])
def test_people_on_the_pavement_are_away_at_any_distance(across_m: float, height_m: float) -> None:
    walkers = [Walker(across_m, 3.0 + metres, height_m=height_m) for metres in range(60)]

    assert make_judge().judge(make_frame(0, *[make_box(w.xyxy) for w in walkers])) == []


def test_person_at_the_bumper_before_a_zone_that_ends_above_it_is_near() -> None:
    above_the_bonnet = ((0.44, 0.61), (0.56, 0.61), (0.7, 0.85), (0.3, 0.85))
    judge = make_judge(replace(SETTINGS, zone=above_the_bonnet))

    people = judge.judge(make_frame(0, make_box((560, 200, 720, 640))))

    assert [person.place for person in people] == [Place.NEAR]


LOOKS_UP = PinholeCamera(size_wh=SIZE_WH, focal_xy=(700.0, 700.0), centre_xy=(640.0, 900.0))
"""Its picture begins far above the ground, unless the camera is said to look down."""
DOWN = replace(SETTINGS, corridor=replace(SETTINGS.corridor, camera_pitch_deg=30.0))


def test_refused_camera_is_used_once_the_settings_fit_it() -> None:
    judge = make_judge()
    with pytest.raises(ParameterError):
        judge.set_camera(LOOKS_UP)

    judge.set_settings(replace(SETTINGS, hold_s=3.0))
    assert judge.zone == SETTINGS.corridor.zone(CAMERA)
    judge.set_settings(DOWN)

    assert judge.zone == DOWN.corridor.zone(LOOKS_UP)


def test_refused_camera_does_not_come_back_after_another() -> None:
    judge = make_judge()
    with pytest.raises(ParameterError):
        judge.set_camera(LOOKS_UP)

    judge.set_camera(CAMERA)
    judge.set_settings(DOWN)

    assert judge.zone == DOWN.corridor.zone(CAMERA)


def test_settings_can_be_checked_without_a_change() -> None:
    judge = make_judge()
    judge.set_camera(None)
    judge.check_settings(DOWN)
    assert judge.zone == DEFAULT_ZONE

    judge.set_camera(CAMERA)
    up = replace(SETTINGS, corridor=replace(SETTINGS.corridor, camera_pitch_deg=-45.0))
    with pytest.raises(ParameterError, match="in the picture"):
        judge.check_settings(up)


@pytest.mark.parametrize("size_wh", [(640, 360), (1280, 720), (1920, 1080), (640, 640)])
def test_calibration_holds_for_boxes_of_any_size_of_the_picture(size_wh: tuple[int, int]) -> None:
    left, top, right, bottom = Walker(1.2, 10.0).xyxy
    x, y = size_wh[0] / SIZE_WH[0], size_wh[1] / SIZE_WH[1]
    scaled: Xyxy = (left * x, top * y, right * x, bottom * y)
    frame = replace(make_frame(0, make_box(scaled)), size_wh=size_wh)

    assert [person.place for person in make_judge().judge(frame)] == [Place.INSIDE]
