"""How answers are told: to a person, to a script, and on a contact sheet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from scene_clip_ros.cli.sheet_file import save_sheet
from scene_clip_ros.core.questions.types import Answer, FrameRef
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.nodes.asked_question import AnsweredQuestion
from scene_clip_ros.report.contact_sheet import MAX_PICTURES, SheetPicture
from scene_clip_ros.report.hits import format_stamp


def to_json(answer: Answer) -> str:
    """Return an answer as one line of JSON."""
    record = {
        "answer": answer.text,
        "kind": answer.kind,
        "confidence": answer.confidence,
        "abstained": answer.abstained,
        "evidence": [ref.stamp_ns for ref in answer.evidence],
        "backend": answer.backend,
    }
    return json.dumps(record, ensure_ascii=False)


def to_text(answered: AnsweredQuestion, *, start_ns: int | None) -> str:
    """Lay an answer out for a terminal.

    Args:
        answered: The answer.
        start_ns: Stamp from which times are counted, too; None: they are not.
    """
    answer = answered.answer
    how_sure = "" if answer.abstained else f"confidence {answer.confidence:.2f}, "
    lines = [answer.text, f"  {how_sure}{answer.backend}"]
    lines += [f"  {_moment(ref, start_ns)}" for ref in answer.evidence]
    lines += [f"  {answered.message}"] if answered.message else []
    return "\n".join(lines)


class AnswerSheet:
    """Collects the frames that support answers, and draws them on one picture.

    Args:
        path: Checked by `check_sheet_name`.
    """

    def __init__(self, path: Path) -> None:
        """Start empty."""
        self._path = path
        self._pictures: list[SheetPicture] = []
        self._questions: list[str] = []
        self._last = ""

    def add(self, question: str, answered: AnsweredQuestion, *, start_ns: int | None) -> None:
        """Take the evidence of an answer, as far as there is room."""
        self._questions.append(question)
        self._last = answered.answer.text
        for frame in answered.evidence[: MAX_PICTURES - len(self._pictures)]:
            moment = _moment(FrameRef(frame.camera, frame.stamp_ns), start_ns, with_stamp=False)
            self._pictures.append(
                SheetPicture(_decode(frame.thumbnail), (moment, answered.answer.text, question))
            )

    def save(self) -> None:
        """Draw what was taken; of no question, nothing.

        Raises:
            SourceError: The file cannot be written.
        """
        if not self._questions:
            return
        title, note = _headline(self._questions, self._last)
        save_sheet(self._path, self._pictures, title=title, note=note)


def _headline(questions: Sequence[str], last: str) -> tuple[str, str]:
    """Return title and note of a sheet."""
    if len(questions) == 1:
        return questions[0], last
    return f"{len(questions)} questions", "  |  ".join(questions)


def _moment(ref: FrameRef, start_ns: int | None, *, with_stamp: bool = True) -> str:
    """Say when and where a frame was taken."""
    seconds, rest_ns = divmod(ref.stamp_ns, NS_PER_S)
    stamp = f"stamp {seconds}.{rest_ns:09d}" if with_stamp else ""
    if start_ns is None:
        time = format_stamp(ref.stamp_ns)
    else:
        time = f"+{format_stamp(ref.stamp_ns - start_ns)}"
    return "   ".join(filter(None, (time, ref.camera, stamp)))


def _decode(jpeg: bytes) -> ImageArray | None:
    """Return a picture; None if there is none."""
    return decode_compressed(jpeg) if jpeg else None
