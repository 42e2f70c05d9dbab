"""What the terminal shows while a drive plays."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from drives import alert
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.types import AttributeState, FrameResult, HazardState
from scene_clip_ros.demo.live import (
    GREEN,
    RED,
    RESET,
    LiveView,
    PlainScreen,
    TerminalScreen,
    cut_to_width,
    screen_for,
    without_colours,
)
from scene_clip_ros.report.scoring import SceneTruth


class Recorder:
    """A screen that remembers."""

    status_period_ns = 10**9

    def __init__(self) -> None:
        self.statuses: list[str] = []
        self.notes: list[str] = []

    def status(self, text: str) -> None:
        self.statuses.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def finish(self) -> None: ...


def labels(
    stamp_ns: int, weather: str, *, camera: str = "front", person: bool = False
) -> FrameResult:
    state = AttributeState("weather", weather, 0.97, 0.2, 0, ())
    hazard = HazardState("person_on_road", person, 0.9, 0.2, 0)
    return FrameResult(camera, stamp_ns, np.empty(0, np.float32), (state,), (hazard,))


def watch(*results: FrameResult, truth: SceneTruth | None = None) -> Recorder:
    screen = Recorder()
    truths = {(truth.camera, truth.stamp_ns): truth} if truth else {}
    view = LiveView(screen, truths)
    for result in results:
        view.show(result, latency_ms=12.4)
    return screen


def test_status_names_label_probability_and_latency() -> None:
    (status,) = watch(labels(5, "rain")).statuses
    assert without_colours(status) == "   0.0 s  front    12 ms  rain 97%"


def test_status_comes_once_a_period_of_footage() -> None:
    screen = watch(*(labels(i * 10**8, "rain") for i in range(21)))
    assert len(screen.statuses) == 3


def test_each_camera_has_its_own_period() -> None:
    screen = watch(labels(0, "rain"), labels(1, "rain", camera="rear"))
    assert len(screen.statuses) == 2


def test_a_jump_back_in_time_shows_the_status_at_once() -> None:
    assert len(watch(labels(10**10, "rain"), labels(0, "rain")).statuses) == 2


def test_a_change_of_label_is_noted() -> None:
    screen = watch(labels(0, "clear"), labels(10**8, "clear"), labels(2 * 10**8, "rain"))
    assert screen.notes == ["   0.2 s  front  weather: clear → rain"]


def test_known_truth_marks_right_and_wrong() -> None:
    truth = SceneTruth("front", 0, {"weather": "rain"}, {})
    assert f"{GREEN}✓{RESET} rain" in watch(labels(0, "rain"), truth=truth).statuses[0]
    assert f"{RED}✗{RESET} snow" in watch(labels(0, "snow"), truth=truth).statuses[0]


def test_truth_that_nobody_can_tell_is_not_marked() -> None:
    truth = SceneTruth("front", 0, {"weather": None}, {})
    assert "✗" not in watch(labels(0, "rain"), truth=truth).statuses[0]


def test_unknown_names_the_attribute_and_no_probability() -> None:
    (status,) = watch(labels(5, "unknown")).statuses
    assert without_colours(status) == "   0.0 s  front    12 ms  weather ?"


def test_an_active_hazard_is_shown_and_its_change_noted() -> None:
    screen = watch(labels(0, "rain"), labels(10**9, "rain", person=True))
    assert "person_on_road" in screen.statuses[1]
    assert screen.notes == ["   1.0 s  front  person_on_road: no → yes"]


def test_a_change_of_the_alert_is_noted_with_its_reason() -> None:
    screen = Recorder()
    view = LiveView(screen, {})
    view.show(labels(0, "rain"), latency_ms=None)
    for frame, level in enumerate((AlertLevel.CLEAR, AlertLevel.CLEAR, AlertLevel.WARNING)):
        view.hold(replace(alert(level, frame=frame), reason="child in the zone"))
    assert screen.notes == ["   0.2 s  front  alert: CLEAR → WARNING, child in the zone"]


def test_status_tells_the_level_that_is_held() -> None:
    screen = Recorder()
    view = LiveView(screen, {})
    view.hold(alert(AlertLevel.CAUTION))
    view.show(labels(0, "rain"), latency_ms=None)
    assert without_colours(screen.statuses[0]) == "   0.0 s  front  CAUTION  rain 97%"


def test_an_alert_before_the_first_picture_is_not_noted() -> None:
    screen = Recorder()
    view = LiveView(screen, {})
    view.hold(alert(AlertLevel.STALE))
    view.hold(alert(AlertLevel.CLEAR))
    assert screen.notes == []


def test_a_pipe_gets_plain_lines() -> None:
    stream = io.StringIO()
    screen = screen_for(stream)
    assert isinstance(screen, PlainScreen)
    screen.status(f"{GREEN}✓{RESET} rain")
    assert stream.getvalue() == "✓ rain\n"


def test_a_terminal_keeps_the_status_below_the_notes() -> None:
    stream = io.StringIO()
    screen = TerminalScreen(stream)
    screen.status("now")
    screen.note("changed")
    assert stream.getvalue().endswith("changed\nnow")


@given(st.text("ab", max_size=20), st.integers(1, 30))
def test_a_cut_text_fits(text: str, columns: int) -> None:
    cut = cut_to_width(f"{GREEN}{text}{RESET}", columns)
    assert len(without_colours(cut)) == min(len(text), columns)
