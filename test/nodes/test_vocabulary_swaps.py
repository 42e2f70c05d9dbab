"""Vocabularies are encoded in steps, one after the other, and swapped in between two batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from queue import Queue
from typing import Any, TypeVar

import pytest
from colors import color_vocabulary

from scene_clip_ros.core.errors import ServiceError, VocabularyError
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.nodes.vocabulary_change import VocabularyChange
from scene_clip_ros.nodes.vocabulary_swaps import MAX_SWAPS, PROMPTS_AT_A_TIME, VocabularySwaps
from scene_clip_ros.pipeline.pipeline import Pipeline

TIMEOUT_S = 30.0

T = TypeVar("T")


class StepsEncoder(FakeEncoder):
    """Notes how many texts it gets at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        self.counts.append(len(texts))
        return super().encode_texts(texts)


class SteppedEngine:
    """Runs what it is given when the test says so."""

    def __init__(self) -> None:
        self._steps: Queue[tuple[Callable[[], Any], Future[Any]] | None] = Queue()

    def run(self, call: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        self._steps.put((call, future))
        return future

    def step(self) -> bool:
        """Run the next call; False if there was none because all is done."""
        step = self._steps.get(timeout=TIMEOUT_S)
        if step is None:
            return False
        call, outcome = step
        try:
            outcome.set_result(call())
        except Exception as err:
            outcome.set_exception(err)
        return True

    def work_until(self, future: Future[Any]) -> None:
        future.add_done_callback(lambda _done: self._steps.put(None))
        while self.step():
            pass


class Bench:
    """Swaps of a pipeline, with an engine that the test drives."""

    def __init__(self) -> None:
        self.encoder = StepsEncoder()
        self.pipeline = Pipeline(self.encoder, color_vocabulary())
        self.encoder.counts.clear()
        self.engine = SteppedEngine()
        self.told: list[Vocabulary] = []
        self.swaps = VocabularySwaps(self.pipeline, self.engine.run, on_swap=self.told.append)

    def outcome(self, future: Future[str]) -> str:
        self.engine.work_until(future)
        return future.result(TIMEOUT_S)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.swaps.stop()


def test_a_vocabulary_is_encoded_a_few_prompts_at_a_time(bench: Bench) -> None:
    labels = tuple(f"thing {number}" for number in range(50))

    text = bench.outcome(bench.swaps.begin(VocabularyChange(attribute="many", labels=labels)))

    assert sum(bench.encoder.counts) >= len(labels)
    assert max(bench.encoder.counts) <= PROMPTS_AT_A_TIME
    assert bench.told == [bench.pipeline.vocabulary]
    assert text == bench.pipeline.vocabulary.to_yaml()


def test_until_all_is_encoded_the_old_vocabulary_holds(bench: Bench) -> None:
    before = bench.pipeline.vocabulary

    labels = tuple(f"a dog of kind {number}" for number in range(3 * PROMPTS_AT_A_TIME))
    outcome = bench.swaps.begin(VocabularyChange(query="dog", labels=labels))
    for _ in range(3):
        assert bench.engine.step()

        assert bench.pipeline.vocabulary == before
    bench.outcome(outcome)
    assert [query.name for query in bench.pipeline.vocabulary.queries] == ["dog"]


def test_each_change_is_one_of_what_the_one_before_has_left(bench: Bench) -> None:
    outcomes = [
        bench.swaps.begin(VocabularyChange(query=name, labels=(name,))) for name in ("dog", "cat")
    ]

    for outcome in outcomes:
        bench.outcome(outcome)

    assert [query.name for query in bench.pipeline.vocabulary.queries] == ["dog", "cat"]


def test_a_change_that_is_refused_leaves_what_holds(bench: Bench) -> None:
    before = bench.pipeline.vocabulary

    with pytest.raises(VocabularyError, match="expected an entry that can be removed"):
        bench.outcome(bench.swaps.begin(VocabularyChange(query="dog")))

    assert bench.pipeline.vocabulary == before
    assert not bench.told


def test_a_flood_of_changes_is_refused(bench: Bench) -> None:
    waiting = [
        bench.swaps.begin(VocabularyChange(query=f"q{number}", labels=("x",)))
        for number in range(MAX_SWAPS)
    ]

    with pytest.raises(ServiceError, match="ask again"):
        bench.swaps.begin(VocabularyChange(query="one more", labels=("x",)))

    for outcome in waiting:
        bench.outcome(outcome)
    assert len(bench.pipeline.vocabulary.queries) == MAX_SWAPS
