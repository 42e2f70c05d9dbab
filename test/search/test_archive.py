from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from archives import (
    DIM,
    MODEL,
    Drive,
    draw_vectors,
    make_drive,
    replace_part,
    reseal,
    unit,
    write_archive,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from scene_clip_ros.core.errors import ArchiveError, ParameterError, VocabularyError
from scene_clip_ros.core.standing_out import UsualScores
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive import Archive, ArchiveHit
from scene_clip_ros.search.archive_writer import ArchiveWriter
from scene_clip_ros.search.frame_table import encode_frames
from scene_clip_ros.search.segment_rows import SegmentRows

FRONT = make_drive("monday", frames=5000, seed=1)
REAR = replace(make_drive("monday", frames=300, seed=2, camera="rear"), key=FRONT.key)
TUESDAY = make_drive("tuesday", frames=400, seed=3, start_ns=10**13)
DRIVES = (FRONT, REAR, TUESDAY)
"""One segment with lists, and two that are searched exactly."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_archive(tmp_path_factory.mktemp("made") / "a", DRIVES, segment_rows=5000)


@pytest.fixture
def copied(tmp_path: Path, made: Path) -> Path:
    return shutil.copytree(made, tmp_path / "a")


@pytest.fixture(scope="module")
def archive(made: Path) -> Archive:
    return Archive.open(made, model_id=MODEL)


def near(drive: Drive, row: int, *, seed: int = 0) -> FloatArray:
    """Return a query near a frame, ``(1, D)``."""
    noise = unit(np.random.default_rng(seed).standard_normal((1, DIM)))
    return unit(drive.vectors[row : row + 1] + 0.3 * noise)


def half_scores(drive: Drive, query: FloatArray) -> FloatArray:
    scores: FloatArray = drive.vectors.astype(np.float16).astype(np.float32) @ query[0]
    return scores


def answer_slowly(
    query: FloatArray,
    *,
    top_k: int,
    min_score: float = -1.0,
    min_gap_s: float = 0.0,
    sources: tuple[str, ...] = (),
    cameras: tuple[str, ...] = (),
) -> list[float]:
    """Return the scores of the right hits, found by looking at every frame."""
    frames = [
        (float(score), (drive.key.path, drive.camera), stamp_ns)
        for drive in DRIVES
        for score, stamp_ns in zip(half_scores(drive, query), drive.stamps_ns, strict=True)
        if (not sources or drive.key.path in sources)
        and (not cameras or drive.camera in cameras)
        and score >= min_score
    ]
    hits: list[tuple[float, tuple[str, str], int]] = []
    for frame in sorted(frames, reverse=True):
        apart = (
            hit[1] != frame[1] or abs(hit[2] - frame[2]) >= round(min_gap_s * 1e9) for hit in hits
        )
        if len(hits) < top_k and all(apart):
            hits.append(frame)
    return [hit[0] for hit in hits]


def scores_of(hits: list[ArchiveHit]) -> list[float]:
    return [hit.score for hit in hits]


def test_best_frames_are_found_first(archive: Archive) -> None:
    query = near(FRONT, 777)

    hits = archive.search(query, top_k=10)

    assert scores_of(hits) == pytest.approx(answer_slowly(query, top_k=10), abs=1e-4)
    best = int(half_scores(FRONT, query).argmax())
    assert (hits[0].source, hits[0].camera) == (FRONT.key.path, "front")
    assert hits[0].stamp_ns == FRONT.stamps_ns[best]


def test_recall_is_as_stated(archive: Archive) -> None:
    found = []
    for row in range(0, 5000, 50):
        query = near(FRONT, row, seed=row)
        wanted = answer_slowly(query, top_k=10)[-1]
        found += [score >= wanted - 1e-4 for score in scores_of(archive.search(query, top_k=10))]

    assert np.mean(found) >= 0.95


@settings(max_examples=25)
@given(
    row=st.integers(0, 399),
    wanted=st.fixed_dictionaries(
        {
            "top_k": st.integers(1, 40),
            "min_gap_s": st.sampled_from([0.0, 0.1, 1.0, 30.0, 1e6]),
            "min_score": st.sampled_from([-1.0, 0.6, 0.9, 1.0]),
            "cameras": st.sampled_from([(), ("front",), ("rear",), ("front", "rear")]),
        }
    ),
)
def test_exact_segments_give_what_looking_at_every_frame_gives(
    archive: Archive, row: int, wanted: dict[str, Any]
) -> None:
    query = near(TUESDAY, row, seed=row)
    wanted = {"sources": (TUESDAY.key.path,)} | wanted

    hits = archive.search(query, **wanted)

    assert scores_of(hits) == pytest.approx(answer_slowly(query, **wanted), abs=1e-4)


@pytest.mark.parametrize("top_k", [1, 10, 100])
@pytest.mark.parametrize("min_gap_s", [0.5, 5.0, 60.0, 1e5])
def test_hits_of_lists_lie_apart_and_none_better_is_left_out(
    archive: Archive, top_k: int, min_gap_s: float
) -> None:
    query = near(FRONT, 2500)
    wanted = answer_slowly(query, top_k=top_k, min_gap_s=min_gap_s)

    hits = archive.search(query, top_k=top_k, min_gap_s=min_gap_s)

    # Lists that few of the best frames are in may not be read, and hold some of the later hits.
    surely = -(-len(wanted) // 2)
    assert scores_of(hits)[:surely] == pytest.approx(wanted[:surely], abs=1e-4)
    assert scores_of(hits) == pytest.approx(wanted, abs=0.05)
    for camera in ("front", "rear"):
        for source in (FRONT.key.path, TUESDAY.key.path):
            stamps = sorted(
                hit.stamp_ns for hit in hits if (hit.source, hit.camera) == (source, camera)
            )
            assert all(np.diff(stamps) >= min_gap_s * 1e9)


def test_more_hits_than_lists_were_read_for_are_all_found(archive: Archive) -> None:
    hits = archive.search(near(FRONT, 0), top_k=10_000)

    assert len(hits) == 5700
    assert scores_of(hits) == sorted(scores_of(hits), reverse=True)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"cameras": ("rear",)}, {(REAR.key.path, "rear")}),
        ({"sources": (TUESDAY.key.path,)}, {(TUESDAY.key.path, "front")}),
        ({"cameras": ("front",)}, {(FRONT.key.path, "front"), (TUESDAY.key.path, "front")}),
        ({"sources": (TUESDAY.key.path,), "cameras": ("rear",)}, set()),
    ],
    ids=["camera", "source", "camera of two sources", "camera that the source lacks"],
)
def test_only_what_was_asked_for_is_found(
    archive: Archive, wanted: dict[str, tuple[str, ...]], expected: set[tuple[str, str]]
) -> None:
    query = near(FRONT, 4)

    hits = archive.search(query, top_k=6000, **wanted)

    assert {(hit.source, hit.camera) for hit in hits} == expected
    assert len(hits) == sum(
        len(drive.stamps_ns) for drive in DRIVES if (drive.key.path, drive.camera) in expected
    )


def test_few_frames_among_many_are_found_by_camera(tmp_path: Path) -> None:
    path = tmp_path / "a"
    rare = replace(REAR, stamps_ns=REAR.stamps_ns[:20], vectors=REAR.vectors[:20])
    write_archive(path, [FRONT, rare])

    with Archive.open(path) as archive:
        assert len(archive.segments) == 1
        hits = archive.search(near(FRONT, 10), top_k=10, cameras=("rear",))

    assert scores_of(hits) == pytest.approx(
        -np.sort(-half_scores(rare, near(FRONT, 10)))[:10], abs=1e-4
    )


FILTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "all": {},
    "camera": {"cameras": ("rear",)},
    "camera of two sources": {"cameras": ("front",)},
    "source": {"sources": (FRONT.key.path,)},
    "camera of a source": {"cameras": ("front",), "sources": (FRONT.key.path,)},
}


def every_score(query: FloatArray, wanted: Mapping[str, tuple[str, ...]]) -> FloatArray:
    """Return the cosines of all frames that are searched."""
    scores: FloatArray = np.concatenate(
        [
            half_scores(drive, query)
            for drive in DRIVES
            if drive.camera in wanted.get("cameras", (drive.camera,))
            and drive.key.path in wanted.get("sources", (drive.key.path,))
        ]
    ).astype(np.float64)
    return scores


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write both cameras of a source into the same lists."""
    return write_archive(tmp_path_factory.mktemp("mixed") / "a", DRIVES)


@pytest.mark.parametrize("layout", ["made", "mixed"])
@pytest.mark.parametrize("top_k", [10, 5000])
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS.keys())
def test_z_counts_deviations_above_all_frames_that_are_searched(
    request: pytest.FixtureRequest, layout: str, wanted: dict[str, Any], top_k: int
) -> None:
    query = near(FRONT, 9)
    every = every_score(query, wanted)

    with Archive.open(request.getfixturevalue(layout)) as archive:
        hits = archive.search(query, top_k=top_k, **wanted)

    for hit in hits:
        assert hit.z == pytest.approx((hit.score - every.mean()) / every.std(), abs=1e-3)


