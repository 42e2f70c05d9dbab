"""Contrasts answer questions about the last minutes over DDS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from asked import Camera
from asked import ask as query
from asked_node import ask, run_node, write_vocabulary
from ros_world import RosWorld

from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.models.fake_encoder import COLOR_WORDS
from scene_clip_ros.srv import SetVocabulary


@pytest.fixture
def vocabulary(tmp_path: Path) -> str:
    return write_vocabulary(tmp_path)


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCENE_CLIP_LLM_BASE_URL", raising=False)


def test_a_question_is_answered_with_the_frames_that_show_it(
    world: RosWorld, vocabulary: str
) -> None:
    run_node(world, vocabulary)
    camera = Camera(world)
    camera.show_all(["red"] * 6)
    world.wait_until(lambda: query(world, text="red").searched == 6, "frames")

    response = ask(world, "is the signal red or blue?")

    assert (response.success, response.message) == (True, "")
    assert (response.answered, response.kind, response.backend) == (True, "which", "contrastive")
    assert "red" in response.answer.lower()
    assert 0.5 < response.confidence <= 1
    best = response.evidence[0]
    assert (best.camera, best.header.frame_id) == ("front", "front_optical")
    assert 100 <= best.header.stamp.sec <= 105
    picture = decode_compressed(best.thumbnail.data)
    np.testing.assert_allclose(picture.mean(axis=(0, 1)), COLOR_WORDS["red"], atol=8)
    assert best.thumbnail.header == best.header


def test_a_question_that_needs_a_language_model_is_told_so(
    world: RosWorld, vocabulary: str
) -> None:
    run_node(world, vocabulary)

    response = ask(world, "why is it red?")

    assert (response.success, response.answered) == (True, False)
    assert (response.kind, response.confidence, len(response.evidence)) == ("language", 0.0, 0)
    assert "language model" in response.answer


def test_a_new_vocabulary_is_understood_by_the_next_question(
    world: RosWorld, vocabulary: str
) -> None:
    run_node(world, vocabulary)
    camera = Camera(world)
    camera.show("yellow", 1)
    world.wait_until(lambda: query(world, text="red").searched == 1, "a frame")
    before = ask(world, "what kind of lamp is it?")

    change = SetVocabulary.Request(attribute="lamp", labels=["red", "yellow"])
    assert world.call(SetVocabulary, "scene_clip/set_vocabulary", change).success
    camera.show("yellow", 2)
    world.wait_until(lambda: query(world, text="red").searched == 2, "another frame")
    after = ask(world, "what kind of lamp is it?", window_s=0.5)

    assert not before.answered
    assert after.answered, after.answer
    assert "yellow" in after.answer.lower()
