"""Between the messages of ``ask`` and records: no decisions."""

from __future__ import annotations

from typing import cast

from scene_clip_ros.core.frame_query import FrameHit
from scene_clip_ros.core.questions.types import Answer, FrameRef, QuestionKind
from scene_clip_ros.nodes.asked_question import AnsweredQuestion, AskedQuestion
from scene_clip_ros.nodes.query_conversion import hit_from_message, hit_message
from scene_clip_ros.nodes.stamps import stamp_ns, time_message
from scene_clip_ros.srv import Ask


def question_from_request(request: Ask.Request) -> AskedQuestion:
    """Return what is asked.

    Raises:
        ParameterError: It cannot be asked, or is out of range.
    """
    return AskedQuestion(
        request.question,
        end_ns=stamp_ns(request.end) or None,
        window_s=request.window_s,
        cameras=tuple(request.cameras),
    )


def request_of(question: AskedQuestion) -> Ask.Request:
    """Return the request that asks it."""
    return Ask.Request(
        question=question.text,
        end=time_message(question.end_ns or 0),
        window_s=question.window_s,
        cameras=list(question.cameras),
    )


def response_of(answered: AnsweredQuestion) -> Ask.Response:
    """Return the response that tells an answer."""
    answer = answered.answer
    return Ask.Response(
        success=True,
        message=answered.message,
        answered=not answer.abstained,
        answer=answer.text,
        kind=answer.kind,
        confidence=answer.confidence,
        evidence=[
            hit_message(FrameHit(0.0, 0.0, frame), thumbnail=True) for frame in answered.evidence
        ],
        backend=answer.backend,
    )


def answered_from_response(response: Ask.Response) -> AnsweredQuestion:
    """Return what a response tells."""
    evidence = tuple(hit_from_message(message).frame for message in response.evidence)
    return AnsweredQuestion(
        Answer(
            text=response.answer,
            kind=cast(QuestionKind, response.kind),
            confidence=response.confidence,
            abstained=not response.answered,
            evidence=tuple(FrameRef(frame.camera, frame.stamp_ns) for frame in evidence),
            backend=response.backend,
        ),
        evidence,
        response.message,
    )