def test_z_of_a_part_of_a_large_archive_comes_from_a_sample(mixed: Path) -> None:
    query = near(FRONT, 9)
    every = every_score(query, {"cameras": ("front",)})

    with Archive.open(mixed, exact_rows=5299) as archive:
        hits = archive.search(query, cameras=("front",))

    for hit in hits:
        z = (hit.score - every.mean()) / every.std()
        assert hit.z == pytest.approx(z, abs=0.15)
        assert hit.z != pytest.approx(z, abs=1e-4)


def test_z_does_not_count_frames_of_a_file_that_has_changed(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", [FRONT, REAR, TUESDAY])
    changed = replace(FRONT, key=replace(FRONT.key, mtime_ns=9), stamps_ns=FRONT.stamps_ns[:9])
    write_archive(path, [replace(changed, vectors=FRONT.vectors[:9])])
    query = near(TUESDAY, 9)
    left = [half_scores(TUESDAY, query), half_scores(FRONT, query)[:9]]
    every = np.concatenate(left).astype(np.float64)

    with Archive.open(path) as archive:
        hits = archive.search(query, top_k=3)
        usual = archive.usual_scores(query)
        count = len(archive)

    assert count == usual.frames == 409
    assert usual.median == pytest.approx(np.median(every), abs=1e-4)
    for hit in hits:
        assert hit.z == pytest.approx((hit.score - every.mean()) / every.std(), abs=1e-3)


def test_several_queries_ask_for_their_mean(archive: Archive) -> None:
    queries = np.concatenate([near(FRONT, 9), near(FRONT, 2000)])

    hits = archive.search(queries, top_k=5)

    mean = unit(queries.mean(axis=0, keepdims=True))
    assert scores_of(hits) == pytest.approx(scores_of(archive.search(mean, top_k=5)), abs=1e-6)


@pytest.mark.parametrize("layout", ["made", "mixed"])
@pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS.keys())
def test_usual_scores_are_those_of_the_frames_that_are_searched(
    request: pytest.FixtureRequest, layout: str, wanted: dict[str, Any]
) -> None:
    query = near(FRONT, 9)
    right = UsualScores.of(every_score(query, wanted))

    with Archive.open(request.getfixturevalue(layout)) as archive:
        usual = archive.usual_scores(query, **wanted)

    assert 300 <= usual.frames <= right.frames
    assert usual.median == pytest.approx(right.median, abs=0.1 * right.spread)
    assert usual.spread == pytest.approx(right.spread, rel=0.1)


