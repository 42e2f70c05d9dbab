"""A reasoner that is loaded once it is wanted. Free of ROS."""

from __future__ import annotations

from collections.abc import Callable

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.core.questions.types import Answer, Observations, Reasoner


class LateReasoner:
    """Refuses questions in words until there is something that answers them.

    One thread loads and answers, any other may look.

    Args:
        load: Loads what answers; may take seconds.
    """

    def __init__(self, load: Callable[[], Reasoner]) -> None:
        """Prepare; nothing is loaded yet."""
        self._load = load
        self._reasoner: Reasoner | None = None
        self._problem = ""

    @property
    def is_loaded(self) -> bool:
        """Whether questions can be answered."""
        return self._reasoner is not None

    def load(self) -> None:
        """Load, unless it is; what has failed is tried again.

        Raises:
            SceneClipError: There is no such reasoner, or it cannot be loaded.
        """
        if self._reasoner is not None:
            return
        self._problem = ""
        try:
            self._reasoner = self._load()
        except Exception as err:
            self._problem = str(err) or type(err).__name__
            raise

    def require_loaded(self) -> Reasoner:
        """Return what answers.

        Raises:
            ServiceError: It is not loaded, and why.
        """
        if self._reasoner is not None:
            return self._reasoner
        if self._problem:
            message = (
                f"expected what answers questions, got none: {self._problem}; switch questions "
                "off and on to try again"
            )
            raise ServiceError(message)
        message = "expected what answers questions, got it still being loaded: ask again"
        raise ServiceError(message)

    def answer(self, question: str, seen: Observations) -> Answer:
        """Answer, or abstain; see `Reasoner`.

        Raises:
            ServiceError: Nothing is loaded.
        """
        return self.require_loaded().answer(question, seen)
