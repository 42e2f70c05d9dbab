"""Reasons by contrasts, as vocabulary and parameters are at the time. Free of ROS."""

from __future__ import annotations

from collections.abc import Callable

from scene_clip_ros.core.prompts import EncodeTexts
from scene_clip_ros.core.questions.reasoner import CONTRASTIVE, ContrastiveReasoner
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import Answer, Observations
from scene_clip_ros.pipeline.pipeline import Pipeline


class CurrentReasoner:
    """A contrastive `Reasoner` that knows the words of the pipeline's present vocabulary.

    Args:
        pipeline: Has the vocabulary, which is replaced as a whole.
        encode_texts: Embeds texts into the space of the frames.
        settings: Returns how questions are decided now.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        encode_texts: EncodeTexts,
        *,
        settings: Callable[[], ReasonSettings] = ReasonSettings,
    ) -> None:
        """Prepare; nothing is encoded yet."""
        self._pipeline = pipeline
        self._encode_texts = encode_texts
        self._current_settings = settings
        self._vocabulary, self._settings = pipeline.vocabulary, settings()
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
        vocabulary, settings = self._pipeline.vocabulary, self._current_settings()
        if vocabulary is not self._vocabulary or settings != self._settings:
            self._vocabulary, self._settings = vocabulary, settings
            self._reasoner = self._build()
        return self._reasoner.answer(question, seen)

    def _build(self) -> ContrastiveReasoner:
        return ContrastiveReasoner(
            self._encode_texts,
            self._vocabulary,
            settings=self._settings,
            logit_scale=self._pipeline.info.logit_scale,
        )