@pytest.mark.parametrize("frames", [300, 4095, 4096, 5119, 20_000])
def test_usual_scores_come_from_enough_frames(tmp_path: Path, frames: int) -> None:
    drive = make_drive("long", frames=frames, seed=5)
    query = near(drive, 9)
    right = UsualScores.of(half_scores(drive, query))

    with Archive.open(write_archive(tmp_path / "a", [drive])) as archive:
        usual = archive.usual_scores(query)

    assert usual.frames >= min(frames, 1024)
    assert usual.median == pytest.approx(right.median, abs=0.1 * right.spread)


def test_frames_of_small_and_large_segments_are_as_usual_as_each_other(tmp_path: Path) -> None:
    front = replace(FRONT, vectors=np.tile(unit(np.eye(DIM)[:1]), (5000, 1)))
    others = np.tile(unit(np.eye(DIM)[1:2]), (2000, 1))
    rear = make_drive("rear", frames=2000, start_ns=10**14)
    write_archive(tmp_path / "a", [front, replace(rear, vectors=others)], segment_rows=5000)

    with Archive.open(tmp_path / "a") as archive:
        usual = archive.usual_scores(unit(np.eye(DIM)[:1] + 0.5 * np.eye(DIM)[1:2]))

    assert len(archive.segments) == 2
    assert usual.median == pytest.approx(2 / 5**0.5, abs=1e-3)


