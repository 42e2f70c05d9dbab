"""Answers questions about the frames that are kept. Free of ROS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.core.frame_blocks import StoredFrame
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.nodes.asked_question import AnsweredQuestion, AskedQuestion
from scene_clip_ros.nodes.fact_keeper import FactKeeper
from scene_clip_ros.nodes.frame_keeper import FrameKeeper
from scene_clip_ros.nodes.late_reasoner import LateReasoner
from scene_clip_ros.nodes.observed_window import ObservedWindow

MAX_EVIDENCE = 16
"""Frames that an answer shows, each with its thumbnail."""


class Answering:
    """Gathers what was seen, and has it reasoned about; used by one thread, never the engine's.

    Args:
        frames: Holds frames.
        facts: Holds what was decided about them.
        reasoner: Answers.
    """

    def __init__(self, frames: FrameKeeper, facts: FactKeeper, reasoner: LateReasoner) -> None:
        """Prepare."""
        self._frames = frames
        self._facts = facts
        self._reasoner = reasoner

    def require_ready(self) -> None:
        """Refuse while there is nothing to be asked about, or nothing that answers.

        Raises:
            ServiceError: Questions or the memory are switched off, or the reasoner is not loaded.
        """
        for function, enabled in (
            ("questions", self._facts.enabled),
            ("memory", self._frames.values.enabled),
        ):
            if not enabled:
                message = f"expected the function {function} to be on, got it switched off"
                raise ServiceError(message)
        self._reasoner.require_loaded()

    def answer(self, question: AskedQuestion) -> AnsweredQuestion:
        """Answer, or abstain; waits for the engine or a language model, as long as that may take.

        Raises:
            ServiceError: As for `require_ready`, or the engine is shutting down.
            ReasoningError: The question cannot be asked, or the language model is down, too slow,
                or says nothing of use.
            ModelError: A model failed.
        """
        self.require_ready()
        snapshot = self._frames.snapshot()
        window = ObservedWindow(snapshot, question.frame_filter)
        facts = self._facts.window(question.frame_filter, snapshot.clocks_ns)
        seen = window.observe(facts, max_frames=self._facts.max_frames)
        answer = self._reasoner.answer(question.text, seen)
        evidence = tuple(dict.fromkeys(_shown(window, answer.evidence[:MAX_EVIDENCE])))
        return AnsweredQuestion(answer, evidence, window.say_why_empty())


def _shown(window: ObservedWindow, refs: Iterable[FrameRef]) -> Iterator[StoredFrame]:
    """Yield what is kept of frames; of one without a near-duplicate, its time alone."""
    for ref in refs:
        yield window.find(ref) or StoredFrame(ref.camera, ref.stamp_ns, "", b"")
