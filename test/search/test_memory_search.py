from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_frames import DIM, EXACT_UNITS, keep, turned

from scene_clip_ros.core.errors import ParameterError, VocabularyError
from scene_clip_ros.core.frame_memory import FrameMemory, MemoryLimits
from scene_clip_ros.core.frame_query import FrameFilter, SearchOutcome
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.memory_search import search

AGELESS = MemoryLimits(max_age_s=86_400.0)
ALONG_X, ALONG_Y = (np.eye(DIM, dtype=np.float32)[axis] for axis in (0, 1))

Row = tuple[str, int, FloatArray]
Found = list[tuple[str, int, float]]


def fill(rows: list[Row], *, block_rows: int) -> FrameMemory:
    memory = FrameMemory(DIM, AGELESS, block_rows=block_rows)
    for camera, second, embedding in rows:
        keep(memory, camera, second * NS_PER_S, embedding, thumbnail=b"%d" % second)
    return memory


def found_in(outcome: SearchOutcome) -> Found:
    return [(hit.camera, hit.stamp_ns // NS_PER_S, hit.score) for hit in outcome.hits]


def search_naively(rows: list[Row], query: FloatArray, wanted: FrameFilter) -> Found:
    """Score every row, then take the best that no better one rules out, one by one."""
    cameras = list(dict.fromkeys(camera for camera, _, _ in rows))
    newest = max((second for _, second, _ in rows), default=0)
    end = newest if wanted.end_ns is None else wanted.end_ns // NS_PER_S
    start = end - wanted.window_s if wanted.window_s else -math.inf
    scored = [
        (camera, second, float(embedding @ query))
        for camera, second, embedding in sorted(rows, key=lambda row: cameras.index(row[0]))
        if start <= second <= end and camera in (wanted.cameras or cameras)
    ]
    found: Found = []
    for camera, second, score in sorted(scored, key=lambda row: -row[2]):
        near = (
            other == camera and abs(second - taken) < wanted.min_gap_s for other, taken, _ in found
        )
        if score >= wanted.min_score and not any(near) and len(found) < wanted.top_k:
            found.append((camera, second, score))
    return found


@st.composite
def drives(draw: st.DrawFn) -> list[Row]:
    """Draw a drive whose pictures stay the same for a while, so that many scores are equal."""
    seed, count = draw(st.integers(0, 10**6)), draw(st.integers(0, 700))
    rng = np.random.default_rng(seed)
    units = np.repeat(rng.integers(len(EXACT_UNITS), size=count // 5 + 1), 5)
    seconds = np.cumsum(rng.integers(0, 2, size=count))
    cameras = rng.choice(list(draw(st.sampled_from(["a", "ab", "abc"]))), size=count)
    return [
        (str(camera), int(second), EXACT_UNITS[unit])
        for camera, second, unit in zip(cameras, seconds, units, strict=False)
    ]


FILTERS = st.builds(
    FrameFilter,
    cameras=st.sampled_from([(), ("a",), ("b", "a"), ("nowhere",)]),
    end_ns=st.sampled_from([None, 0, 100 * NS_PER_S]),
    window_s=st.sampled_from([0.0, 3.0, 60.0]),
    min_score=st.sampled_from([-1.0, 0.0, 0.5, 1.0]),
    min_gap_s=st.sampled_from([0.0, 1.0, 5.0, 100.0]),
    top_k=st.sampled_from([1, 3, 10, 100]),
)


@given(drives(), st.sampled_from(EXACT_UNITS), FILTERS, st.sampled_from([7, 128, 300]))
def test_hits_are_those_of_scoring_every_frame(
    rows: list[Row], query: FloatArray, wanted: FrameFilter, block_rows: int
) -> None:
    outcome = search(fill(rows, block_rows=block_rows).snapshot(), query, wanted)

    assert found_in(outcome) == search_naively(rows, query, wanted)
    assert bool(outcome.hits) or outcome.message
    searched = FrameFilter(
        cameras=wanted.cameras, end_ns=wanted.end_ns, window_s=wanted.window_s, top_k=1000
    )
    assert outcome.searched == len(search_naively(rows, query, searched))


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([0.0, 0.1, 1.0, 40.0, -2.0, 5e3, -5e3])),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([10.0, 60.0]),
)
def test_frame_that_came_last_is_in_the_last_seconds(
    steps: list[tuple[str, float]], window_s: float
) -> None:
    memory = FrameMemory(DIM, MemoryLimits(max_age_s=300.0), block_rows=8)
    stamps_ns = dict.fromkeys("abc", 10**6 * NS_PER_S)
    for camera, elapsed_s in steps:
        stamps_ns[camera] += round(elapsed_s * NS_PER_S)
        keep(memory, camera, stamps_ns[camera], ALONG_X)
    camera = steps[-1][0]

    for cameras in ((), (camera,)):
        wanted = FrameFilter(cameras=cameras, window_s=window_s, top_k=100)
        hits = search(memory.snapshot(), ALONG_X, wanted).hits
        found = [hit.stamp_ns for hit in hits if hit.camera == camera]
        assert stamps_ns[camera] in found
        assert all(stamps_ns[camera] - stamp_ns <= window_s * NS_PER_S for stamp_ns in found)


def test_camera_that_stopped_before_a_jump_back_hides_no_other() -> None:
    memory = FrameMemory(DIM, MemoryLimits(max_age_s=300.0), block_rows=64)
    for second in range(1000, 1010):
        keep(memory, "front", second * NS_PER_S, ALONG_X)
        keep(memory, "rear", second * NS_PER_S, ALONG_X)
    for second in range(900):
        keep(memory, "front", second * NS_PER_S, ALONG_X)

    for cameras in ((), ("front",)):
        wanted = FrameFilter(cameras=cameras, window_s=60.0, top_k=100)
        outcome = search(memory.snapshot(), ALONG_X, wanted)
        assert {(hit.camera, hit.stamp_ns // NS_PER_S) for hit in outcome.hits} == {
            ("front", second) for second in range(839, 900)
        }


@pytest.mark.parametrize("skew_s", [-(10**9), -1000, 1000, 10**9])
def test_last_seconds_are_those_of_every_camera_whatever_its_clock(skew_s: int) -> None:
    memory = FrameMemory(DIM, MemoryLimits(max_age_s=300.0), block_rows=64)
    for second in range(400):
        keep(memory, "front", second * NS_PER_S, ALONG_X)
        keep(memory, "rear", (second + skew_s) * NS_PER_S, ALONG_X)

    hits = search(memory.snapshot(), ALONG_X, FrameFilter(window_s=10.0, top_k=100)).hits

    found = {(hit.camera, hit.stamp_ns // NS_PER_S) for hit in hits}
    for camera, newest in (("front", 399), ("rear", 399 + skew_s)):
        seconds = {second for name, second in found if name == camera}
        assert set(range(newest - 8, newest + 1)) <= seconds <= set(range(newest - 11, newest + 1))


def test_hit_brings_what_is_kept_of_its_frame() -> None:
    memory = fill([("front", 3, ALONG_X)], block_rows=4)

    frame = search(memory.snapshot(), ALONG_X, FrameFilter()).hits[0].frame

    assert (frame.frame_id, frame.thumbnail) == ("front_optical", b"3")


def a_long_drive(shown: int) -> list[Row]:
    """Turn away from the x axis by 60 to 80 degrees; the first frames show it."""
    away = np.random.default_rng(1).normal(70, 3, 300).clip(60, 80)
    return [
        ("front", second, turned(5 if second < shown else float(degrees)))
        for second, degrees in enumerate(away)
    ]


def test_z_is_measured_over_all_frames_of_the_cameras_whatever_their_time() -> None:
    rows = [*a_long_drive(3), *(("left", 300, ALONG_Y) for _ in range(50))]
    wanted = FrameFilter(cameras=("front",), end_ns=9 * NS_PER_S, window_s=8.5, top_k=1)

    outcome = search(fill(rows, block_rows=64).snapshot(), ALONG_X, wanted)

    cosines = [float(row[2].astype(np.float16)[0]) for row in rows if row[0] == "front"]
    assert outcome.searched == 9
    assert outcome.mean == pytest.approx(np.mean(cosines), abs=1e-9)
    assert outcome.deviation == pytest.approx(np.std(cosines), abs=1e-7)
    z = (outcome.hits[0].score - np.mean(cosines)) / np.std(cosines)
    assert outcome.hits[0].z == pytest.approx(z, abs=1e-4)


@pytest.mark.parametrize("shown", [1, 10, 60])
def test_what_is_like_a_picture_stands_out(shown: int) -> None:
    snapshot = fill(a_long_drive(shown), block_rows=64).snapshot()

    assert search(snapshot, ALONG_X, FrameFilter()).message == ""


def test_what_is_like_no_picture_is_given_all_the_same() -> None:
    snapshot = fill(a_long_drive(0), block_rows=64).snapshot()

    outcome = search(snapshot, ALONG_X, FrameFilter(top_k=2))

    assert outcome.message.startswith("nothing matches: the best frame is only ")
    assert len(outcome.hits) == 2


def texts_near(direction: FloatArray) -> FloatArray:
    rows = np.random.default_rng(5).normal(size=(20, DIM)) + 4 * direction
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("shown", [1, 60, 300])
def test_a_text_matches_however_many_frames_show_it(shown: int) -> None:
    snapshot = fill(a_long_drive(shown), block_rows=64).snapshot()
    unrelated = texts_near(ALONG_Y)

    assert search(snapshot, ALONG_X, FrameFilter(), unrelated=unrelated).message == ""


def test_a_text_matches_nothing_that_texts_about_something_else_fit_as_well() -> None:
    snapshot = fill(a_long_drive(0), block_rows=64).snapshot()
    unrelated = texts_near(ALONG_X)

    outcome = search(snapshot, ALONG_X, FrameFilter(top_k=2), unrelated=unrelated)
    pleased = search(snapshot, ALONG_X, FrameFilter(), unrelated=unrelated, min_lead=-100.0)

    assert outcome.message.startswith("nothing matches: the best frame scores ")
    assert len(outcome.hits) == 2
    assert pleased.message == ""


def test_wordings_with_little_in_common_are_no_match_together() -> None:
    snapshot = fill(a_long_drive(0), block_rows=64).snapshot()
    absent = np.random.default_rng(8).normal(size=(2, DIM)).astype(np.float32)
    absent -= (absent @ ALONG_Y)[:, np.newaxis] * ALONG_Y
    absent /= np.linalg.norm(absent, axis=1, keepdims=True)
    unrelated = texts_near(ALONG_X)

    leads = [
        search(snapshot, query, FrameFilter(), unrelated=unrelated).message
        for query in (absent, absent[:1], absent[1:])
    ]

    assert all(message.startswith("nothing matches: ") for message in leads)


def test_texts_about_something_else_of_another_size_are_refused() -> None:
    snapshot = fill(a_long_drive(0), block_rows=64).snapshot()

    with pytest.raises(ParameterError, match=r"query: expected vectors of shape \(Q, "):
        search(snapshot, ALONG_X, FrameFilter(), unrelated=np.eye(DIM + 1, dtype=np.float32))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        pytest.param(
            FrameFilter(cameras=("rear", "left")),
            "no frame of rear, left is in memory",
            id="camera",
        ),
        pytest.param(
            FrameFilter(end_ns=-1),
            "none of the 2 frames in memory is of the time asked for",
            id="time",
        ),
        pytest.param(
            FrameFilter(min_score=0.9, cameras=("front",)),
            "nothing matches: the best of 2 frames of front scores 0.500, "
            "less than the 0.9 asked for",
            id="score",
        ),
    ],
)
def test_answer_without_hits_says_why(wanted: FrameFilter, message: str) -> None:
    rows = [("front", second, EXACT_UNITS[8]) for second in range(2)]

    outcome = search(fill(rows, block_rows=4).snapshot(), ALONG_X, wanted)

    assert (outcome.hits, outcome.message) == ((), message)


def test_empty_memory_says_so() -> None:
    outcome = search(FrameMemory(DIM).snapshot(), ALONG_X, FrameFilter())

    assert (outcome.hits, outcome.searched) == ((), 0)
    assert outcome.message == "no frame is in memory"


def test_several_phrasings_are_averaged() -> None:
    rows = [("front", second, unit) for second, unit in enumerate([ALONG_X, ALONG_Y, turned(45)])]

    outcome = search(
        fill(rows, block_rows=4).snapshot(), np.stack([ALONG_X, ALONG_Y]), FrameFilter(top_k=1)
    )

    assert outcome.hits[0].stamp_ns == 2 * NS_PER_S
    assert outcome.hits[0].score == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param(
            np.ones((2, 3), np.float32),
            r"query: expected vectors of shape \(Q, 4\), got \(2, 3\)",
            id="size",
        ),
        pytest.param(
            np.ones((0, 4), np.float32),
            r"query: expected vectors of shape \(Q, 4\), got \(0, 4\)",
            id="none",
        ),
    ],
)
def test_bad_query_is_refused(query: FloatArray, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        search(FrameMemory(DIM).snapshot(), query, FrameFilter())


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(np.stack([ALONG_X, -ALONG_X]), id="cancel each other"),
        pytest.param(np.stack([ALONG_X, 0 * ALONG_X]), id="zero"),
        pytest.param(np.array([math.nan, 1, 0, 0], np.float32), id="NaN"),
    ],
)
def test_query_without_a_direction_is_refused(query: FloatArray) -> None:
    with pytest.raises(VocabularyError, match="common direction"):
        search(FrameMemory(DIM).snapshot(), query, FrameFilter())


def test_searches_are_right_while_frames_come_and_leave() -> None:
    memory = FrameMemory(8, MemoryLimits(max_frames=300), block_rows=64)
    query = turned(0, 8)

    def write() -> None:
        for step in range(3000):
            keep(memory, "ab"[step % 2], step * NS_PER_S // 30, turned(37 * step, 8))

    def look(wanted: FrameFilter) -> None:
        snapshot = memory.snapshot()
        outcome = search(snapshot, query, wanted)
        rows: list[Any] = [
            (block.camera, stamp_ns, score)
            for block in snapshot.blocks
            for stamp_ns, score in zip(
                block.stamps_ns, block.embeddings @ query.astype(np.float16), strict=True
            )
        ]
        assert outcome.searched == len(rows) <= 300
        best = sorted((float(score) for _, _, score in rows), reverse=True)[: wanted.top_k]
        assert [hit.score for hit in outcome.hits] == pytest.approx(best, abs=2e-3)

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        while not written.done():
            look(FrameFilter(top_k=5))
        written.result()
    look(FrameFilter(top_k=5))
