"""What a language model is asked: numbered frames, the facts of perception, and the question."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.questions.frame_choice import choose_frames
from scene_clip_ros.core.questions.parse import parse_question
from scene_clip_ros.core.questions.types import FrameRef, Observations, QuestionKind
from scene_clip_ros.models.language.fact_text import fact_text, seconds

CHANGE_SHARE = 0.5
"""Share of the frames that are those at which the picture changes most."""

INSTRUCTIONS = """\
You answer a question about what the cameras of a vehicle saw. You are given numbered frames, each \
with its camera and its time in seconds since the start, and what a perception system decided; \
where the pictures show otherwise, the pictures are right.
Answer only from these. Reply with one JSON object and nothing else:
{"answer": "<one or two sentences>", "confidence": <0 to 1>, "evidence": [<numbers of the frames \
that support the answer most, best first>]}
If they do not tell, reply {"answer": "cannot tell: <why>", "confidence": 0, "evidence": []}."""


@dataclass(frozen=True, slots=True)
class PromptFrame:
    """One frame that is shown.

    Attributes:
        ref: Which one.
        caption: Its number, camera and time.
        jpeg: Its picture; empty if there is none.
    """

    ref: FrameRef
    caption: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything that a language model is told, in this order.

    Attributes:
        instructions: What to do, and how to reply.
        frames: In order of time; the first one is number 1.
        facts: What was decided; empty if nothing was.
        question: On one line.
        kind: What the question asks for.
    """

    instructions: str
    frames: tuple[PromptFrame, ...]
    facts: str
    question: str
    kind: QuestionKind

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to answer from."""
        return not self.frames and not self.facts

    def closing(self) -> str:
        """Return what comes after the frames: the facts and the question."""
        told = f"What the perception system decided:\n{self.facts}\n\n" if self.facts else ""
        return f"{told}Question: {self.question}\nReply with the JSON object only."


def build_prompt(question: str, seen: Observations, max_frames: int) -> Prompt:
    """Put together what a language model is asked.

    Args:
        question: 1 to ``MAX_QUESTION_LENGTH`` characters.
        seen: What it is about.
        max_frames: Most frames that are shown, ≥ 1.

    Raises:
        ReasoningError: The question is empty or too long.
    """
    kind = parse_question(question).kind
    start_ns = min((item[0].stamp_ns for item in (seen.frames, seen.facts) if item), default=0)
    return Prompt(
        INSTRUCTIONS,
        _frames(seen, start_ns, max_frames),
        fact_text(seen.facts, start_ns),
        " ".join(question.split()),
        kind,
    )


def _frames(seen: Observations, start_ns: int, max_frames: int) -> tuple[PromptFrame, ...]:
    picture = seen.picture or _no_picture
    chosen = choose_frames(seen, max_frames, change_share=CHANGE_SHARE)
    return tuple(
        PromptFrame(
            ref := seen.frames[number],
            f"Frame {place}: camera {ref.camera}, {seconds(ref.stamp_ns, start_ns)}",
            picture(number),
        )
        for place, number in enumerate(chosen, start=1)
    )


def _no_picture(_number: int) -> bytes:
    return b""
