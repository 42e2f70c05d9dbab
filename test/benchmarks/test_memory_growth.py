from __future__ import annotations

import pytest
from colors import BLUE, RED, color_vocabulary, picture
from memory_growth import CAMERAS, Drive, Growth, fit_slope

from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.pipeline.pipeline import Pipeline


def test_growth_while_things_warm_up_does_not_count() -> None:
    places = list(range(0, 1001, 100))
    values = [min(place, 300) * 5.0 + 0.5 * place for place in places]
    assert fit_slope(places, values, after=0.3) == pytest.approx(0.5)


def test_growth_is_per_ten_thousand_frames() -> None:
    growth = Growth(frames=[0, 5000, 10_000], megabytes=[100.0, 104.0, 108.0])
    assert growth.slope() == pytest.approx(8.0)


def test_growth_of_what_is_in_use_is_from_first_to_last() -> None:
    growth = Growth(used=[(20_000, 50.0), (100_000, 58.0)])
    assert growth.used_slope() == pytest.approx(1.0)


def test_every_frame_of_every_camera_goes_through_and_is_kept() -> None:
    drive = Drive(Pipeline(FakeEncoder(), color_vocabulary()), [picture(RED), picture(BLUE)])
    drive.step()
    drive.step()
    drive.query()
    drive.stop()
    assert drive.frames == drive.kept == 2 * CAMERAS
