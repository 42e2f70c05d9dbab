"""What is embedded of a picture that was decoded at a fraction of its size."""

from __future__ import annotations

import json

import pytest
from rendered import make_drive

from scene_clip_ros.media.compressed import decode_compressed, encode_jpeg
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.models.model_source import EMBEDDED_CONFIG
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.pipeline.pipeline import OVERSAMPLING


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_open_clip("embedded", device="cpu", precision="fp32")


def test_an_encoder_tells_the_shorter_side_of_its_input(encoder: Encoder) -> None:
    config = json.loads(EMBEDDED_CONFIG.read_text())
    assert f'"image_size": {encoder.info.input_side}' in json.dumps(config)


@pytest.mark.parametrize("scenario", ["city-day", "highway-night", "residential-snow"])
def test_a_reduced_picture_is_embedded_as_the_whole_one(encoder: Encoder, scenario: str) -> None:
    rgb = make_drive(scenario, size_wh=(1920, 1080), seconds=1.0).render(5).rgb
    jpeg = encode_jpeg(rgb, quality=90)
    whole = decode_compressed(jpeg)
    reduced = decode_compressed(jpeg, min_side=OVERSAMPLING * encoder.info.input_side)
    first, second = encoder.encode_images([whole, reduced])
    assert reduced.shape[0] * 2 <= whole.shape[0]
    assert first @ second >= 0.999
