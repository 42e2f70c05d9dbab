"""Rendering of whole drives."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from rendered import drive_in, make_drive

from scene_clip_ros.core.errors import SimulationError
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario, scenario_names
from scene_clip_ros.sim.semantics import SemanticClass
from scene_clip_ros.sim.truth import RenderedFrame


def same(one: RenderedFrame, other: RenderedFrame) -> bool:
    return (
        one.stamp_ns == other.stamp_ns
        and one.truth == other.truth
        and np.array_equal(one.rgb, other.rgb)
        and np.array_equal(one.labels_mask, other.labels_mask)
    )


def mean_level(drive: Drive) -> float:
    return float(drive.render(len(drive) // 2).rgb.mean())


@pytest.mark.parametrize("name", ["city-rain", "tunnel", "random"])
def test_equal_seeds_give_equal_frames(name: str) -> None:
    assert same(make_drive(name).render(20), make_drive(name).render(20))


def test_other_seeds_give_other_pictures() -> None:
    pictures = [make_drive("city-day", seed=seed).render(0).rgb for seed in (1, 2, 3)]
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])


def test_frames_do_not_depend_on_the_order_they_are_rendered_in() -> None:
    in_order = list(make_drive("crossing-child", seconds=0.5))
    drive = make_drive("crossing-child", seconds=0.5)
    backwards = [drive.render(index) for index in reversed(range(len(drive)))]
    assert all(same(a, b) for a, b in zip(in_order, reversed(backwards), strict=True))


def test_the_world_does_not_depend_on_the_picture_size() -> None:
    small, large = (make_drive("city-day", size_wh=size) for size in ((160, 90), (320, 180)))
    assert small.scenario == large.scenario
    assert small.render(5).truth.attributes == large.render(5).truth.attributes


def test_every_frame_has_noise_of_its_own() -> None:
    scenario = replace(make_scenario("parking-lot", seed=3, seconds=1.0), speed=0.0, actors=())
    one, other = islice(Drive(scenario, seed=3, seconds=1.0, size_wh=(160, 90)), 2)
    ground = one.labels_mask == SemanticClass.ROAD
    assert np.array_equal(one.labels_mask, other.labels_mask)
    assert (one.rgb[ground] != other.rgb[ground]).any(axis=1).mean() > 0.2


def test_stamps_follow_the_rate_from_the_epoch() -> None:
    drive = make_drive("highway-day", seconds=0.2, rate_hz=30.0, epoch_ns=7_000)
    assert [frame.stamp_ns for frame in drive] == [7_000 + round(i * 1e9 / 30) for i in range(6)]


def test_frames_carry_the_name_of_the_camera() -> None:
    frame = make_drive("highway-day", camera="rear_left").render(0)
    assert frame.truth.camera == "rear_left"


def test_the_shortest_drive_has_one_frame() -> None:
    assert len(make_drive("highway-day", seconds=0.001)) == 1


@pytest.mark.parametrize("size_wh", [(333, 217), (200, 400)], ids=["odd", "tall"])
@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_renders_at_any_size(name: str, size_wh: tuple[int, int]) -> None:
    frame = make_drive(name, seconds=6.0, size_wh=size_wh).render(30)
    width, height = size_wh
    assert frame.rgb.shape == (height, width, 3)
    assert frame.labels_mask.shape == (height, width)
    assert frame.rgb.dtype == frame.labels_mask.dtype == np.uint8
    assert frame.rgb.std() > 5


@pytest.mark.parametrize("size_wh", [(31, 90), (160, 31), (8193, 90), (160, 0)])
def test_sizes_out_of_range_are_refused(size_wh: tuple[int, int]) -> None:
    with pytest.raises(SimulationError, match=rf"32\.\.8192 px, got {size_wh[0]}x{size_wh[1]}"):
        make_drive("city-day", size_wh=size_wh)


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, 240.5, float("nan")])
def test_rates_out_of_range_are_refused(rate_hz: float) -> None:
    with pytest.raises(SimulationError, match=f"up to 240 Hz, got {rate_hz}"):
        make_drive("city-day", rate_hz=rate_hz)


@pytest.mark.parametrize("seconds", [0.0, -2.0, float("nan")])
def test_lengths_out_of_range_are_refused(seconds: float) -> None:
    scenario = make_scenario("city-day", seed=1, seconds=1.0)
    with pytest.raises(SimulationError, match=f"above 0 s, got {seconds}"):
        Drive(scenario, seed=1, seconds=seconds)


@pytest.mark.parametrize("name", ["city-day", "residential-day", "highway-day", "parking-lot"])
@pytest.mark.parametrize("seed", [1, 2])
def test_night_is_darker_than_dusk_and_dusk_than_day(name: str, seed: int) -> None:
    day, dusk, night = (
        mean_level(drive_in(name, "overcast", time, seed=seed)) for time in ("day", "dusk", "night")
    )
    assert night < dusk < day


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fog_hides_what_is_far(seed: int) -> None:
    def far_contrast(weather: str) -> float:
        drive = drive_in("highway-day", weather, seed=seed)
        horizon = round(drive.camera.horizon_v)
        return float(drive.render(40).rgb[horizon - 6 : horizon + 6].std())

    assert far_contrast("fog") < 0.6 * far_contrast("clear")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_snow_brightens_the_road(seed: int) -> None:
    def road_level(surface: str) -> float:
        frame = drive_in("residential-day", "overcast", surface=surface, seed=seed).render(0)
        return float(frame.rgb[frame.labels_mask == SemanticClass.ROAD].mean())

    assert road_level("snowy") > road_level("dry") + 10


@pytest.mark.parametrize(
    "name", ["city-day", "residential-day", "highway-day", "highway-night", "tunnel", "parking-lot"]
)
def test_the_ego_drives_on_the_road(name: str) -> None:
    drive = make_drive(name, seed=4)
    for index in (0, len(drive) - 1):
        mask = drive.render(index).labels_mask
        assert mask[-1, mask.shape[1] // 2] == SemanticClass.ROAD


@pytest.mark.parametrize("name", ["residential-day", "highway-day", "highway-fog", "parking-lot"])
def test_the_sky_is_above(name: str) -> None:
    mask = make_drive(name, seed=4).render(0).labels_mask
    below = mask[round(0.7 * len(mask)) :]
    assert (mask[: len(mask) // 5] == SemanticClass.SKY).mean() > 0.3
    assert not (below == SemanticClass.SKY).any()


def test_there_is_no_sky_in_a_tunnel() -> None:
    mask = make_drive("tunnel", seed=4).render(10).labels_mask
    assert not (mask == SemanticClass.SKY).any()
    assert (mask == SemanticClass.STRUCTURE).mean() > 0.3
