"""Measures how well questions about rendered drives of unseen seeds are answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.questions.types import (
    Answer,
    FrameFacts,
    FrameRef,
    Observations,
    Reasoner,
)
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import Frame, FrameResult, ImageArray
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.sim.truth import FrameTruth
from scene_clip_ros.training.questions.asked import AskedQuestion
from scene_clip_ros.training.questions.candidates import WatchedDrive
from scene_clip_ros.training.questions.question_set import choose_questions

UNSEEN_SEED = 920_000_000
"""First seed of these drives; no training and no other evaluation uses them."""

SCENARIOS = (
    "demo-tour",
    "weather-turns",
    "weather-turns",
    "city-night",
    "city-rain",
    "residential-snow",
    "highway-fog",
    "crossing-adult",
    "crossing-child",
    "crossing-cyclist",
    "animal-on-road",
    "road-works",
)
KINDS = ("exists", "which", "count", "when")
GREY = 128


@dataclass(frozen=True, slots=True)
class QuestionDrives:
    """Which drives are asked about.

    Attributes:
        scenarios: Names of scenarios, one drive each.
        seconds: Length of each.
        rate_hz: Frames per second.
        size_wh: Picture size, pixels.
        first_seed: Of the first drive; the others follow.
    """

    scenarios: tuple[str, ...] = SCENARIOS
    seconds: float = 20.0
    rate_hz: float = 4.0
    size_wh: tuple[int, int] = (640, 360)
    first_seed: int = UNSEEN_SEED

    def __len__(self) -> int:
        """Return the number of drives."""
        return len(self.scenarios)

    def __iter__(self) -> Iterator[tuple[int, Drive]]:
        """Set every drive up in turn, with its seed; each has a camera with a name of its own."""
        for number, name in enumerate(self.scenarios):
            seed = self.first_seed + number
            drive = Drive(
                make_scenario(name, seed=seed, seconds=self.seconds),
                seed=seed,
                seconds=self.seconds,
                size_wh=self.size_wh,
                rate_hz=self.rate_hz,
                camera=f"{name}_{number}",
            )
            yield seed, drive


@dataclass(frozen=True, slots=True)
class Marked:
    """A question with the answer that it got, and the one that grey frames got."""

    question: AskedQuestion
    answer: Answer
    blind: Answer

    @property
    def is_right(self) -> bool:
        """Whether the answer is right; not if it abstains."""
        return _is_right(self.question, self.answer)

    @property
    def is_blindly_right(self) -> bool:
        """Whether that of grey frames is."""
        return _is_right(self.question, self.blind)


@dataclass(frozen=True, slots=True)
class KindScore:
    """How questions of a kind are answered: asked, answered, right; the last two also blindly."""

    kind: str
    asked: int
    answered: int
    right: int
    blindly_answered: int
    blindly_right: int

    @classmethod
    def of(cls, kind: str, marked: Sequence[Marked]) -> KindScore:
        """Count."""
        return cls(
            kind,
            len(marked),
            sum(not each.answer.abstained for each in marked),
            sum(each.is_right for each in marked),
            sum(not each.blind.abstained for each in marked),
            sum(each.is_blindly_right for each in marked),
        )


def measure_questions(
    pipeline: Pipeline, reasoner: Reasoner, drives: Iterable[tuple[int, Drive]]
) -> list[Marked]:
    """Watch drives, ask about each, and mark the answers.

    Args:
        pipeline: Judges frames, with boxes if objects are to be counted.
        reasoner: Answers.
        drives: Rendered drives with their seeds.
    """
    marked: list[Marked] = []
    grey: dict[tuple[int, ...], Observations] = {}
    for seed, drive in drives:
        seen, watched = watch_drive(pipeline, drive)
        shape = (len(drive), drive.camera.height, drive.camera.width)
        if shape not in grey:
            grey[shape] = watch_grey(pipeline, shape, rate_hz=drive.rate_hz)
        questions = choose_questions(watched, seed=seed)
        marked += ask(reasoner, questions, seen, blind=grey[shape])
    return marked


def ask(
    reasoner: Reasoner,
    questions: Iterable[AskedQuestion],
    seen: Observations,
    *,
    blind: Observations,
) -> list[Marked]:
    """Ask questions about what was seen, and about grey frames."""
    return [
        Marked(each, reasoner.answer(each.text, seen), reasoner.answer(each.text, blind))
        for each in questions
    ]


def score_kinds(marked: Sequence[Marked]) -> list[KindScore]:
    """Count by kind, and in all."""
    kinds = [
        KindScore.of(kind, [each for each in marked if each.question.kind == kind])
        for kind in KINDS
    ]
    return [*kinds, KindScore.of("all", marked)]


def watch_drive(pipeline: Pipeline, drive: Drive) -> tuple[Observations, WatchedDrive]:
    """Render a drive and judge every frame; tell what was seen, and what is true."""
    results: list[FrameResult] = []
    truths: list[FrameTruth] = []
    for rendered in drive:
        results += pipeline.process([Frame(drive.camera_name, rendered.stamp_ns, rendered.rgb)])
        truths.append(rendered.truth)
    pipeline.reset(drive.camera_name)
    return observations_of(results), WatchedDrive(tuple(truths), drive.camera.height, drive.rate_hz)


def watch_grey(pipeline: Pipeline, shape: tuple[int, ...], *, rate_hz: float) -> Observations:
    """Judge grey frames.

    Args:
        pipeline: Judges them.
        shape: Number of frames, height and width.
        rate_hz: Frames per second.
    """
    count, *size = shape
    rgb: ImageArray = np.full((*size, 3), GREY, np.uint8)
    results: list[FrameResult] = []
    for number in range(count):
        stamp_ns = round(number * NS_PER_S / rate_hz)
        results += pipeline.process([Frame("grey", stamp_ns, rgb)])
    pipeline.reset("grey")
    return observations_of(results)


def observations_of(results: Sequence[FrameResult]) -> Observations:
    """Return what questions are about of results in order of time, one or more."""
    return Observations(
        tuple(FrameRef(result.camera, result.stamp_ns) for result in results),
        np.stack([result.embedding for result in results]),
        tuple(FrameFacts.of(result) for result in results),
    )


def _is_right(question: AskedQuestion, answer: Answer) -> bool:
    return not answer.abstained and question.right.accepts(answer)
