"""Who is asked: a recording that is watched once, or a running node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from scene_clip_ros.cli.labelling import load_pipeline
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.cli.skip_report import SkipReport
from scene_clip_ros.core.errors import ServiceError, SourceError
from scene_clip_ros.core.frame_blocks import StoredFrame
from scene_clip_ros.core.questions.reasoner import ContrastiveReasoner
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import FrameRef, Observations, Reasoner
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.media.frame_source import FrameSource, SourceFrame
from scene_clip_ros.media.scaling import fit_height
from scene_clip_ros.media.sources import open_source
from scene_clip_ros.nodes.asked_question import AnsweredQuestion, AskedQuestion, check_question
from scene_clip_ros.nodes.configured import load_configured_reasoner
from scene_clip_ros.pipeline.observing import observe_recording
from scene_clip_ros.pipeline.pipeline import Pipeline

if TYPE_CHECKING:
    from scene_clip_ros.nodes.ask_client import AskClient
    from scene_clip_ros.nodes.parameters import SceneClipParameters

PICTURE_HEIGHT_PX = 288
PICTURE_QUALITY = 80
"""Of the pictures that are shown to language models and drawn on sheets: some 15 KB each."""


class Asked(Protocol):
    """Who answers questions."""

    @property
    def start_ns(self) -> int | None:
        """Stamp of the first frame; None if nobody knows it."""

    def ask(self, text: str) -> AnsweredQuestion:
        """Answer; raises ``SceneClipError`` if that fails."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A recording that was watched.

    Attributes:
        start_ns: Stamp of its first frame, whether that was watched or not.
        seen: What was seen, with pictures.
        reasoner: Answers.
    """

    start_ns: int | None
    seen: Observations
    reasoner: Reasoner

    def ask(self, text: str) -> AnsweredQuestion:
        """Answer, or abstain.

        Raises:
            ParameterError: The question cannot be asked.
            ReasoningError: The language model is down, too slow, or says nothing of use.
            ModelError: A model failed.
        """
        check_question(text)
        answer = self.reasoner.answer(text, self.seen)
        return AnsweredQuestion(answer, tuple(map(self._stored, answer.evidence)))

    def _stored(self, ref: FrameRef) -> StoredFrame:
        """Return a frame with its picture."""
        picture = self.seen.picture
        jpeg = picture(self.seen.frames.index(ref)) if picture and ref in self.seen.frames else b""
        return StoredFrame(ref.camera, ref.stamp_ns, "", jpeg)


@dataclass(frozen=True, slots=True)
class Live:
    """A running node.

    Attributes:
        client: Calls it.
        window_s: Seconds up to the newest frame that questions are about; 0: all that is kept.
        cameras: Names of the cameras that they are about; empty: all.
        timeout_s: Longest time to be answered, seconds.
    """

    client: AskClient
    window_s: float
    cameras: tuple[str, ...]
    timeout_s: float

    @property
    def start_ns(self) -> int | None:
        """None: a running node forgets."""
        return None

    def ask(self, text: str) -> AnsweredQuestion:
        """Ask the node.

        Raises:
            ParameterError: The question cannot be asked.
            ServiceError: Nobody offers the service, it does not answer, or it refuses.
        """
        question = AskedQuestion(text, window_s=self.window_s, cameras=self.cameras)
        return self.client.ask(question, timeout_s=self.timeout_s)


def watch(
    path: Path,
    parameters: SceneClipParameters,
    *,
    cameras: list[str] | None,
    rate_hz: float,
    last_s: float | None,
) -> Watched:
    """Load models, and watch a recording.

    Args:
        path: Bag, video, folder of pictures or picture.
        parameters: Of the node ``scene_clip``.
        cameras: As `open_source` takes them.
        rate_hz: Frames watched per second and camera, > 0.
        last_s: Seconds up to the end that are watched; None: all.

    Raises:
        SourceError: There is no recording, it is damaged, or no frame of it can be watched.
        ConfigError: The vocabulary or the backend is wrong.
        ReasoningError: The language model is not configured, or wrongly.
        ModelError: A model cannot be loaded.
    """
    with open_source(path, cameras=cameras) as source:
        pipeline = load_pipeline(parameters)
        reasoner = load_configured_reasoner(parameters, _contrastive(pipeline, parameters))
        frames = _Newest(source, last_s)
        seen = observe_recording(
            pipeline, frames, rate_hz=rate_hz, on_skip=SkipReport().report, shrink=_shrink
        )
    if not seen.frames:
        message = f"{path}: expected a frame that can be watched, got none"
        raise SourceError(message)
    return Watched(frames.start_ns, seen, reasoner)


@contextmanager
def connect(
    service: str, *, window_s: float, cameras: tuple[str, ...], timeout_s: float
) -> Iterator[Live]:
    """Join the ROS graph while the block runs; see `Live`.

    Raises:
        ParameterError: No service can have this name.
        ServiceError: There is no ROS 2, or the package's messages are not built.
    """
    try:
        from scene_clip_ros.nodes.ask_client import AskClient
    except ImportError as err:
        message = (
            f"expected ROS 2 and the built package in the environment, got {err}: source it, e.g. "
            "with 'make setup' and 'source scripts/env.sh'"
        )
        raise ServiceError(message) from err
    with AskClient(service) as client:
        yield Live(client, window_s, cameras, timeout_s)


class _Newest:
    """The frames of a recording's last seconds, and where it starts; read once."""

    def __init__(self, source: FrameSource, last_s: float | None) -> None:
        self.start_ns: int | None = None
        self._source = source
        self._last_s = last_s

    def __iter__(self) -> Iterator[SourceFrame]:
        first_ns = self._first_ns()
        for frame in self._with_progress("watching"):
            if self.start_ns is None or frame.stamp_ns < self.start_ns:
                self.start_ns = frame.stamp_ns
            if first_ns is None or frame.stamp_ns >= first_ns:
                yield frame

    def _first_ns(self) -> int | None:
        """Return the stamp from which frames count; nobody knows the last one but by reading."""
        if self._last_s is None:
            return None
        stamps_ns = (frame.stamp_ns for frame in self._with_progress("finding the end"))
        return max(stamps_ns, default=0) - round(self._last_s * NS_PER_S)

    def _with_progress(self, label: str) -> Iterable[SourceFrame]:
        return with_progress(self._source, total=self._source.frame_count, label=label)


def _contrastive(pipeline: Pipeline, parameters: SceneClipParameters) -> ContrastiveReasoner:
    return ContrastiveReasoner(
        pipeline.embed_prompts,
        pipeline.vocabulary,
        settings=ReasonSettings(min_lead=parameters.memory.min_lead),
        logit_scale=pipeline.info.logit_scale,
    )


def _shrink(rgb: ImageArray) -> bytes:
    return encode_jpeg(fit_height(rgb, max_height=PICTURE_HEIGHT_PX), quality=PICTURE_QUALITY)
