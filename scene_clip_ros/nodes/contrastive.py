"""Reasons by contrasts, whatever the vocabulary is at the time. Free of ROS."""

from __future__ import annotations

from scene_clip_ros.core.prompts import EncodeTexts
from scene_clip_ros.core.questions.reasoner import CONTRASTIVE, ContrastiveReasoner
from scene_clip_ros.core.questions.types import Answer, Observations
from scene_clip_ros.pipeline.pipeline import Pipeline


class CurrentReasoner:
    """A contrastive `Reasoner` that knows the words of the pipeline's present vocabulary.

    Args:
        pipeline: Has the vocabulary, which is replaced as a whole.
        encode_texts: Embeds texts into the space of the frames.
    """

    def __init__(self, pipeline: Pipeline, encode_texts: EncodeTexts) -> None:
        """Prepare; nothing is encoded yet."""
        self._pipeline = pipeline
        self._encode_texts = encode_texts
        self._vocabulary = pipeline.vocabulary
        self._reasoner = self._build()

    @property
    def name(self) -> str:
        """What ``Answer.backend`` says."""
        return CONTRASTIVE

    def answer(self, question: str, seen: Observations) -> Answer:
        """Answer, or abstain.

        Raises:
            ReasoningError: The question cannot be asked.
            ModelError: The model cannot embed a text.
        """
        if self._pipeline.vocabulary is not self._vocabulary:
            self._vocabulary = self._pipeline.vocabulary
            self._reasoner = self._build()
        return self._reasoner.answer(question, seen)

    def _build(self) -> ContrastiveReasoner:
        return ContrastiveReasoner(
            self._encode_texts, self._vocabulary, logit_scale=self._pipeline.info.logit_scale
        )