@pytest.mark.parametrize("layout", ["made", "mixed"])
@pytest.mark.parametrize("row", [0, 9, 2000])
def test_the_frame_of_a_hit_is_scored_with_other_queries(
    request: pytest.FixtureRequest, layout: str, row: int
) -> None:
    queries = np.concatenate([near(TUESDAY, 3), near(REAR, 50), near(FRONT, row)])

    with Archive.open(request.getfixturevalue(layout)) as archive:
        (hit,) = archive.search(
            near(FRONT, row), top_k=1, sources=(FRONT.key.path,), cameras=("front",)
        )
        scores = archive.frame_scores(hit, queries)

    found = FRONT.stamps_ns.index(hit.stamp_ns)
    frame = FRONT.vectors[found].astype(np.float16).astype(np.float32)
    assert scores == pytest.approx(queries @ frame, abs=1e-5)
    assert scores[2] == pytest.approx(hit.score, abs=1e-6)


def test_frames_with_the_same_stamp_are_told_apart(tmp_path: Path) -> None:
    still = replace(TUESDAY, stamps_ns=[5] * len(TUESDAY.stamps_ns))
    with Archive.open(write_archive(tmp_path / "a", [still])) as archive:
        (hit,) = archive.search(near(TUESDAY, 300), top_k=1)

        assert archive.frame_scores(hit, near(TUESDAY, 300)) == pytest.approx(hit.score, abs=1e-6)


def test_a_frame_that_is_lost_meanwhile_has_no_scores(copied: Path) -> None:
    with Archive.open(copied) as archive:
        (hit,) = archive.search(near(REAR, 3), top_k=1, sources=(FRONT.key.path,))
        flip_everywhere(copied / "segments" / hit.place.segment / "vectors.bin")
        archive.verify()

        assert len(archive.frame_scores(hit, near(REAR, 3))) == 0


def test_a_frame_whose_list_is_damaged_has_no_scores_and_is_named(copied: Path) -> None:
    with Archive.open(copied) as archive:
        (hit,) = archive.search(near(TUESDAY, 3), top_k=1, sources=(TUESDAY.key.path,))
    flip_everywhere(copied / "segments" / hit.place.segment / "vectors.bin")

    with Archive.open(copied) as archive:
        assert len(archive.frame_scores(hit, near(TUESDAY, 3))) == 0
        (problem,) = archive.problems
        assert archive.search(near(TUESDAY, 3), sources=(TUESDAY.key.path,)) == []

    assert "vectors.bin: expected " in problem


def test_what_is_usual_is_told_of_the_rest_when_a_recording_is_lost(copied: Path) -> None:
    both = (FRONT.key.path, TUESDAY.key.path)
    flip_everywhere(copied / "segments" / "000003" / "vectors.bin")

    with Archive.open(copied) as archive:
        hits = archive.search(near(TUESDAY, 3), sources=both)
        usual = archive.usual_scores(near(TUESDAY, 3), sources=both)

    assert {hit.source for hit in hits} == {FRONT.key.path}
    assert usual.frames > 0


def flip_everywhere(path: Path) -> None:
    path.write_bytes(bytes(byte ^ 1 for byte in path.read_bytes()))


def test_other_queries_of_another_size_are_refused(archive: Archive) -> None:
    (hit,) = archive.search(near(TUESDAY, 3), top_k=1)

    with pytest.raises(ArchiveError, match=r"expected queries of shape \(Q, 16\), got \(1, 17\)"):
        archive.frame_scores(hit, np.eye(1, DIM + 1, dtype=np.float32))


def test_archive_tells_what_it_holds(archive: Archive) -> None:
    assert len(archive) == 5700
    assert archive.sources == (FRONT.key.path, TUESDAY.key.path)
    assert archive.cameras == ("front", "rear")
    assert (archive.model_id, archive.dim, archive.problems) == (MODEL, DIM, ())


def test_search_with_another_model_is_refused_with_both_names(made: Path) -> None:
    with pytest.raises(ArchiveError, match="its own model made-up/1, got one with other/2"):
        Archive.open(made, model_id="other/2")


@pytest.mark.parametrize(
    ("queries", "reason"),
    [
        (np.ones((1, DIM + 1), np.float32), r"shape \(Q, 16\), got \(1, 17\)"),
        (np.ones(DIM, np.float32), r"shape \(Q, 16\), got \(16,\)"),
        (np.empty((0, DIM), np.float32), r"shape \(Q, 16\), got \(0, 16\)"),
    ],
    ids=["size", "one axis", "none"],
)
def test_what_is_no_query_is_refused(archive: Archive, queries: FloatArray, reason: str) -> None:
    with pytest.raises(ArchiveError, match=reason):
        archive.search(queries)


