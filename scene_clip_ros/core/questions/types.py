"""What passes between perception, which observes, and reasoning, which answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.box_types import NO_TRACK, ScoredBox, Xyxy
from scene_clip_ros.core.types import FloatArray, FrameResult

QuestionKind = Literal["exists", "which", "what", "when", "count", "describe", "language"]
"""What a question asks for; ``language`` is what only a language model can tell."""

MAX_QUESTION_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class LabelFact:
    """The label of one attribute that is held at a frame.

    Attributes:
        attribute: Name of the attribute.
        label: One of its labels, or ``unknown``.
        probability: Of the label, or of the best one if unknown, in [0, 1].
    """

    attribute: str
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class HazardFact:
    """Whether a hazard is held to be present at a frame; ``probability`` in [0, 1]."""

    hazard: str
    active: bool
    probability: float


@dataclass(frozen=True, slots=True)
class TrackFact:
    """One object that is followed, at one frame.

    Attributes:
        track_id: ≥ 0, of one object while it is followed, per camera.
        label: Query that fits best.
        score: Fused score in [0, 1].
        height_share: Height of its box as a share of the picture's, [0, 1].
        xyxy: Its box as shares of the picture's width and height, [0, 1]; None: not kept.
    """

    track_id: int
    label: str
    score: float
    height_share: float
    xyxy: Xyxy | None = None


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What perception decided about one frame.

    Attributes:
        camera: Name of the camera.
        stamp_ns: The frame's stamp.
        labels: One per attribute; none while labels are off.
        hazards: One per hazard; none while labels are off.
        tracks: Everything followed in it; None while boxes are off.
    """

    camera: str
    stamp_ns: int
    labels: tuple[LabelFact, ...] = ()
    hazards: tuple[HazardFact, ...] = ()
    tracks: tuple[TrackFact, ...] | None = None

    @classmethod
    def of(cls, result: FrameResult) -> FrameFacts:
        """Keep what questions are about of a result."""
        return cls(
            result.camera,
            result.stamp_ns,
            tuple(LabelFact(a.name, a.label, a.probability) for a in result.attributes),
            tuple(HazardFact(h.name, h.active, h.probability) for h in result.hazards),
            _tracks_of(result),
        )


@dataclass(frozen=True, slots=True)
class FrameRef:
    """One frame of one camera."""

    camera: str
    stamp_ns: int


@dataclass(frozen=True, slots=True)
class Observations:
    """What the cameras saw in the window that a question is about.

    Attributes:
        frames: N embedded frames, in order of time, of any cameras.
        embeddings: ``(N, D)`` float32, rows of unit length, one per frame.
        facts: What was decided, in order of time; of all frames that were judged, which may be
            more than are embedded, or none.
        picture: Returns the JPEG of the frame with that number, empty if it was not kept; None:
            no pictures.
    """

    frames: tuple[FrameRef, ...]
    embeddings: FloatArray
    facts: tuple[FrameFacts, ...] = ()
    picture: Callable[[int], bytes] | None = None

    def __post_init__(self) -> None:
        """Refuse what does not fit together.

        Raises:
            ValueError: There is not one row per frame, or time runs backwards.
        """
        if self.embeddings.ndim != 2 or len(self.embeddings) != len(self.frames):
            message = (
                f"expected embeddings of shape ({len(self.frames)}, D), got {self.embeddings.shape}"
            )
            raise ValueError(message)
        for name, stamps in (("frames", self.stamps_ns), ("facts", _stamps(self.facts))):
            if (np.diff(stamps) < 0).any():
                message = f"expected {name} in order of time, got an older one behind a newer one"
                raise ValueError(message)

    @property
    def stamps_ns(self) -> npt.NDArray[np.int64]:
        """``(N,)`` stamps of the frames."""
        return _stamps(self.frames)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reasoner says.

    Attributes:
        text: In words; if abstained, that it cannot tell, and why.
        kind: What the question asks for.
        confidence: In [0, 1]; 0 if abstained.
        abstained: The frames do not tell.
        evidence: Frames that support the answer most, best first; empty if abstained.
        backend: What reasoned: ``contrastive``, or the name of the language model.
    """

    text: str
    kind: QuestionKind
    confidence: float
    abstained: bool
    evidence: tuple[FrameRef, ...]
    backend: str


class Reasoner(Protocol):
    """Answers questions about observations. Used by one thread at a time."""

    @property
    def name(self) -> str:
        """What ``Answer.backend`` says."""

    def answer(self, question: str, seen: Observations) -> Answer:
        """Answer, or abstain.

        Args:
            question: In English, 1 to ``MAX_QUESTION_LENGTH`` characters.
            seen: What it is about.

        Raises:
            ReasoningError: The question is empty or too long, or the language model is down, too
                slow, or says nothing of use. Never waits longer than the reasoner's time limit.
            ModelError: A model failed.
        """


def _stamps(items: tuple[FrameRef, ...] | tuple[FrameFacts, ...]) -> npt.NDArray[np.int64]:
    return np.array([item.stamp_ns for item in items], np.int64)


def _tracks_of(result: FrameResult) -> tuple[TrackFact, ...] | None:
    if result.boxes is None:
        return None
    size_wh = result.boxes.size_wh
    return tuple(_track_of(box, size_wh) for box in result.boxes.boxes if box.track_id != NO_TRACK)


def _track_of(box: ScoredBox, size_wh: tuple[int, int]) -> TrackFact:
    (left, top, right, bottom), (width, height) = box.xyxy, size_wh
    shares = (left / width, top / height, right / width, bottom / height)
    return TrackFact(box.track_id, box.label, box.score, (bottom - top) / height, shares)
