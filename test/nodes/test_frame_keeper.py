"""Frames are kept with small pictures, and only those that differ are encoded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from colors import GREEN, NS, RED, picture

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.functions import EVERY_FUNCTION
from scene_clip_ros.core.types import FloatArray, FrameResult
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.nodes import frame_keeper
from scene_clip_ros.nodes.frame_keeper import FrameKeeper
from scene_clip_ros.nodes.parameters.memory import MemoryParameters

HD = (1280, 720)


def result(rgb: tuple[int, int, int], t_s: float) -> FrameResult:
    embedding = FakeEncoder().encode_images([picture(rgb)])[0]
    return FrameResult("front", round(t_s * NS), embedding, (), ())


def thumbnails(keeper: FrameKeeper) -> list[bytes]:
    return [
        block.frame(row).thumbnail
        for block in keeper.snapshot().blocks
        for row in range(len(block))
    ]


@pytest.mark.parametrize(("height", "expected_wh"), [(120, (213, 120)), (1080, HD)])
def test_a_thumbnail_has_the_height_asked_for_or_that_of_the_picture(
    height: int, expected_wh: tuple[int, int]
) -> None:
    keeper = FrameKeeper(32, MemoryParameters(thumbnail_height_px=height))

    keeper.keep(result(RED, 1), picture(RED, size_wh=HD), frame_id="optical")

    (thumbnail,) = thumbnails(keeper)
    assert decode_compressed(thumbnail).shape == (expected_wh[1], expected_wh[0], 3)


@pytest.mark.parametrize("rgb", [None, picture(RED)], ids=["no picture", "no height"])
def test_frames_are_kept_without_a_thumbnail_where_there_is_none(rgb: np.ndarray | None) -> None:
    keeper = FrameKeeper(32, MemoryParameters(thumbnail_height_px=0 if rgb is not None else 60))

    keeper.keep(result(RED, 1), rgb, frame_id="optical")

    assert thumbnails(keeper) == [b""]


def test_no_picture_is_encoded_of_a_near_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[dict[str, object]] = []
    monkeypatch.setattr(
        frame_keeper, "encode_jpeg", lambda _rgb, **options: encoded.append(options) or b"jpeg"
    )
    keeper = FrameKeeper(32, MemoryParameters())

    for rgb, t_s in ((RED, 1.0), (RED, 1.1), (GREEN, 1.2), (GREEN, 1.3), (GREEN, 1.8)):
        keeper.keep(result(rgb, t_s), picture(rgb), frame_id="optical")

    assert len(encoded) == len(keeper.snapshot()) == 3
    assert keeper.statistics() is not None
    assert keeper.statistics().duplicates == 2


def test_nothing_is_kept_while_switched_off() -> None:
    keeper = FrameKeeper(32, MemoryParameters())
    keeper.keep(result(RED, 1), picture(RED), frame_id="optical")

    keeper.apply(MemoryParameters(enabled=False))
    forgotten = len(keeper.snapshot())
    keeper.keep(result(RED, 2), picture(RED), frame_id="optical")
    off = len(keeper.snapshot()), keeper.statistics()
    keeper.apply(MemoryParameters())
    keeper.keep(result(RED, 3), picture(RED), frame_id="optical")

    assert (forgotten, off, len(keeper.snapshot())) == (0, (0, None), 1)


@pytest.mark.parametrize(
    "embedding",
    [np.empty(0, np.float32), FakeEncoder().encode_texts(["red"])[0]],
    ids=["not embedded", "embedded for another function"],
)
def test_a_frame_that_is_not_for_the_memory_is_passed_over(embedding: FloatArray) -> None:
    keeper = FrameKeeper(32, MemoryParameters())
    others = EVERY_FUNCTION - {"memory"}

    passed_over = replace(result(RED, 1), embedding=embedding, functions=others)
    keeper.keep(passed_over, picture(RED), frame_id="optical")

    assert len(keeper.snapshot()) == 0


def test_a_memory_too_small_for_a_camera_is_refused() -> None:
    with pytest.raises(ParameterError, match="max_bytes: expected at least"):
        FrameKeeper(32, MemoryParameters(max_bytes=1000))
