"""Whoever asks for something is told why it failed, foreseen or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from breaking_encoder import BreakingEncoder
from colors import COLOUR_WORDS
from rclpy.parameter import Parameter
from ros_world import RosWorld

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.short_text import MAX_MESSAGE_CHARACTERS
from scene_clip_ros.nodes.parameter_server import ParameterServer
from scene_clip_ros.nodes.parameters.diagnostics import DiagnosticsParameters
from scene_clip_ros.nodes.refusals import refusal
from scene_clip_ros.srv import SetVocabulary


def test_what_was_foreseen_is_told_as_it_is_and_not_logged() -> None:
    log: list[str] = []

    assert refusal("ask", ParameterError("k: expected 1 to 5, got 7"), log.append) == (
        "k: expected 1 to 5, got 7"
    )
    assert not log


def test_what_was_not_is_named_and_logged() -> None:
    log: list[str] = []

    assert refusal("ask", ValueError("of an odd kind"), log.append) == (
        "ask failed: ValueError: of an odd kind"
    )
    assert log == ["ask failed: ValueError: of an odd kind"]


@pytest.mark.parametrize("error", [ValueError, ParameterError])
def test_a_reason_is_one_line_and_not_long(error: type[Exception]) -> None:
    reason = refusal("ask", error("a\nb\n" * 1000), [].append)

    assert "a b a b" in reason
    assert "\n" not in reason
    assert len(reason) <= MAX_MESSAGE_CHARACTERS


def test_a_vocabulary_on_which_the_model_breaks_is_refused_and_the_next_is_taken(
    world: RosWorld, tmp_path: Path
) -> None:
    path = tmp_path / "colours.yaml"
    path.write_text(COLOUR_WORDS)
    world.scene_clip(BreakingEncoder(), vocabulary=str(path))

    broken, whole = (
        world.call(
            SetVocabulary,
            "scene_clip/set_vocabulary",
            SetVocabulary.Request(attribute="state", labels=[label, "green"]),
        )
        for label in ("broken", "red")
    )

    assert (broken.success, broken.message) == (
        False,
        "set_vocabulary failed: RuntimeError: out of memory",
    )
    assert whole.success


def test_a_parameter_that_breaks_something_is_refused_and_stays(world: RosWorld) -> None:
    def break_(_old: DiagnosticsParameters, _new: DiagnosticsParameters) -> None:
        message = "out of memory"
        raise RuntimeError(message)

    server = ParameterServer(world.node, DiagnosticsParameters())
    server.on_change(break_)

    (outcome,) = world.node.set_parameters([Parameter("period_s", value=2.0)])

    assert not outcome.successful
    assert outcome.reason == "setting period_s failed: RuntimeError: out of memory"
    assert server.values.period_s == 1.0
    assert world.node.get_parameter("period_s").value == 1.0
