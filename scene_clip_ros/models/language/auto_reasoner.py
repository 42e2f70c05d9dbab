"""Answers from contrasts where they tell, and asks a language model what only that can tell."""

from __future__ import annotations

from dataclasses import replace

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.core.questions.types import Answer, Observations, Reasoner


class AutoReasoner:
    """A contrastive reasoner with a language model behind it."""

    def __init__(self, contrastive: Reasoner, language: Reasoner) -> None:
        self._contrastive = contrastive
        self._language = language

    @property
    def name(self) -> str:
        """Both names; answers have that of the one that gave them."""
        return f"{self._contrastive.name} or {self._language.name}"

    def answer(self, question: str, seen: Observations) -> Answer:
        """Answer, or abstain.

        Args:
            question: In English, 1 to ``MAX_QUESTION_LENGTH`` characters.
            seen: What it is about.

        Returns:
            What the contrastive reasoner says. Only where it needs a language model, what that
            says; and if that fails, the abstention, with the reason added.

        Raises:
            ReasoningError: The question is empty or too long.
            ModelError: The model of the contrastive reasoner failed.
        """
        answer = self._contrastive.answer(question, seen)
        if answer.kind != "language" or not answer.abstained:
            return answer
        try:
            return self._language.answer(question, seen)
        except SceneClipError as err:
            return replace(answer, text=f"{answer.text} The language model failed: {err}")
