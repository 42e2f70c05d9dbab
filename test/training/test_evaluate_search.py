"""Searches for captions are scored against what the frames really show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from rendered import make_drive, render_once

from scene_clip_ros.core.frame_memory import StoredFrame
from scene_clip_ros.core.frame_query import FrameHit
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.training.evaluate_search import (
    DEPTHS,
    OTHER,
    OWN,
    WRITERS,
    Moment,
    SearchScore,
    draw_captions,
    first_right,
    measure_search,
)
from scene_clip_ros.training.held_out_words import (
    HELD_OUT,
    HELD_OUT_ABSENT,
    HELD_OUT_OBJECTS,
)
from scene_clip_ros.training.object_words import ABSENT
from scene_clip_ros.training.scene_captions import COMMON, SceneCaption, SceneContents

NS = 1_000_000_000
TEMPLATES = ("{}",)
MEANINGS = [(name, label) for name, labels in HELD_OUT.items() for label in labels]
KINDS = sorted(HELD_OUT_OBJECTS)
DRIVES = ("city-rain", "highway-fog", "tunnel", "residential-snow", "animal-on-road")


class Oracle(FakeEncoder):
    """Reads captions and knows what pictures of drives show, one number a meaning."""

    def __init__(self, drives: Sequence[Drive]) -> None:
        super().__init__(dim=len(MEANINGS) + len(KINDS) + 1)
        self._shown = {
            frame.rgb.tobytes(): SceneContents.of(frame.truth.to_json(), height_px=len(frame.rgb))
            for drive in drives
            for frame in drive
        }

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        return np.stack([self._embed(self._shown[image.tobytes()]) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        rows = []
        for text in texts:
            said = [any(w in text for w in HELD_OUT[name][label]) for name, label in MEANINGS]
            said += [any(words in text for words in HELD_OUT_OBJECTS[kind]) for kind in KINDS]
            rows.append(unit([*said, not any(said)]))
        return np.stack(rows)

    def _embed(self, contents: SceneContents) -> FloatArray:
        shown = [contents.labels.get(name) == label for name, label in MEANINGS]
        shown += [kind in contents.kinds for kind in KINDS]
        return unit([*shown, False])


def unit(values: Sequence[bool]) -> FloatArray:
    row = np.array(values, np.float32)
    return np.asarray(row / max(1.0, float(np.linalg.norm(row))), np.float32)


@pytest.fixture(scope="module")
def drives() -> list[Drive]:
    return [
        render_once(make_drive(name, seconds=5.0, rate_hz=2.0, camera=f"drive{number}"))
        for number, name in enumerate(DRIVES)
    ]


@pytest.fixture(scope="module")
def perfect(drives: list[Drive]) -> SearchScore:
    writers = {OTHER: WRITERS[OTHER]}
    return measure_search(Oracle(drives), TEMPLATES, drives, writers=writers, captions=60)[OTHER]


class Blind(FakeEncoder):
    """Sees the same in every picture, but for noise."""

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        noise = np.random.default_rng(int(images[0].sum())).normal(0, 0.01, (1, self.info.dim))
        rows = np.asarray(noise + np.eye(1, self.info.dim), np.float32)
        return np.asarray(rows / np.linalg.norm(rows), np.float32)


def test_who_knows_everything_finds_every_moment(perfect: SearchScore) -> None:
    assert perfect.captions == 60
    assert perfect.recall[1] >= 0.95
    assert perfect.recall[10] >= perfect.recall[1]
    assert len(perfect.missed) == round(60 * (1 - perfect.recall[10]))


def test_who_knows_everything_denies_what_is_not_there_and_nothing_else(
    perfect: SearchScore,
) -> None:
    assert perfect.absent == len(HELD_OUT_ABSENT)
    assert perfect.refused == 1.0
    assert perfect.denied == 0.0


def test_the_lead_asked_for_decides_what_is_denied(drives: list[Drive]) -> None:
    writers = {OTHER: WRITERS[OTHER]}
    score = measure_search(
        Oracle(drives), TEMPLATES, drives, writers=writers, captions=5, min_lead=1e6
    )[OTHER]

    assert score.denied == 1.0


def test_who_sees_nothing_finds_little(drives: list[Drive], perfect: SearchScore) -> None:
    blind = measure_search(Blind(), TEMPLATES, drives, captions=60)[OTHER]

    assert blind.frames == perfect.frames == sum(map(len, drives))
    assert blind.recall[1] < 0.5
    assert blind.missed


def test_captions_are_the_same_every_time_and_fit_a_moment(drives: list[Drive]) -> None:
    moments = [
        Moment("a", 0, SceneContents.of(frame.truth.to_json(), height_px=len(frame.rgb)))
        for frame in drives[0]
    ]
    first, again = (list(draw_captions(moments, WRITERS[OWN], count=30)) for _ in range(2))

    assert first == again
    assert all(any(caption.fits(moment.contents) for moment in moments) for caption in first)
    assert all(len(caption.labels) >= 2 for caption in first)


RIGHT = SceneContents({"weather": "fog"}, frozenset())
WRONG = SceneContents({"weather": "rain"}, frozenset())
FOG = SceneCaption("a foggy scene", {"weather": "fog"})


def hits_at(*places: tuple[str, float]) -> list[FrameHit]:
    frames = [StoredFrame(camera, round(at_s * NS), "", b"") for camera, at_s in places]
    return [FrameHit(0.3, 2.0, frame) for frame in frames]


@pytest.mark.parametrize(
    ("hits", "rank"),
    [
        (hits_at(("front", 5.0)), 0),
        (hits_at(("front", 5.5)), 0),
        (hits_at(("front", 5.6)), max(DEPTHS)),
        (hits_at(("rear", 5.0)), max(DEPTHS)),
        (hits_at(("rear", 5.0), ("front", 9.0), ("front", 4.8)), 2),
        ([], max(DEPTHS)),
    ],
    ids=["exact", "half a second off", "too far", "other camera", "third", "no hit"],
)
def test_a_hit_is_right_near_a_moment_of_its_camera(hits: list[FrameHit], rank: int) -> None:
    moments = [Moment("front", 5 * NS, RIGHT), Moment("front", 9 * NS, WRONG)]
    assert first_right(FOG, hits, moments) == rank


def test_texts_of_the_test_are_not_those_of_training() -> None:
    assert set(HELD_OUT_ABSENT).isdisjoint(ABSENT)
    assert COMMON.isdisjoint(HELD_OUT_OBJECTS)
