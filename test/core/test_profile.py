from __future__ import annotations

from dataclasses import replace

import pytest

from scene_clip_ros.core.profile import Profile, Setup, StageTimes, advise

SETUP = Setup(
    cameras=1,
    camera_hz=30.0,
    size_wh=(1920, 1080),
    is_compressed=False,
    crops=96,
    device="cpu",
    precision="bf16",
    backend="openvino",
    detector_backend="openvino",
)


def profile(setup: Setup = SETUP, **stages_ms: float) -> Profile:
    """Return a profile with so many milliseconds by stage; ``_`` in a name stands for a space."""
    stages = [StageTimes(name.replace("_", " "), ms, ms) for name, ms in stages_ms.items()]
    return Profile(setup, tuple(stages))


LIGHT = {"decode": 1.0, "scale": 1.0, "image_tower": 3.0, "decide": 1.0}
BOXES = {"propose_regions": 60.0, "scale_crops": 10.0, "image_tower_on_crops": 40.0}


def test_times_of_boxes_are_told_apart() -> None:
    measured = profile(**LIGHT, **BOXES)
    assert (measured.label_ms, measured.box_ms, measured.batch_ms) == (6.0, 110.0, 116.0)
    assert measured.batches_hz == pytest.approx(1000 / 116)
    assert measured.share("propose regions") == pytest.approx(60 / 116)


def test_percentiles_are_those_of_the_times() -> None:
    times = StageTimes.of("decode", [1.0, 2.0, 3.0, 4.0, 100.0])
    assert (times.p50_ms, times.p95_ms) == (3.0, pytest.approx(80.8))


def test_what_keeps_up_needs_no_change() -> None:
    (line,) = advise(profile(**LIGHT))
    assert line.startswith("Nothing")


def test_rate_advised_for_boxes_leaves_every_frame_its_labels() -> None:
    measured = profile(**LIGHT, **BOXES)
    first = advise(measured)[0]
    rate_hz = float(first.split("`boxes.max_rate_hz: ")[1].split("`")[0])
    assert rate_hz > 0
    assert 30 * measured.label_ms + rate_hz * measured.box_ms <= 1000


def test_labels_that_are_too_slow_alone_are_told_with_their_rate() -> None:
    (first, *_) = advise(profile(**{**LIGHT, "image_tower": 94.0}))
    assert first.startswith("Labels alone take 97 ms a batch")
    assert "8.2 Hz" in first


@pytest.mark.parametrize(
    ("changes", "stages", "words"),
    [
        pytest.param({"backend": "torch"}, LIGHT, "pip install onnx openvino", id="torch"),
        pytest.param({"detector_backend": "torch"}, LIGHT, "detector runs with torch", id="one"),
        pytest.param({}, {**LIGHT, **BOXES}, "The detector takes most", id="detector"),
        pytest.param({}, {**LIGHT, "image_tower_on_crops": 90.0}, "96 crops a batch", id="crops"),
        pytest.param({}, {**LIGHT, "image_tower": 90.0}, "precision: int8", id="tower"),
        pytest.param(
            {"is_compressed": True}, {**LIGHT, "decode": 90.0}, "JPEG of 1920x1080", id="jpeg"
        ),
    ],
)
def test_what_takes_most_is_named(
    changes: dict[str, str], stages: dict[str, float], words: str
) -> None:
    advice = advise(profile(replace(SETUP, **changes), **stages))  # type: ignore[arg-type]
    assert any(words in line for line in advice)
