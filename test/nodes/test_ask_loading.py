"""What answers questions is loaded beside the cameras once it is wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from asked import image
from asked_node import ask, run_node, switch, write_vocabulary
from diagnostic_msgs.msg import DiagnosticArray
from feeds import Feed
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.parameter import Parameter
from reasoners import TIMEOUT_S, NotingReasoner, finding
from ros_world import Inbox, RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.core.errors import ModelError, ParameterError, ReasoningError
from scene_clip_ros.core.questions.types import Reasoner
from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.ask_service import MAX_QUESTIONS
from scene_clip_ros.nodes.configured import LoadReasoner
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.stamps import time_message


@pytest.fixture
def vocabulary(tmp_path: Path) -> str:
    return write_vocabulary(tmp_path)


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCENE_CLIP_LLM_BASE_URL", raising=False)


class SlowLoading:
    """Finds a reasoner at once, which is loaded only once it is let go."""

    def __init__(self) -> None:
        self.reasoner = NotingReasoner()
        self.began = threading.Event()
        self.go = threading.Event()
        self.loads = 0
        self.error: Exception | None = None

    def find(self, _values: SceneClipParameters) -> LoadReasoner:
        return self.load

    def load(self, _contrastive: Reasoner) -> Reasoner:
        self.loads += 1
        self.began.set()
        assert self.go.wait(TIMEOUT_S)
        if self.error is not None:
            raise self.error
        return self.reasoner


@pytest.fixture
def slow() -> Iterator[SlowLoading]:
    loading = SlowLoading()
    yield loading
    loading.go.set()


@pytest.fixture
def labels(world: RosWorld, vocabulary: str, slow: SlowLoading) -> Inbox:
    """The labels of a node that runs without questions, of a camera that keeps sending."""
    run_node(world, vocabulary, slow.find, questions__enabled=False)
    Feed(world, Image, "front/image", make=picture)
    return world.inbox(SceneLabels, "front/scene_clip/labels")


def picture(stamp_ns: int) -> Image:
    message = image("red", 0)
    message.header.stamp = time_message(stamp_ns)
    return message


def wait_for_answer(world: RosWorld) -> None:
    """Wait until questions are answered."""
    world.wait_until(lambda: ask(world).success, "an answer")


@pytest.mark.parametrize("function", ["questions", "memory"])
def test_labels_keep_coming_and_questions_are_refused_while_the_model_is_loaded(
    world: RosWorld, slow: SlowLoading, labels: Inbox, function: str
) -> None:
    switch(world, "memory", enabled=function == "questions")
    switch(world, "questions", enabled=True)
    switch(world, function, enabled=True)
    world.wait_until(slow.began.is_set, "the load")

    labels.messages.clear()
    labels.wait_count(5)
    refused = ask(world)
    slow.go.set()
    wait_for_answer(world)

    assert not refused.success
    assert refused.message.endswith("got it still being loaded: ask again")
    assert slow.loads == 1


def test_switching_off_and_on_during_a_load_loads_once(
    world: RosWorld, slow: SlowLoading, labels: Inbox
) -> None:
    labels.wait_count(1)
    for _ in range(MAX_QUESTIONS + 2):
        switch(world, "questions", enabled=True)
        switch(world, "questions", enabled=False)
    switch(world, "questions", enabled=True)
    slow.go.set()
    wait_for_answer(world)

    assert slow.loads == 1


@pytest.mark.usefixtures("labels")
def test_a_model_that_cannot_be_loaded_is_told_and_tried_again_when_switched_on_again(
    world: RosWorld, slow: SlowLoading
) -> None:
    slow.error = ModelError("expected weights, got half of them")
    slow.go.set()
    switch(world, "questions", enabled=True)
    world.wait_until(lambda: "still being loaded" not in ask(world).message, "the failure")
    failed = ask(world)

    slow.error = None
    switch(world, "questions", enabled=False)
    switch(world, "questions", enabled=True)
    wait_for_answer(world)

    assert not failed.success
    assert "got none: expected weights, got half of them; switch questions off" in failed.message
    assert slow.loads == 2


def test_a_change_that_is_refused_for_its_backend_changes_no_alert(
    world: RosWorld, vocabulary: str
) -> None:
    options = {"questions__backend": "endpoint", "diagnostics__period_s": 0.1}
    run_node(world, vocabulary, questions__enabled=False, alert__enabled=False, **options)
    Feed(world, Image, "front/image", make=picture)
    reports = world.inbox(DiagnosticArray, "/diagnostics")
    reports.wait_for(
        lambda report: "results per second" in health_of_front(report), "a healthy camera"
    )
    alerts = {"alert.enabled": True, "alert.labels": ["nobody"]}

    refused = set_together(world, alerts | {"questions.enabled": True})
    reports.messages.clear()
    after_refusal = [health_of_front(report) for report in reports.wait_count(2)]
    accepted = set_together(world, alerts)
    reports.wait_for(lambda report: "no alert can be raised" in health_of_front(report), "a fault")

    assert not refused.successful
    assert "SCENE_CLIP_LLM_BASE_URL: expected" in refused.reason
    assert accepted.successful, accepted.reason
    assert not [message for message in after_refusal if "no alert can be raised" in message]


def health_of_front(report: DiagnosticArray) -> str:
    """Return what a report says of the camera."""
    return next(each.message for each in report.status if each.name.endswith("camera front"))


def set_together(world: RosWorld, values: dict[str, object]) -> SetParametersResult:
    """Set parameters all at once, or none of them."""
    parameters = [Parameter(name, value=value).to_parameter_msg() for name, value in values.items()]
    request = SetParametersAtomically.Request(parameters=parameters)
    name = "scene_clip/set_parameters_atomically"
    return world.call(SetParametersAtomically, name, request).result


def test_a_service_that_was_never_wanted_is_offered_once_it_is(
    world: RosWorld, vocabulary: str
) -> None:
    reasoner = NotingReasoner()
    node = run_node(world, vocabulary, finding(reasoner), questions__enabled=False)
    names = {name for name, _ in node.get_service_names_and_types_by_node("scene_clip", "/")}

    switch(world, "questions", enabled=True)

    wait_for_answer(world)
    assert "/scene_clip/ask" not in names
    assert "/scene_clip/query_frames" in names


def test_a_language_model_that_cannot_be_loaded_does_not_switch_questions_on(
    world: RosWorld, vocabulary: str
) -> None:
    run_node(world, vocabulary, questions__enabled=False, questions__backend="endpoint")

    refused = world.set_parameter("scene_clip", "questions.enabled", True)

    assert not refused.successful
    assert "SCENE_CLIP_LLM_BASE_URL: expected" in refused.reason


@pytest.mark.parametrize(
    ("backend", "error", "message"),
    [
        ("oracle", ParameterError, "expected one of auto, contrastive, endpoint"),
        ("endpoint", ReasoningError, "SCENE_CLIP_LLM_BASE_URL: expected"),
    ],
)
def test_a_wrong_backend_stops_the_start(
    world: RosWorld, vocabulary: str, *, backend: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run_node(world, vocabulary, questions__backend=backend)