@pytest.mark.parametrize(
    "queries",
    [
        np.eye(2, DIM, dtype=np.float32)[[0, 0]] * [[1], [-1]],
        np.full((1, DIM), np.nan, np.float32),
    ],
    ids=["opposite", "nan"],
)
def test_query_without_a_direction_is_refused(archive: Archive, queries: FloatArray) -> None:
    with pytest.raises(VocabularyError, match="common direction"):
        archive.search(queries)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"top_k": 0}, "top_k"),
        ({"min_score": 1.1}, "min_score"),
        ({"min_gap_s": -1.0}, "min_gap_s"),
        ({"cameras": ("left",)}, "camera: expected one of front, rear, got left"),
        ({"sources": ("x",)}, "source: expected one of /drives/monday.mcap, /drives/tuesday"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_filter_that_cannot_be_is_refused(
    archive: Archive, wanted: dict[str, object], reason: str
) -> None:
    with pytest.raises(ParameterError, match=reason):
        archive.search(near(FRONT, 0), **wanted)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def lose(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [cut, flip, lose])
@pytest.mark.parametrize("name", ["segment.json", "index.bin", "vectors.bin", "frames.parquet"])
@pytest.mark.parametrize("left", [700, 5000], ids=["lists", "exact"])
def test_damaged_file_is_named_and_the_rest_answers(
    copied: Path, name: str, damage: Callable[[Path], None], *, left: int
) -> None:
    number = {700: 1, 5000: 3}[left]
    damage(copied / "segments" / f"{number:06d}" / name)

    with Archive.open(copied, model_id=MODEL) as archive:
        hits = archive.search(near(TUESDAY, 3), top_k=10_000)
        (problem,) = archive.problems

    assert f"segments/{number:06d}/{name}: expected " in problem
    assert len(hits) == left


def test_verifying_finds_damage_that_no_search_has_met(copied: Path) -> None:
    flip(copied / "segments" / "000001" / "vectors.bin")

    with Archive.open(copied) as archive:
        assert archive.problems == ()
        (problem,) = archive.verify()
        assert "000001/vectors.bin" in problem
        assert len(archive) == 700


def test_whole_archive_is_verified(archive: Archive) -> None:
    assert archive.verify() == ()


def bad_parquet(segment: Path) -> None:
    replace_part(segment, "frames.parquet", b"PAR1 no table PAR1")


def other_rows(segment: Path) -> None:
    count = np.arange(10)
    rows = SegmentRows(
        draw_vectors(0, 10).astype(np.float16), count, count * 0, count * 0, ("a",), ("b",)
    )
    replace_part(segment, "frames.parquet", bytes(encode_frames(rows)))


def other_size(segment: Path) -> None:
    reseal(segment / "segment.json", {"dim": DIM * 2})


def other_model(segment: Path) -> None:
    reseal(segment / "segment.json", {"model_id": "other/2"})


def other_lists(segment: Path) -> None:
    reseal(segment / "segment.json", {"lists": 65})


def infinite_centroids(segment: Path) -> None:
    content = bytearray((segment / "index.bin").read_bytes())
    content[71 * 8 : 71 * 8 + 4] = np.float32(np.inf).tobytes()
    replace_part(segment, "index.bin", bytes(content))


def other_list_rows(segment: Path) -> None:
    content = bytearray((segment / "index.bin").read_bytes())
    content[:4] = np.uint32(2**32 - 1).tobytes()
    replace_part(segment, "index.bin", bytes(content))


def other_version(segment: Path) -> None:
    reseal(segment / "segment.json", {"format": 9})


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (bad_parquet, "frames.parquet: expected a Parquet file"),
        (other_rows, "frames.parquet: expected 5000 rows in 1 group, got 10"),
        (other_size, r"expected embeddings of the model made-up/1 \(size 16\), got .* \(size 32\)"),
        (other_model, "made-up/1 .* got those of other/2"),
        (other_lists, "index.bin: expected .* bytes for its lists"),
        (infinite_centroids, "index.bin: expected finite centroids"),
        (other_list_rows, "index.bin: expected lists of 5000 rows in all, got 4294"),
        (other_version, "segment.json: expected format 1, got 9"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_segment_with_right_checksums_that_makes_no_sense_is_left_out(
    copied: Path, damage: Callable[[Path], None], reason: str
) -> None:
    damage(copied / "segments" / "000001")

    with Archive.open(copied, model_id=MODEL) as archive:
        assert len(archive.search(near(TUESDAY, 3), top_k=10_000)) == 700
        assert len(archive.problems) == 1
        with pytest.raises(ArchiveError, match=reason):
            raise ArchiveError(archive.problems[0])


def test_segment_that_is_gone_is_told(copied: Path) -> None:
    shutil.rmtree(copied / "segments" / "000003")

    with Archive.open(copied) as archive:
        assert archive.problems == (f"{copied}/segments/000003: expected a segment, got none",)
        assert len(archive) == 5000


@pytest.mark.parametrize("damage", [cut, flip, lose])
def test_archive_opens_without_its_manifest(copied: Path, damage: Callable[[Path], None]) -> None:
    damage(copied / "archive.json")

    with Archive.open(copied) as archive:
        assert (archive.model_id, archive.dim, len(archive)) == (MODEL, DIM, 5700)
        assert "archive.json" in archive.problems[0]
    with pytest.raises(ArchiveError, match="got one with other/2"):
        Archive.open(copied, model_id="other/2")


def test_archive_of_another_format_is_refused(copied: Path) -> None:
    reseal(copied / "archive.json", {"format": 2})

    with pytest.raises(ArchiveError, match=r"archive.json: expected format 1, got 2"):
        Archive.open(copied)


def test_empty_archive_finds_nothing(tmp_path: Path) -> None:
    ArchiveWriter(tmp_path / "a", model_id=MODEL, dim=DIM).close()

    with Archive.open(tmp_path / "a", model_id=MODEL) as archive:
        assert archive.search(draw_vectors(0, 1)) == []
        assert archive.usual_scores(draw_vectors(0, 1)).frames == 0
        assert len(archive) == 0


@pytest.mark.parametrize("kind", ["nothing", "a file", "a folder"])
def test_what_is_no_archive_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    if kind == "a file":
        path.write_bytes(b"x")
    elif kind == "a folder":
        path.mkdir()

    with pytest.raises(ArchiveError, match=f"a: expected an archive, got {kind}"):
        Archive.open(path)


def test_archive_is_opened_as_it_is_while_a_writer_adds_to_it(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", [TUESDAY])
    key, done = REAR.key, Event()

    def write() -> None:
        with ArchiveWriter(path, model_id=MODEL, dim=DIM) as writer:
            writer.add_source(key)
            for row in range(12):
                writer.append(key, "rear", [row], REAR.vectors[row : row + 1])
                writer.flush()
        done.set()

    with ThreadPoolExecutor(1) as executor:
        writing = executor.submit(write)
        seen = [400]
        while not done.is_set() and not writing.done():
            with Archive.open(path) as archive:
                assert archive.problems == ()
                seen.append(len(archive))
        writing.result()

    assert seen == sorted(seen)
    with Archive.open(path) as archive:
        assert len(archive) == 412


def test_readers_see_what_was_finished_while_a_writer_goes_on(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", [TUESDAY])
    with ArchiveWriter(path, model_id=MODEL, dim=DIM) as writer, Archive.open(path) as before:
        writer.add_source(REAR.key)
        writer.append(REAR.key, "rear", REAR.stamps_ns, REAR.vectors)
        assert len(before.search(near(REAR, 0), top_k=1000)) == 400
        writer.finish_source(REAR.key)
        with Archive.open(path) as after:
            assert len(after.search(near(REAR, 0), top_k=1000)) == 700
        assert len(before.search(near(REAR, 0), top_k=1000)) == 400


def test_frames_of_a_file_that_has_changed_are_not_found_any_more(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", [TUESDAY, REAR])
    key = replace(TUESDAY.key, mtime_ns=99)
    again = replace(TUESDAY, key=key, stamps_ns=[5, 6], vectors=TUESDAY.vectors[:2])
    write_archive(path, [again])

    with Archive.open(path) as archive:
        hits = archive.search(near(TUESDAY, 3), top_k=1000)

    stamps = [hit.stamp_ns for hit in hits if hit.source == key.path]
    assert sorted(stamps) == [5, 6]
    assert len(hits) == 302


def test_frame_that_is_there_twice_is_found_once(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a", [REAR])
    (path / "archive.json").unlink()
    shutil.copytree(path / "segments" / "000001", path / "segments" / "000002")

    with Archive.open(path) as archive:
        hits = archive.search(near(REAR, 3), top_k=1000)

    assert sorted(hit.stamp_ns for hit in hits) == REAR.stamps_ns
