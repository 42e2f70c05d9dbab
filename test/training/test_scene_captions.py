"""Captions of several things say only what is true, and tell which pictures they fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.sim.truth import ATTRIBUTES, FrameTruth, TruthBox
from scene_clip_ros.training.held_out_words import HELD_OUT, HELD_OUT_OBJECTS
from scene_clip_ros.training.scene_captions import (
    COMMON,
    CaptionWriter,
    SceneContents,
    join_words,
)

WRITER = CaptionWriter(HELD_OUT, HELD_OUT_OBJECTS)
CONTENTS = st.builds(
    lambda labels, kinds: SceneContents(labels, kinds, prominent=kinds),
    labels=st.fixed_dictionaries(
        {"weather": st.sampled_from(sorted(HELD_OUT["weather"]))},
        optional={
            name: st.sampled_from(sorted(HELD_OUT[name]))
            for name in ATTRIBUTES
            if name != "weather"
        },
    ),
    kinds=st.frozensets(st.sampled_from(["deer", "adult", "car", "traffic cone"])),
)
DEER = TruthBox(
    id=0,
    kind="deer",
    colour="brown",
    xyxy=(40, 20, 60, 80),
    visible=1.0,
    truncated=0.0,
    contrast=0.5,
    on_road=True,
    distance_m=12.0,
    across_m=0.5,
)


def contents_of(*boxes: TruthBox) -> SceneContents:
    attributes = {"weather": "rain", "time_of_day": None, "road": "tunnel", "surface": "wet"}
    truth = FrameTruth("front", 0, attributes, {}, boxes, (), ())
    return SceneContents.of(truth.to_json(), height_px=100)


@given(CONTENTS, st.integers(0, 1000))
def test_a_caption_fits_the_picture_that_it_was_written_of(
    contents: SceneContents, seed: int
) -> None:
    assert WRITER.write(contents, np.random.default_rng(seed)).fits(contents)


@given(CONTENTS, st.integers(0, 1000))
def test_a_caption_fits_no_picture_of_another_label(contents: SceneContents, seed: int) -> None:
    caption = WRITER.write(contents, np.random.default_rng(seed))
    for name, label in caption.labels.items():
        (other, *_) = sorted(HELD_OUT[name].keys() - {label})
        assert not caption.fits(replace(contents, labels={**contents.labels, name: other}))
        assert not caption.fits(
            replace(contents, labels={k: v for k, v in contents.labels.items() if k != name})
        )


@given(CONTENTS, st.integers(0, 1000))
def test_a_caption_of_a_thing_fits_no_picture_without_it(
    contents: SceneContents, seed: int
) -> None:
    caption = WRITER.write(contents, np.random.default_rng(seed))
    assert caption.kind not in COMMON
    without = replace(contents, kinds=contents.kinds - {"deer", "adult", "traffic cone"})
    assert caption.fits(without) == (caption.kind is None)


@given(CONTENTS, st.integers(0, 1000), st.integers(1, 4))
def test_a_caption_names_as_many_attributes_as_are_asked_for(
    contents: SceneContents, seed: int, fewest: int
) -> None:
    writer = replace(WRITER, fewest=fewest)
    caption = writer.write(contents, np.random.default_rng(seed))
    labels = contents.labels
    is_starry = (labels["weather"], labels.get("time_of_day")) == ("clear", "night")
    assert len(caption.labels) >= min(fewest, len(labels) - is_starry)


@given(st.integers(0, 1000))
def test_nobody_speaks_of_blue_skies_at_night(seed: int) -> None:
    night = SceneContents({"weather": "clear", "time_of_day": "night"})
    assert WRITER.write(night, np.random.default_rng(seed)).labels == {"time_of_day": "night"}


@given(CONTENTS, st.integers(0, 1000))
def test_what_a_caption_says_is_in_its_words(contents: SceneContents, seed: int) -> None:
    caption = WRITER.write(contents, np.random.default_rng(seed))
    pools = [HELD_OUT[name][label] for name, label in caption.labels.items()]
    pools += [HELD_OUT_OBJECTS[caption.kind]] if caption.kind else []
    assert all(any(words in caption.text for words in pool) for pool in pools)


def test_what_cannot_be_told_is_no_content() -> None:
    assert contents_of().labels == {"weather": "rain", "road": "tunnel", "surface": "wet"}


@pytest.mark.parametrize(
    ("box", "stands_out"),
    [
        (DEER, True),
        (replace(DEER, xyxy=(40, 20, 42, 23)), False),
        (replace(DEER, visible=0.2), False),
        (replace(DEER, contrast=0.03), False),
        (replace(DEER, kind="car", parked=True), False),
    ],
    ids=["near", "far", "hidden", "in fog", "parked"],
)
def test_only_what_stands_out_is_content(box: TruthBox, *, stands_out: bool) -> None:
    assert contents_of(box).kinds == ({box.kind} if stands_out else set())


def test_one_wording_is_left_as_it_is() -> None:
    assert join_words(["fog"], np.random.default_rng(0)) == "fog"


def test_half_of_the_captions_name_a_prominent_thing() -> None:
    deer = contents_of(DEER)
    named = [WRITER.write(deer, np.random.default_rng(seed)).kind for seed in range(200)]
    assert 60 < named.count("deer") < 140


def test_what_is_noted_and_not_prominent_is_not_written_of() -> None:
    far = contents_of(replace(DEER, xyxy=(40, 20, 45, 27)))
    named = {WRITER.write(far, np.random.default_rng(seed)).kind for seed in range(50)}
    assert far.kinds == {"deer"}
    assert named == {None}
