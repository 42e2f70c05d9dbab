from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.line import fit_line

T = np.array([-0.9, -0.5, -0.4, -0.1, 0.0])


@given(st.floats(-10, 10), st.floats(-10, 10), st.lists(st.floats(0.1, 9), min_size=5, max_size=5))
def test_exact_line_is_found_whatever_the_noise_is_said_to_be(
    now: float, slope: float, noise: list[float]
) -> None:
    line = fit_line(T, now + slope * T, noise=np.array(noise))

    assert line.now == pytest.approx(now, abs=1e-9)
    assert line.slope == pytest.approx(slope, abs=1e-9)
    assert line.slope_error == pytest.approx(0, abs=1e-9)


def test_noisy_sample_counts_for_little() -> None:
    values = np.array([0.0, 0.0, 0.0, 0.0, 1.0])

    line = fit_line(T, values, noise=np.array([1.0, 1.0, 1.0, 1.0, 1e3]))

    assert line.slope == pytest.approx(0, abs=1e-5)


def test_slope_error_is_the_spread_of_slopes() -> None:
    rng = np.random.default_rng(0)

    lines = [fit_line(T, 2 * T + rng.normal(0, 0.1, len(T))) for _ in range(2000)]

    spread = np.std([line.slope for line in lines])
    assert np.sqrt(np.mean([line.slope_error**2 for line in lines])) == pytest.approx(
        spread, rel=0.1
    )


def test_least_noise_makes_a_perfect_fit_uncertain() -> None:
    line = fit_line(T, T, min_noise=0.1)

    assert line.slope_error == pytest.approx(0.1 / np.sqrt(np.sum((T - T.mean()) ** 2)))
