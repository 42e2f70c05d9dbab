"""Reasoners of tests, which answer whatever and note what they were shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from scene_clip_ros.core.questions.types import Answer, FrameRef, Observations

TIMEOUT_S = 30.0
"""Longer than any test waits."""


class NotingReasoner:
    """Answers with the question, and takes the newest frame that it is shown for evidence.

    Attributes:
        asked: Questions and what they were about, in order.
        evidence: Frames that are taken for evidence instead.
        error: What it fails with; None: it does not.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, Observations]] = []
        self.evidence: tuple[FrameRef, ...] | None = None
        self.error: Exception | None = None

    @property
    def name(self) -> str:
        return "noting"

    @property
    def seen(self) -> Observations:
        """What the last question was about."""
        return self.asked[-1][1]

    def answer(self, question: str, seen: Observations) -> Answer:
        self.asked.append((question, seen))
        if self.error is not None:
            raise self.error
        evidence = seen.frames[-1:] if self.evidence is None else self.evidence
        said = Answer(f"It was asked: {question}", "exists", 0.75, False, evidence, self.name)
        if seen.frames:
            return said
        return replace(said, text="nothing was seen", confidence=0.0, abstained=True)


class HeldReasoner(NotingReasoner):
    """Answers only once it is let go, as a slow language model does."""

    def __init__(self) -> None:
        super().__init__()
        self.started = threading.Event()
        self.go = threading.Event()

    def answer(self, question: str, seen: Observations) -> Answer:
        self.started.set()
        self.go.wait(TIMEOUT_S)
        return super().answer(question, seen)


def finding(reasoner: NotingReasoner) -> Callable[[object], Callable[[object], NotingReasoner]]:
    """Return what finds it, for a node."""
    return lambda _values: lambda _contrastive: reasoner
