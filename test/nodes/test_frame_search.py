"""Questions are embedded by the engine, and what goes wrong there is told as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from colors import BLUE, NS, RED, color_vocabulary, frame, picture

from scene_clip_ros.core.errors import ImageError, ServiceError, VocabularyError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.media.compressed import encode_png
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.nodes.frame_keeper import FrameKeeper
from scene_clip_ros.nodes.frame_question import FrameQuestion
from scene_clip_ros.nodes.frame_search import FrameSearch
from scene_clip_ros.nodes.parameters.memory import MemoryParameters
from scene_clip_ros.pipeline.engine import Engine
from scene_clip_ros.pipeline.pipeline import Pipeline


class FickleEncoder(FakeEncoder):
    """Fails on some texts, and takes others for opposites."""

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        if "broken" in texts:
            message = "out of memory"
            raise RuntimeError(message)
        if "opposite" in texts:
            return -super().encode_texts(["b"])
        return super().encode_texts(texts)


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline(FickleEncoder(), color_vocabulary())


@pytest.fixture
def engine(pipeline: Pipeline) -> Iterator[Engine]:
    engine = Engine(pipeline, lambda _job, _result: None)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def frames(pipeline: Pipeline, engine: Engine) -> FrameSearch:
    keeper = FrameKeeper(32, MemoryParameters())
    for rgb, t_s in ((RED, 1.0), (BLUE, 2.0)):
        (result,) = pipeline.process([frame(rgb, t_s)])
        keeper.keep(result, picture(rgb), frame_id="optical")
    return FrameSearch(keeper, pipeline, engine.run)


@pytest.mark.parametrize(
    "question",
    [FrameQuestion(texts=("blue",)), FrameQuestion(image=encode_png(picture(BLUE)))],
    ids=["text", "picture"],
)
def test_the_frame_asked_for_comes_first(frames: FrameSearch, question: FrameQuestion) -> None:
    assert [hit.stamp_ns for hit in frames.answer(question).hits] == [2 * NS, 1 * NS]


@pytest.mark.parametrize(
    ("question", "error", "message"),
    [
        (FrameQuestion(texts=("broken",)), RuntimeError, "out of memory"),
        (FrameQuestion(texts=("opposite", "b")), VocabularyError, "common direction"),
        (FrameQuestion(image=b"what"), ImageError, "expected JPEG or PNG"),
    ],
    ids=["model", "opposites", "picture"],
)
def test_what_goes_wrong_is_told(
    frames: FrameSearch, question: FrameQuestion, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        frames.answer(question)


def test_an_engine_that_has_stopped_is_told(frames: FrameSearch, engine: Engine) -> None:
    engine.stop()

    with pytest.raises(ServiceError, match="shutting down"):
        frames.answer(FrameQuestion(texts=("blue",)))


def test_nothing_is_answered_while_nothing_is_kept(pipeline: Pipeline, engine: Engine) -> None:
    off = FrameKeeper(32, MemoryParameters(enabled=False))

    with pytest.raises(ServiceError, match="expected the function memory to be on"):
        FrameSearch(off, pipeline, engine.run).answer(FrameQuestion(texts=("blue",)))
