from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_blocks import StoredFrame
from scene_clip_ros.core.frame_query import (
    MAX_STAMP_NS,
    MIN_STAMP_NS,
    FrameFilter,
    FrameHit,
    spread_hits,
)
from scene_clip_ros.core.smoothing import NS_PER_S

FRAMES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 2), st.integers(-4, 4)), min_size=0, max_size=60
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"window_s": -1.0}, "window_s: expected a number in [0, 1e+09], got -1", id="window"
        ),
        pytest.param(
            {"window_s": math.nan}, "window_s: expected a number in [0, 1e+09], got nan", id="NaN"
        ),
        pytest.param(
            {"min_score": 1.5}, "min_score: expected a number in [-1, 1], got 1.5", id="score"
        ),
        pytest.param(
            {"min_gap_s": -0.5}, "min_gap_s: expected a number in [0, 1e+09], got -0.5", id="gap"
        ),
        pytest.param(
            {"top_k": 0},
            "top_k: expected a whole number in [1, 4294967295], got 0",
            id="no frames wanted",
        ),
        pytest.param(
            {"top_k": 2.5},
            "top_k: expected a whole number in [1, 4294967295], got 2.5",
            id="half a frame wanted",
        ),
        pytest.param(
            {"end_ns": 0.5},
            f"end_ns: expected a whole number in [{MIN_STAMP_NS}, {MAX_STAMP_NS}], got 0.5",
            id="end",
        ),
        pytest.param(
            {"cameras": ("front", " ")},
            "cameras: expected names, none empty, got ('front', ' ')",
            id="camera without a name",
        ),
    ],
)
def test_filter_refuses_bad_values(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        FrameFilter(**options)

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("end_ns", "window_s", "span_ns"),
    [
        pytest.param(None, 0.0, (MIN_STAMP_NS, MAX_STAMP_NS), id="everything"),
        pytest.param(7, 0.0, (MIN_STAMP_NS, 7), id="up to the end"),
        pytest.param(None, 2.0, (3 * NS_PER_S, 5 * NS_PER_S), id="last seconds"),
        pytest.param(4 * NS_PER_S, 1.5, (5 * NS_PER_S // 2, 4 * NS_PER_S), id="seconds to the end"),
        pytest.param(MIN_STAMP_NS + 1, 9.0, (MIN_STAMP_NS, MIN_STAMP_NS + 1), id="before all time"),
    ],
)
def test_filter_tells_what_time_is_searched(
    end_ns: int | None, window_s: float, span_ns: tuple[int, int]
) -> None:
    assert FrameFilter(end_ns=end_ns, window_s=window_s).span_ns(5 * NS_PER_S) == span_ns


def choose(frames: list[tuple[int, int, int]], *, top_k: int, min_gap_s: float) -> list[int]:
    stamps, cameras, scores = (np.array(column) for column in zip(*frames, strict=True))
    return spread_hits(
        stamps * NS_PER_S, cameras, scores / 4, top_k=top_k, min_gap_s=min_gap_s
    ).tolist()


def choose_naively(
    frames: list[tuple[int, int, int]], *, top_k: int, min_gap_s: float
) -> list[int]:
    chosen: list[int] = []
    for row in sorted(range(len(frames)), key=lambda row: -frames[row][2]):
        stamp, camera, _ = frames[row]
        near = [
            other
            for other in chosen
            if frames[other][1] == camera and abs(frames[other][0] - stamp) < min_gap_s
        ]
        if not near and len(chosen) < top_k:
            chosen.append(row)
    return chosen


@given(FRAMES.filter(bool), st.integers(1, 12), st.sampled_from([0.0, 1.0, 2.5, 10.0, 1e9]))
def test_chosen_frames_are_those_of_a_plain_loop(
    frames: list[tuple[int, int, int]], top_k: int, min_gap_s: float
) -> None:
    chosen = choose(frames, top_k=top_k, min_gap_s=min_gap_s)

    assert chosen == choose_naively(frames, top_k=top_k, min_gap_s=min_gap_s)


def test_cameras_do_not_keep_each_other_from_being_chosen() -> None:
    assert choose([(3, 0, 4), (3, 1, 3), (3, 0, 2)], top_k=3, min_gap_s=1.0) == [0, 1]


def test_frames_exactly_a_gap_apart_are_both_chosen() -> None:
    assert choose([(0, 0, 4), (2, 0, 3), (3, 0, 3)], top_k=3, min_gap_s=2.0) == [0, 1]


def test_no_frames_give_no_choice() -> None:
    none = np.empty(0)

    chosen = spread_hits(none.astype(np.int64), none.astype(np.int64), none, top_k=3, min_gap_s=1.0)

    assert chosen.shape == (0,)


def test_hit_names_its_frame() -> None:
    hit = FrameHit(score=0.3, z=4.0, frame=StoredFrame("left", 12, "left_optical", b"jpeg"))

    assert (hit.camera, hit.stamp_ns) == ("left", 12)
