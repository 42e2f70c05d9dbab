from __future__ import annotations

import pytest
from memory_growth import Growth, fit_slope


def test_growth_while_things_warm_up_does_not_count() -> None:
    places = list(range(0, 1001, 100))
    values = [min(place, 300) * 5.0 + 0.5 * place for place in places]
    assert fit_slope(places, values, after=0.3) == pytest.approx(0.5)


def test_growth_is_per_ten_thousand_frames() -> None:
    growth = Growth(frames=[0, 5000, 10_000], megabytes=[100.0, 104.0, 108.0])
    assert growth.slope() == pytest.approx(8.0)
