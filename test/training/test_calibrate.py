"""Fitting the temperature that makes probabilities honest."""

from __future__ import annotations

import numpy as np
import pytest
from two_axes import TwoAxes

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.vocabulary import AttributeSpec, LabelSpec, Vocabulary
from scene_clip_ros.training.calibrate import fit_calibration

VOCABULARY = Vocabulary(
    attributes=(
        AttributeSpec("light", (LabelSpec("bright", ("bright",)), LabelSpec("dark", ("dark",)))),
    )
)


def picture(level: int) -> ImageArray:
    return np.full((4, 4, 3), level, np.uint8)


def labelled(*, wrong: int) -> list[tuple[ImageArray, dict[str, str | None]]]:
    """Return 20 bright pictures, some of which are called dark."""
    return [(picture(150), {"light": "dark" if i < wrong else "bright"}) for i in range(20)]


def test_probabilities_match_how_often_the_model_is_right() -> None:
    fit = fit_calibration(TwoAxes(), VOCABULARY, labelled(wrong=4))
    bright, dark = TwoAxes().encode_images([picture(150)])[0]
    probability = 1 / (1 + np.exp(-fit.logit_scale * (bright - dark)))
    assert probability == pytest.approx(0.8, abs=0.02)


def test_the_fit_is_no_worse_than_the_models_own_scale() -> None:
    fit = fit_calibration(TwoAxes(), VOCABULARY, labelled(wrong=7))
    assert fit.loss <= fit.loss_before
    assert fit.samples == 20


def test_right_labels_stay_above_the_floor() -> None:
    fit = fit_calibration(TwoAxes(), VOCABULARY, labelled(wrong=0))
    assert fit.cosine_floor <= TwoAxes().encode_images([picture(150)])[0, 0] + 1e-6


def test_pictures_that_tell_nothing_are_refused() -> None:
    with pytest.raises(ModelError, match="labels of the vocabulary"):
        fit_calibration(TwoAxes(), VOCABULARY, [(picture(9), {"light": None})])
