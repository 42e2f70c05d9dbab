"""Answers about rendered drives are measured beside blind ones."""

from __future__ import annotations

import json

import pytest
from rendered import make_drive

from scene_clip_ros.cli.evaluate_questions import format_answers, format_scores
from scene_clip_ros.cli.main import main
from scene_clip_ros.core.questions.reasoner import ContrastiveReasoner
from scene_clip_ros.core.questions.types import Answer, Observations
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.resources import DRIVING_VOCABULARY
from scene_clip_ros.training.questions.measure import (
    SCENARIOS,
    UNSEEN_SEED,
    QuestionDrives,
    measure_questions,
    score_kinds,
    watch_drive,
)

VOCABULARY = load_vocabulary(DRIVING_VOCABULARY)


class YesSayer:
    """Says yes if it sees a drive, and abstains if all is grey."""

    name = "yes-sayer"

    def answer(self, question: str, seen: Observations) -> Answer:
        assert question
        is_grey = seen.frames[0].camera == "grey"
        text = "Cannot tell: all is grey." if is_grey else "Yes: I see it."
        return Answer(text, "exists", 0.9, abstained=is_grey, evidence=(), backend=self.name)


def test_scores_count_right_answers_and_blind_ones() -> None:
    drives = QuestionDrives(
        ("tunnel", "highway-day"), seconds=3.0, rate_hz=2.0, size_wh=(64, 36), first_seed=3
    )
    pipeline = Pipeline(FakeEncoder(), VOCABULARY)
    marked = measure_questions(pipeline, YesSayer(), drives)
    exists, which, count, when, everything = score_kinds(marked)
    yes = [each for each in marked if str(each.question.right) == "YesOrNo(is_yes=True)"]
    assert exists.asked == exists.answered > exists.right == len(yes) > 0
    assert (which.right, count.right, when.right) == (0, 0, 0)
    assert everything.asked == len(marked) == everything.answered
    assert (everything.blindly_answered, everything.blindly_right) == (0, 0)
    assert "wrong" in format_answers(marked)
    assert format_scores([everything]).splitlines()[-1].startswith("all")


def test_twelve_drives_of_seeds_of_their_own_are_asked_about() -> None:
    drives = QuestionDrives()
    assert len(drives) == len(SCENARIOS) == 12
    seed, drive = next(iter(drives))
    assert (seed, len(drive)) == (UNSEEN_SEED, 80)


def test_the_command_prints_scores(capsys: pytest.CaptureFixture[str]) -> None:
    drives = ["--scenarios", "tunnel", "--seconds", "1", "--rate", "2", "--size", "64x36"]
    assert main(["evaluate-questions", *drives, "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert [score["kind"] for score in scores] == ["exists", "which", "count", "when", "all"]
    assert scores[-1]["asked"] > 0


def test_the_shipped_model_tells_night_from_day() -> None:
    encoder = load_open_clip("embedded", None)
    pipeline = Pipeline(encoder, VOCABULARY)
    reasoner = ContrastiveReasoner(
        pipeline.embed_prompts, VOCABULARY, logit_scale=encoder.info.logit_scale
    )
    night = make_drive("highway-night", seconds=2.0, size_wh=(320, 180), rate_hz=3.0)
    seen, _ = watch_drive(pipeline, night)
    assert reasoner.answer("is it daytime or nighttime?", seen).text.startswith("Nighttime in all")
    assert reasoner.answer("is it night?", seen).text.startswith("Yes: night")
    told = reasoner.answer("what is happening in the video?", seen)
    assert "Road: highway" in told.text
    assert "Time of day: night" in told.text
