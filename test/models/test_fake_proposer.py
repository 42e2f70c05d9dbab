from __future__ import annotations

import numpy as np
import pytest

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.models.fake_encoder import NAN_COLOR
from scene_clip_ros.models.fake_proposer import FakeProposer

RED, BLUE = (255, 0, 0), (0, 0, 255)


def picture() -> ImageArray:
    rgb = np.zeros((40, 60, 3), np.uint8)
    rgb[10:20, 5:15] = RED
    rgb[30:35, 40:60] = BLUE
    return rgb


def test_every_colour_before_the_ground_is_an_object() -> None:
    (found,) = FakeProposer().propose([picture()])
    assert {tuple(row) for row in found.xyxy.tolist()} == {(5, 10, 15, 20), (40, 30, 60, 35)}
    assert found.class_scores.shape == (2, 0)


def test_classes_are_colours() -> None:
    proposer = FakeProposer({"fire engine": RED})
    (found,) = proposer.propose([picture()])
    red = found.xyxy[:, 0] == 5
    assert proposer.info.classes == ("fire engine",)
    assert found.class_scores[red, 0].tolist() == pytest.approx([0.9])
    assert found.class_scores[~red, 0].tolist() == [0.0]


def test_an_empty_scene_has_no_regions() -> None:
    (found,) = FakeProposer({"fire engine": RED}).propose([np.zeros((8, 8, 3), np.uint8)])
    assert len(found) == 0
    assert found.class_scores.shape == (0, 1)


def test_a_bad_picture_makes_it_fail() -> None:
    with pytest.raises(ModelError, match="expected finite"):
        FakeProposer().propose([np.full((8, 8, 3), NAN_COLOR, np.uint8)])
