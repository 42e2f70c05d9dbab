"""Texts go to the engine in steps, and those of late do not go again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from colors import color_vocabulary

from scene_clip_ros.core.errors import ModelError, ServiceError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.nodes.engine_texts import EngineTexts
from scene_clip_ros.pipeline.engine import Engine
from scene_clip_ros.pipeline.pipeline import Pipeline

WORDS = ("red", "green", "blue", "a", "b", "c", "d")


class NotingEncoder(FakeEncoder):
    """Notes how many texts it is given at a time, and fails on one."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[int] = []

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        self.steps.append(len(texts))
        if "broken" in texts:
            message = "expected a text that fits, got none"
            raise ModelError(message)
        return super().encode_texts(texts)


@pytest.fixture
def encoder() -> NotingEncoder:
    return NotingEncoder()


@pytest.fixture
def pipeline(encoder: NotingEncoder) -> Pipeline:
    pipeline = Pipeline(encoder, color_vocabulary())
    encoder.steps.clear()
    return pipeline


@pytest.fixture
def engine(pipeline: Pipeline) -> Iterator[Engine]:
    engine = Engine(pipeline, lambda _job, _result: None)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def texts(pipeline: Pipeline, engine: Engine) -> EngineTexts:
    return EngineTexts(pipeline, engine.run, step=3)


def test_the_engine_gets_no_more_at_a_time_than_it_should(
    texts: EngineTexts, encoder: NotingEncoder
) -> None:
    rows = texts(WORDS)

    assert encoder.steps == [3, 3, 1]
    np.testing.assert_array_equal(rows, FakeEncoder().encode_texts(WORDS))


def test_only_what_is_new_goes_to_the_engine(texts: EngineTexts, encoder: NotingEncoder) -> None:
    texts(("red", "green", "red"))
    rows = texts(("blue", "red", "blue"))

    assert encoder.steps == [2, 1]
    np.testing.assert_array_equal(rows, FakeEncoder().encode_texts(("blue", "red", "blue")))


def test_no_texts_give_no_rows(texts: EngineTexts, encoder: NotingEncoder) -> None:
    assert texts(()).shape == (0, 32)
    assert encoder.steps == []


def test_a_model_that_fails_is_told_and_what_it_did_before_is_kept(
    texts: EngineTexts, encoder: NotingEncoder
) -> None:
    with pytest.raises(ModelError, match="a text that fits"):
        texts(("a", "b", "c", "broken"))
    encoder.steps.clear()

    texts(("c", "b", "a"))

    assert encoder.steps == []


def test_an_engine_that_has_stopped_is_told(texts: EngineTexts, engine: Engine) -> None:
    engine.stop()

    with pytest.raises(ServiceError, match="shutting down"):
        texts(("red",))
