"""Says whether a text can be asked as a question at all."""

from __future__ import annotations

from scene_clip_ros.core.questions.types import MAX_QUESTION_LENGTH


def problem_of(question: str) -> str:
    """Return why a text is no question, "expected X, got Y"; empty if it may be one."""
    if not question.strip():
        return "question: expected a question with words, got an empty one"
    if len(question) > MAX_QUESTION_LENGTH:
        return f"question: expected at most {MAX_QUESTION_LENGTH} characters, got {len(question)}"
    return ""
