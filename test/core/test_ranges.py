from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.ranges import require_in_range, require_whole_in_range


@given(st.floats(-1, 1) | st.integers(-1, 1))
def test_number_in_range_passes(value: float) -> None:
    require_in_range("gain", value, (-1.0, 1.0))


@pytest.mark.parametrize(
    ("value", "came"),
    [
        pytest.param(1.5, "1.5", id="too large"),
        pytest.param(-2, "-2", id="too small"),
        pytest.param(math.nan, "nan", id="NaN"),
        pytest.param(math.inf, "inf", id="infinite"),
        pytest.param(True, "True", id="boolean"),
        pytest.param("1", "'1'", id="text"),
        pytest.param(None, "None", id="nothing"),
    ],
)
def test_anything_else_is_refused_with_what_was_expected_and_what_came(
    value: object, came: str
) -> None:
    with pytest.raises(ParameterError) as refusal:
        require_in_range("gain", value, (-1.0, 1.0))

    assert str(refusal.value) == f"gain: expected a number in [-1, 1], got {came}"


@pytest.mark.parametrize("value", [-3, 0, 5])
def test_whole_number_in_range_passes(value: int) -> None:
    require_whole_in_range("top_k", value, (-3, 5))


@pytest.mark.parametrize(
    ("value", "came"),
    [
        pytest.param(6, "6", id="too large"),
        pytest.param(-4, "-4", id="too small"),
        pytest.param(1.0, "1.0", id="fraction"),
        pytest.param(True, "True", id="boolean"),
        pytest.param("1", "'1'", id="text"),
        pytest.param(None, "None", id="nothing"),
    ],
)
def test_anything_but_a_whole_number_is_refused(value: object, came: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        require_whole_in_range("top_k", value, (-3, 5))

    assert str(refusal.value) == f"top_k: expected a whole number in [-3, 5], got {came}"
