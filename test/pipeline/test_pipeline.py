from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from colors import BLUE, GREEN, RED, color_attribute, color_vocabulary, frame
from hypothesis import given, settings
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ModelError, ParameterError, VocabularyError
from scene_clip_ros.core.functions import Function, Functions
from scene_clip_ros.core.types import FloatArray, FrameResult, ImageArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.fake_encoder import INPUT_SIDE, NAN_COLOR, FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.models.text_cache import TextCache
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.pipeline.settings import LabelSettings

STEADY = LabelSettings(tau_s=0.3, dwell_s=5.0)


class BatchCountingEncoder(FakeEncoder):
    """Remembers the sizes of its batches, and can be broken."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.texts_encoded = 0
        self.fault: FloatArray | None = None

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        self.batches.append(len(images))
        return self.fault if self.fault is not None else super().encode_images(images)

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        self.texts_encoded += len(texts)
        return super().encode_texts(texts)


def labels(results: Sequence[FrameResult]) -> list[str]:
    return [result.attributes[0].label for result in results]


def test_result_keeps_camera_and_stamp_of_its_frame() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    results = pipeline.process([frame(RED, 1.0, camera="left"), frame(BLUE, 2.0, camera="right")])
    assert [(result.camera, result.stamp_ns) for result in results] == [
        ("left", 1_000_000_000),
        ("right", 2_000_000_000),
    ]
    assert labels(results) == ["red", "blue"]


def test_all_cameras_share_one_batch() -> None:
    encoder = BatchCountingEncoder()
    pipeline = Pipeline(encoder, color_vocabulary())
    pipeline.process([frame(RED, camera=name) for name in ("a", "b", "c")])
    assert encoder.batches == [3]


def test_no_frames_give_no_results() -> None:
    assert Pipeline(FakeEncoder(), color_vocabulary()).process([]) == []


def test_cameras_do_not_influence_each_other() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), settings=STEADY)
    for t in range(5):
        results = pipeline.process([frame(RED, t, camera="a"), frame(BLUE, t, camera="b")])
    assert labels(results) == ["red", "blue"]


def test_frames_of_one_camera_in_one_batch_count_in_their_order() -> None:
    frames = [frame(RED, t / 10) for t in range(3)] + [frame(BLUE, 5.0 + t) for t in range(8)]
    together = Pipeline(FakeEncoder(), color_vocabulary())
    apart = Pipeline(FakeEncoder(), color_vocabulary())
    one_by_one = [result for single in frames for result in apart.process([single])]
    assert labels(together.process(frames)) == labels(one_by_one)


@settings(max_examples=25)
@given(st.lists(st.sampled_from([RED, GREEN, BLUE]), min_size=1, max_size=12))
def test_same_frames_give_the_same_results_to_the_bit(colors: list[tuple[int, int, int]]) -> None:
    frames = [frame(rgb, t / 10) for t, rgb in enumerate(colors)]
    first, second = (Pipeline(FakeEncoder(), color_vocabulary()) for _ in range(2))
    for ours, theirs in zip(first.process(frames), second.process(frames), strict=True):
        assert ours.attributes == theirs.attributes
        assert ours.hazards == theirs.hazards
        np.testing.assert_array_equal(ours.embedding, theirs.embedding)


def test_failed_batch_leaves_what_is_held_untouched() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), settings=STEADY)
    pipeline.process([frame(RED, 0.0)])
    with pytest.raises(ModelError):
        pipeline.process([frame(BLUE, 1.0), frame(NAN_COLOR, 1.0, camera="bad")])
    assert pipeline.process([frame(RED, 2.0)])[0].attributes[0].since_ns == 0


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (np.full((1, 32), np.nan, np.float32), "expected finite embeddings"),
        (np.ones((2, 32), np.float32), r"shape \(1, 32\), got \(2, 32\)"),
    ],
)
def test_what_no_encoder_should_return_is_an_error(fault: FloatArray, message: str) -> None:
    encoder = BatchCountingEncoder()
    pipeline = Pipeline(encoder, color_vocabulary())
    encoder.fault = fault
    with pytest.raises(ModelError, match=message):
        pipeline.process([frame(RED)])


def test_labels_switched_off_are_not_decided_and_not_held() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), settings=STEADY)
    pipeline.process([frame(RED, 0.0)])
    pipeline.set_enabled("labels", False)
    result = pipeline.process([frame(BLUE, 1.0)])[0]
    assert (result.attributes, result.hazards) == ((), ())
    assert result.embedding.shape == (32,)
    pipeline.set_enabled("labels", True)
    assert labels(pipeline.process([frame(BLUE, 2.0)])) == ["blue"]


def test_nothing_is_embedded_while_everything_is_off() -> None:
    encoder = BatchCountingEncoder()
    pipeline = Pipeline(encoder, color_vocabulary())
    for function in ("labels", "embedding", "memory"):
        pipeline.set_enabled(function, False)
    assert pipeline.process([frame(RED)])[0].embedding.shape == (0,)
    assert encoder.batches == []


@pytest.mark.parametrize("function", ["labels", "embedding", "memory"])
def test_frames_are_embedded_for_any_function_that_needs_it(function: str) -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    for other in {"labels", "embedding", "memory"} - {function}:
        pipeline.set_enabled(other, False)
    assert pipeline.process([frame(RED)])[0].embedding.shape == (32,)


def test_a_frame_is_embedded_with_the_others_only_if_a_function_that_is_due_needs_it() -> None:
    encoder = BatchCountingEncoder()
    pipeline = Pipeline(encoder, color_vocabulary())
    due: list[Functions] = [frozenset(), frozenset({"memory"}), frozenset({"labels"})]
    frames = [
        dataclasses.replace(frame(RED, camera=str(number)), due=each)
        for number, each in enumerate(due)
    ]
    results = pipeline.process(frames)
    assert encoder.batches == [2]
    assert [result.embedding.shape for result in results] == [(0,), (32,), (32,)]
    assert [len(result.attributes) for result in results] == [0, 0, 1]
    assert [result.functions for result in results] == due


def test_what_is_held_goes_on_over_frames_that_are_not_due() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), settings=STEADY)
    pipeline.process([frame(RED, 1.0)])
    pipeline.process([dataclasses.replace(frame(BLUE, 1.1), due=frozenset({"memory"}))])
    result = pipeline.process([frame(RED, 1.2)])[0]
    assert result.attributes[0].since_ns == 1_000_000_000


def test_turns_follow_the_rates_and_the_switches_and_begin_anew_after_a_reset() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), rates=RateLimits(labels=1.0))
    pipeline.set_enabled("memory", False)
    assert pipeline.take_turn("front", 0) == {"labels", "embedding"}
    assert pipeline.take_turn("front", 1) == {"embedding"}
    pipeline.reset("front")
    assert pipeline.take_turn("front", 2) == {"labels", "embedding"}
    pipeline.set_rates(RateLimits())
    assert pipeline.take_turn("front", 3) == {"labels", "embedding"}


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        pytest.param({"boxes"}, None, id="boxes"),
        pytest.param({"labels", "boxes"}, None, id="boxes and labels"),
        pytest.param({"labels"}, 2 * INPUT_SIDE, id="labels"),
        pytest.param({"memory"}, 2 * INPUT_SIDE, id="memory"),
        pytest.param(set(), 2 * INPUT_SIDE, id="nothing"),
    ],
)
def test_only_boxes_need_all_of_a_picture(due: set[Function], expected: int | None) -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), proposer=FakeProposer())
    assert pipeline.least_side(frozenset(due)) == expected
    pipeline.set_enabled("boxes", False)
    assert pipeline.least_side(frozenset(due)) == 2 * INPUT_SIDE


class BrokenTexts(FakeEncoder):
    """Gives no number for a text."""

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        rows = super().encode_texts(texts)
        rows[["nan" in text for text in texts]] = np.nan
        return rows


def test_prompts_are_embedded_as_they_are_and_checked() -> None:
    pipeline = Pipeline(BrokenTexts(), color_vocabulary())
    expected = FakeEncoder().encode_texts(["a red thing", "blue"])
    np.testing.assert_array_equal(pipeline.embed_prompts(["a red thing", "blue"]), expected)
    with pytest.raises(ModelError, match="expected finite embeddings"):
        pipeline.embed_prompts(["blue", "nan"])


def test_unknown_function_is_refused() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    with pytest.raises(
        ParameterError, match="expected one of labels, embedding, boxes, memory, got"
    ):
        pipeline.set_enabled("smell", True)


def test_new_vocabulary_holds_from_the_next_frame() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    pipeline.process([frame(BLUE, 0.0)])
    pipeline.set_vocabulary(Vocabulary(attributes=(color_attribute("yellow", "black"),)))
    result = pipeline.process([frame((255, 255, 0), 0.1)])[0]
    assert labels([result]) == ["yellow"]
    assert result.hazards == ()


def test_vocabulary_that_fails_leaves_the_old_one() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())

    class Refusing(FakeEncoder):
        def encode_texts(self, texts: Sequence[str]) -> FloatArray:
            message = f"{len(texts)} texts that cancel each other"
            raise VocabularyError(message)

    before = pipeline.vocabulary
    pipeline._encoder = Refusing()
    with pytest.raises(VocabularyError):
        pipeline.set_vocabulary(Vocabulary(attributes=(color_attribute("yellow", "black"),)))
    assert pipeline.vocabulary == before
    pipeline._encoder = FakeEncoder()
    assert labels(pipeline.process([frame(GREEN)])) == ["green"]


def test_hazard_stays_held_when_only_an_attribute_is_changed() -> None:
    vocabulary = color_vocabulary()
    pipeline = Pipeline(FakeEncoder(), vocabulary)
    pipeline.process([frame(RED, 1.0)])
    changed = dataclasses.replace(vocabulary, attributes=(color_attribute("red", "blue"),))
    pipeline.set_vocabulary(changed)
    result = pipeline.process([frame(RED, 2.0)])[0]
    assert result.hazards[0].since_ns == 1_000_000_000
    assert result.attributes[0].since_ns == 2_000_000_000


def test_reset_of_one_camera_forgets_only_that_one() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), settings=STEADY)
    both = [frame(RED, 0.0, camera="a"), frame(RED, 0.0, camera="b")]
    pipeline.process(both)
    pipeline.reset("a")
    pipeline.reset("never seen")
    results = pipeline.process([frame(BLUE, 1.0, camera="a"), frame(BLUE, 1.0, camera="b")])
    assert labels(results) == ["blue", "red"]


def test_new_settings_hold_from_the_next_frame() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    pipeline.set_settings(LabelSettings(cosine_floor=1.0))
    assert labels(pipeline.process([frame((200, 40, 40))])) == ["unknown"]


def test_jump_back_in_time_decides_anew() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary(), settings=STEADY)
    pipeline.process([frame(RED, 100.0)])
    assert labels(pipeline.process([frame(BLUE, 1.0)])) == ["blue"]


def test_vocabulary_kept_on_disk_is_not_encoded_again(tmp_path: Path) -> None:
    encoder = BatchCountingEncoder()
    Pipeline(encoder, color_vocabulary(), cache=TextCache(tmp_path))
    encoded = encoder.texts_encoded
    pipeline = Pipeline(encoder, color_vocabulary(), cache=TextCache(tmp_path))
    assert encoder.texts_encoded == encoded > 0
    assert labels(pipeline.process([frame(BLUE)])) == ["blue"]
