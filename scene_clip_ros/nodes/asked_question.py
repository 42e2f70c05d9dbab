"""What may be asked about the frames that are kept, and what is answered. Free of ROS."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_blocks import StoredFrame
from scene_clip_ros.core.frame_query import FrameFilter
from scene_clip_ros.core.questions.question_text import problem_of
from scene_clip_ros.core.questions.types import Answer

DEFAULT_WINDOW_S = 10.0
"""As the service has it."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, and what it is about.

    Attributes:
        text: In English, 1 to ``MAX_QUESTION_LENGTH`` characters.
        end_ns: Newest stamp considered, nanoseconds; None: the newest frame.
        window_s: Seconds considered up to it, in [0, 1e9]; 0: everything that is kept.
        cameras: Names of the cameras considered; empty: all.
    """

    text: str
    end_ns: int | None = None
    window_s: float = DEFAULT_WINDOW_S
    cameras: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be asked.

        Raises:
            ParameterError: Says what was expected, then what came.
        """
        check_question(self.text)
        _ = self.frame_filter

    @property
    def frame_filter(self) -> FrameFilter:
        """Which frames it is about."""
        return FrameFilter(cameras=self.cameras, end_ns=self.end_ns, window_s=self.window_s)


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """An answer, and what is kept of the frames that support it.

    Attributes:
        answer: What the reasoner says.
        evidence: The frames that are kept of its evidence, best first.
        message: Why there was nothing to look at, in one line; empty if there was.
    """

    answer: Answer
    evidence: tuple[StoredFrame, ...] = ()
    message: str = ""


def check_question(text: str) -> None:
    """Refuse a question without words, and one that is too long.

    Raises:
        ParameterError: Says what was expected, then what came.
    """
    if problem := problem_of(text):
        raise ParameterError(problem)
