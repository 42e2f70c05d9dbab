"""Contrasts follow the vocabulary and the parameters."""

from __future__ import annotations

from dataclasses import replace

from colors import NS, RED, color_attribute, color_vocabulary, frame

from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import FrameFacts, FrameRef, Observations
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.nodes.contrastive import CurrentReasoner
from scene_clip_ros.pipeline.pipeline import Pipeline


def watch(pipeline: Pipeline) -> Observations:
    """Show a red frame."""
    (result,) = pipeline.process([frame(RED, 1.0)])
    return Observations((FrameRef("front", NS),), result.embedding[None], (FrameFacts.of(result),))


def test_words_of_a_new_vocabulary_are_understood() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    reasoner = CurrentReasoner(pipeline, pipeline.embed_prompts)
    before = reasoner.answer("what kind of lamp is it?", watch(pipeline))

    lamp = replace(color_attribute("red", "green"), name="lamp")
    pipeline.set_vocabulary(replace(color_vocabulary(), attributes=(lamp,)))
    after = reasoner.answer("what kind of lamp is it?", watch(pipeline))

    assert before.abstained
    assert (after.abstained, after.backend) == (False, "contrastive")
    assert "red" in after.text.lower()


def test_settings_that_change_hold_for_the_next_question() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    settings = [ReasonSettings(max_evidence=1)]
    reasoner = CurrentReasoner(pipeline, pipeline.embed_prompts, settings=lambda: settings[-1])
    seen = watch(pipeline)
    both = Observations(seen.frames * 2, seen.embeddings.repeat(2, axis=0), seen.facts * 2)

    few = reasoner.answer("is it red or green?", both)
    settings.append(ReasonSettings(max_evidence=2))
    more = reasoner.answer("is it red or green?", both)

    assert (len(few.evidence), len(more.evidence)) == (1, 2)
