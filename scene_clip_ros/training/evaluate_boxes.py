"""Measures boxes and alerts on rendered drives of seeds that training never uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scene_clip_ros.core.alert_policy import AlertPolicy
from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.types import Frame
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.models.proposer import Proposer
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.report.drive_scoring import (
    DriveScore,
    DriveTruth,
    parse_drive_truth,
    score_drives,
)
from scene_clip_ros.report.results import ResultRecord, answer_from_result
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario

UNSEEN_SEED = 910_000_000
"""First seed of these drives; training and the evaluation of labels draw theirs below."""

CROSSINGS = (
    "crossing-adult",
    "crossing-child",
    "crossing-baby",
    "crossing-wheelchair",
    "crossing-cyclist",
    "crossing-stroller",
)
OTHERS = (
    "city-day",
    "city-rain",
    "city-night",
    "residential-day",
    "highway-day",
    "walker-beside-road",
    "animal-on-road",
    "road-works",
)


@dataclass(frozen=True, slots=True)
class BoxDrives:
    """Which drives boxes are measured on.

    Attributes:
        scenarios: Names of scenarios.
        rounds: Drives of each.
        seconds: Length of each.
        rate_hz: Frames per second.
        size_wh: Picture size, pixels.
        first_seed: Of the first drive; the others follow.
    """

    scenarios: tuple[str, ...] = (*CROSSINGS, *OTHERS)
    rounds: int = 1
    seconds: float = 12.0
    rate_hz: float = 10.0
    size_wh: tuple[int, int] = (960, 540)
    first_seed: int = UNSEEN_SEED

    def __len__(self) -> int:
        """Return the number of drives."""
        return self.rounds * len(self.scenarios)

    def __iter__(self) -> Iterator[Drive]:
        """Set every drive up in turn; each has a camera with a name of its own."""
        for number in range(len(self)):
            name, seed = self.scenarios[number % len(self.scenarios)], self.first_seed + number
            yield Drive(
                make_scenario(name, seed=seed, seconds=self.seconds),
                seed=seed,
                seconds=self.seconds,
                size_wh=self.size_wh,
                rate_hz=self.rate_hz,
                camera=f"{name}_{number}",
            )


def boxes_alone(encoder: Encoder, proposer: Proposer, vocabulary: Vocabulary) -> Pipeline:
    """Return a pipeline that finds boxes and does nothing else."""
    pipeline = Pipeline(encoder, vocabulary, proposer=proposer)
    pipeline.set_enabled("labels", False)
    pipeline.set_enabled("embedding", False)
    return pipeline


def measure_boxes(
    pipeline: Pipeline, drives: Iterable[Drive], *, alerts: AlertSettings | None = None
) -> DriveScore:
    """Find objects on drives and judge them, as the nodes do, and score every frame.

    Args:
        pipeline: With a detector.
        drives: Rendered drives; each one's camera name must be its own.
        alerts: Policy of the alerts; None: the defaults.
    """
    said: list[ResultRecord] = []
    truths: list[DriveTruth] = []
    for drive in drives:
        for result, truth in judge_drive(pipeline, drive, alerts or AlertSettings()):
            said.append(result)
            truths.append(truth)
    return score_drives(said, truths)


def judge_drive(
    pipeline: Pipeline, drive: Drive, alerts: AlertSettings
) -> Iterator[tuple[ResultRecord, DriveTruth]]:
    """Yield what is said and what is true of every frame of a drive."""
    labels = pipeline.vocabulary.with_kinds(alerts.labels)
    policy = AlertPolicy(drive.camera_name, replace(alerts, labels=labels))
    policy.set_camera(drive.calibration)
    for rendered in drive:
        frame = Frame(drive.camera_name, rendered.stamp_ns, rendered.rgb)
        (result,) = pipeline.process([frame])
        alert = policy.update(result.boxes) if result.boxes else None
        said = ResultRecord(answer_from_result(result), result.boxes, alert)
        yield said, parse_drive_truth(rendered.truth.to_json(), where=drive.camera_name)
