"""With a detector that knows the truth, everything behind it must be right."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from rendered import render_once

from scene_clip_ros.core.box_types import Proposals
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.proposer import ProposerInfo
from scene_clip_ros.pipeline.box_settings import BoxSettings
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.report.drive_scoring import DriveScore
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.truth import TruthBox
from scene_clip_ros.training.detection.samples import CLASS_OF_KIND, CLASSES
from scene_clip_ros.training.evaluate_boxes import BoxDrives, measure_boxes

ALL_DETECTOR = BoxSettings(detector_weight=1.0)


class KnowingProposer:
    """Proposes the true boxes of every picture of a drive, unless it is blind."""

    def __init__(self, drive: Drive, *, blind: bool) -> None:
        self.info = ProposerInfo("knowing", CLASSES, "cpu")
        self._shown = {frame.rgb.tobytes(): frame.truth.boxes for frame in drive}
        self._blind = blind

    def propose(self, images: Sequence[ImageArray]) -> list[Proposals]:
        return [self._propose(self._shown[image.tobytes()]) for image in images]

    def _propose(self, shown: Sequence[TruthBox]) -> Proposals:
        boxes = () if self._blind else shown
        scores = np.zeros((len(boxes), len(CLASSES)), np.float32)
        for row, box in enumerate(boxes):
            scores[row, CLASSES.index(CLASS_OF_KIND[box.kind])] = 0.95
        xyxy = np.array([box.xyxy for box in boxes], np.float32).reshape(-1, 4)
        return Proposals(xyxy, np.ones(len(boxes), np.float32), scores)


@cache
def drive_of(name: str) -> Drive:
    (drive,) = BoxDrives(scenarios=(name,), seconds=9.0, size_wh=(320, 180))
    return render_once(drive)


def measure(name: str, *, blind: bool = False) -> DriveScore:
    drive = drive_of(name)
    pipeline = Pipeline(
        FakeEncoder(),
        load_vocabulary(DRIVING_VOCABULARY),
        proposer=KnowingProposer(drive, blind=blind),
        box_settings=ALL_DETECTOR,
    )
    return measure_boxes(pipeline, [drive])


@pytest.mark.parametrize("name", ["crossing-child", "crossing-cyclist"])
def test_true_boxes_of_a_crossing_raise_a_prompt_warning(name: str) -> None:
    score = measure(name)
    assert score.boxes is not None
    assert score.alerts is not None
    assert score.boxes.people.recall is None or score.boxes.people.recall > 0.97
    assert score.boxes.map50 is not None
    assert score.boxes.map50 > 0.95
    assert len(score.alerts.crossings) >= 1
    assert score.alerts.warned == score.alerts.prompt == len(score.alerts.crossings)
    assert score.alerts.false_warnings == ()
    assert score.alerts.ttc_relative_error is not None
    assert score.alerts.ttc_relative_error < 0.3


def test_people_beside_the_road_raise_no_warning() -> None:
    score = measure("walker-beside-road")
    assert score.alerts is not None
    assert score.alerts.warnings == 0


def test_a_blind_detector_finds_and_warns_of_nobody() -> None:
    score = measure("crossing-child", blind=True)
    assert score.boxes is not None
    assert score.alerts is not None
    assert score.boxes.people.recall == 0.0
    assert score.alerts.warned == 0
