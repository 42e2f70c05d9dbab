from __future__ import annotations

from collections import Counter

from colors import BLUE, RED, color_vocabulary, picture
from four_cameras import CAMERAS, EagerCameras, Turn, compare

from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.pipeline.pipeline import Pipeline


def test_every_camera_that_sends_is_labelled() -> None:
    pipeline = Pipeline(FakeEncoder(), color_vocabulary())
    cameras = EagerCameras(pipeline, [encode_jpeg(picture(color)) for color in (RED, BLUE)])
    one = cameras.run(CAMERAS[:1], seconds=0.0)
    four = cameras.run(CAMERAS, seconds=0.0)
    cameras.stop()
    assert not cameras.errors
    assert set(one.frames) == {CAMERAS[0]}
    assert set(four.frames) == set(CAMERAS)


def turn(*frames: int) -> Turn:
    return Turn(Counter(dict(zip(CAMERAS, frames, strict=False))), seconds=1.0)


def test_four_cameras_must_be_as_fast_as_one_and_share_alike() -> None:
    one = [turn(10), turn(12)]
    assert compare(one, [turn(5, 5, 5, 5), turn(3, 3, 3, 3)], model="").row.met
    assert not compare(one, [turn(2, 2, 2, 2)], model="").row.met
    assert not compare(one, [turn(9, 9, 9, 6)], model="").row.met
