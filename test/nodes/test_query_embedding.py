"""Queries are embedded in small steps, so that frames go between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from colors import BLUE, color_vocabulary, picture

from scene_clip_ros.core.errors import ImageError, ServiceError
from scene_clip_ros.core.standing_out import UNRELATED_TEXTS
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.nodes import engine_texts
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.nodes.query_embedding import MAX_SHORT_SIDE_PX, QueryEmbedding
from scene_clip_ros.pipeline.engine import Engine, FrameJob
from scene_clip_ros.pipeline.pipeline import Pipeline

TEMPLATES = ("{}", "a photo of {}", "{} on a road")


class WatchedEncoder(FakeEncoder):
    """Notes the texts and the shapes of the pictures that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[tuple[str, ...] | tuple[int, ...]] = []
        self.on_texts: Callable[[], None] = lambda: None

    @property
    def prompts(self) -> list[tuple[str, ...]]:
        return [given for given in self.given if isinstance(given[0], str)]

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        self.given.append(tuple(texts))
        self.on_texts()
        return super().encode_texts(texts)

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        self.given += [image.shape for image in images]
        return super().encode_images(images)


@pytest.fixture
def encoder() -> WatchedEncoder:
    return WatchedEncoder()


@pytest.fixture
def pipeline(encoder: WatchedEncoder) -> Pipeline:
    pipeline = Pipeline(encoder, replace(color_vocabulary(), templates=TEMPLATES))
    encoder.given.clear()
    return pipeline


@pytest.fixture
def engine(pipeline: Pipeline) -> Iterator[Engine]:
    engine = Engine(pipeline, lambda _job, _result: None)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def queries(pipeline: Pipeline, engine: Engine) -> QueryEmbedding:
    return QueryEmbedding(pipeline, engine.run)


def test_texts_are_embedded_in_the_templates_of_the_vocabulary(queries: QueryEmbedding) -> None:
    prompts = [template.replace("{}", "red") for template in sorted(TEMPLATES)]
    expected = FakeEncoder().encode_texts(sorted(prompts))
    np.testing.assert_array_equal(queries.embed(FrameQuestion(texts=("red",))), expected)


def test_frames_go_between_the_prompts_of_a_query(
    queries: QueryEmbedding, encoder: WatchedEncoder, engine: Engine
) -> None:
    def send_one() -> None:
        if len(encoder.given) == 1:
            engine.submit(FrameJob("front", 0, lambda _: picture(BLUE)))

    encoder.on_texts = send_one
    queries.embed(FrameQuestion(texts=("red", "blue")))

    assert [len(prompts) for prompts in encoder.prompts] == [1] * 6
    assert picture(BLUE).shape in encoder.given[1:3]


def test_a_prompt_is_embedded_once(queries: QueryEmbedding, encoder: WatchedEncoder) -> None:
    first = queries.embed(FrameQuestion(texts=("red",)))
    both = queries.embed(FrameQuestion(texts=("red", "blue")))

    np.testing.assert_array_equal(queries.embed(FrameQuestion(texts=("red",))), first)
    assert {tuple(row) for row in first} < {tuple(row) for row in both}
    assert len(encoder.prompts) == 6


def test_few_prompts_are_kept(
    queries: QueryEmbedding, encoder: WatchedEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_texts, "MAX_KEPT_TEXTS", 3)
    for text in ("red", "blue", "blue", "red"):
        queries.embed(FrameQuestion(texts=(text,)))

    assert len(encoder.prompts) == 9


def test_a_large_picture_is_made_small_before_the_engine_gets_it(
    queries: QueryEmbedding, encoder: WatchedEncoder
) -> None:
    image = encode_png(picture(BLUE, size_wh=(4 * MAX_SHORT_SIDE_PX, 2 * MAX_SHORT_SIDE_PX)))

    row = queries.embed(FrameQuestion(image=image))

    assert encoder.given == [(MAX_SHORT_SIDE_PX, 2 * MAX_SHORT_SIDE_PX, 3)]
    np.testing.assert_allclose(row, FakeEncoder().encode_images([picture(BLUE)]), atol=1e-6)


def test_a_picture_that_is_none_never_reaches_the_engine(
    queries: QueryEmbedding, encoder: WatchedEncoder
) -> None:
    with pytest.raises(ImageError, match="expected JPEG or PNG"):
        queries.embed(FrameQuestion(image=b"what"))
    assert encoder.given == []


def test_an_engine_that_stops_between_two_prompts_is_told(
    queries: QueryEmbedding, encoder: WatchedEncoder, engine: Engine
) -> None:
    encoder.on_texts = engine.stop

    with pytest.raises(ServiceError, match="shutting down"):
        queries.embed(FrameQuestion(texts=("red",)))
    assert len(encoder.prompts) == 1


def test_texts_to_compare_with_are_embedded_once(
    queries: QueryEmbedding, encoder: WatchedEncoder
) -> None:
    first, again = queries.embed_unrelated(), queries.embed_unrelated()

    (prompts,) = encoder.prompts
    assert len(prompts) == len(UNRELATED_TEXTS)
    np.testing.assert_array_equal(first, FakeEncoder().encode_texts(prompts))
    np.testing.assert_array_equal(first, again)


def test_texts_to_compare_with_follow_the_templates(
    queries: QueryEmbedding, encoder: WatchedEncoder, pipeline: Pipeline
) -> None:
    queries.embed_unrelated()
    encoder.given.clear()
    pipeline.set_vocabulary(replace(pipeline.vocabulary, templates=("my {}",)))
    encoder.given.clear()

    queries.embed_unrelated()

    (prompts,) = encoder.prompts
    assert sorted(prompts) == sorted(f"my {text}" for text in UNRELATED_TEXTS)
