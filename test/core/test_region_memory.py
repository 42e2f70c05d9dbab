from __future__ import annotations

import numpy as np
import pytest

from scene_clip_ros.core.region_memory import RegionMemory
from scene_clip_ros.core.types import FloatArray, ImageArray

S = 1_000_000_000
BOXES = np.array([[10, 10, 30, 50], [60, 20, 100, 40]], np.float32)
ROWS = np.eye(2, 4, dtype=np.float32)


def street(seed: int = 0) -> ImageArray:
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 12, 3), np.uint8)
    return np.kron(coarse, np.ones((10, 10, 1), np.uint8))


def memory_of(
    rgb: ImageArray, boxes: FloatArray = BOXES, *, max_age_s: float = 1.0
) -> RegionMemory:
    memory = RegionMemory(max_age_s)
    rows = memory.recall(0, rgb, boxes)
    assert rows.tolist() == [-1] * len(boxes)
    memory.keep(0, rgb, boxes, embeddings=ROWS[: len(boxes)], rows=rows)
    return memory


def test_what_has_not_changed_is_known() -> None:
    memory = memory_of(street())
    rows = memory.recall(S // 2, street(), BOXES[::-1])
    assert rows.tolist() == [1, 0]
    np.testing.assert_array_equal(memory.embeddings(rows), ROWS[::-1])


def test_noise_and_a_jittering_box_are_no_change() -> None:
    memory = memory_of(street())
    noise = np.random.default_rng(1).normal(0, 3, street().shape)
    noisy = np.clip(street() + noise, 0, 255).astype(np.uint8)
    assert memory.recall(1, noisy, BOXES + np.float32(0.4)).tolist() == [0, 1]


def test_only_what_has_changed_is_not_known() -> None:
    memory = memory_of(street())
    changed = street()
    changed[20:40, 60:100] = 255 - changed[20:40, 60:100]
    assert memory.recall(1, changed, BOXES).tolist() == [0, -1]


def test_what_changes_slowly_is_noticed_in_the_end() -> None:
    rgb = np.full((80, 120, 3), 100, np.uint8)
    memory = memory_of(rgb)
    known = []
    for step in range(1, 10):
        brighter = rgb + np.uint8(2 * step)
        rows = memory.recall(step, brighter, BOXES)
        memory.keep(step, brighter, BOXES, embeddings=ROWS, rows=rows)
        known.append(bool((rows >= 0).all()))
    assert known[0]
    assert not all(known)


@pytest.mark.parametrize(
    ("stamp_ns", "is_known"),
    [(S, True), (S + 1, False), (-1, False)],
    ids=["in time", "too late", "time jumped back"],
)
def test_embeddings_age(stamp_ns: int, *, is_known: bool) -> None:
    memory = memory_of(street())
    assert (memory.recall(stamp_ns, street(), BOXES) >= 0).all() == is_known


def test_age_counts_from_the_frame_that_was_embedded() -> None:
    memory = memory_of(street())
    for stamp_ns in (S // 2, S):
        rows = memory.recall(stamp_ns, street(), BOXES)
        memory.keep(stamp_ns, street(), BOXES, embeddings=ROWS, rows=rows)
    assert (memory.recall(S + 1, street(), BOXES) < 0).all()


def test_other_places_and_other_sizes_are_not_known() -> None:
    memory = memory_of(street())
    assert (memory.recall(1, street(), BOXES + np.float32(8)) < 0).all()
    assert (memory.recall(1, street()[:70], BOXES) < 0).all()


def test_regions_that_were_not_seen_again_are_forgotten() -> None:
    memory = memory_of(street())
    rows = memory.recall(1, street(), BOXES[:1])
    memory.keep(1, street(), BOXES[:1], embeddings=ROWS[:1], rows=rows)
    assert memory.recall(2, street(), BOXES).tolist() == [0, -1]


def test_nothing_is_known_while_off_or_after_forgetting() -> None:
    assert (memory_of(street(), max_age_s=0.0).recall(0, street(), BOXES) < 0).all()
    memory = memory_of(street())
    memory.forget()
    assert (memory.recall(1, street(), BOXES) < 0).all()


def test_frames_without_regions_are_no_obstacle() -> None:
    none = np.empty((0, 4), np.float32)
    memory = memory_of(street(), none)
    assert memory.recall(1, street(), none).shape == (0,)
    assert memory.recall(1, street(), BOXES).tolist() == [-1, -1]
