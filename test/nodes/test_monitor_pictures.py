"""Which picture the live page shows."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from scene_clip_ros.nodes.monitor_pictures import MATCH_WAIT_S, PICTURES_KEPT, PictureRing


@dataclass(frozen=True)
class Message:
    """As much of a picture message as is looked at."""

    data: bytes = b""


def ring_of(count: int, *, period_s: float = 0.1) -> PictureRing:
    """Return a ring with pictures whose stamps are 1 to ``count``."""
    ring = PictureRing()
    for number in range(1, count + 1):
        ring.add(Message(), stamp_ns=number, received_s=number * period_s)
    return ring


def chosen(ring: PictureRing, *with_boxes: int) -> int | None:
    picture = ring.choose(lambda stamp_ns: stamp_ns in with_boxes)
    return None if picture is None else picture.stamp_ns


def test_without_pictures_there_is_none_to_show() -> None:
    assert chosen(PictureRing()) is None


def test_without_boxes_the_newest_picture_is_shown() -> None:
    assert chosen(ring_of(5)) == 5


def test_the_newest_picture_with_boxes_is_shown() -> None:
    assert chosen(ring_of(5), 2, 3) == 3


def test_boxes_that_come_too_late_are_not_waited_for() -> None:
    ring = ring_of(20)

    assert chosen(ring, 20 - round(MATCH_WAIT_S / 0.1) - 1) == 20


def test_no_picture_is_shown_that_came_before_the_last_one_shown() -> None:
    ring = ring_of(5)
    unmatched = chosen(ring)
    ring.add(Message(), stamp_ns=6, received_s=0.6)
    ring.add(Message(), stamp_ns=7, received_s=0.7)

    assert [unmatched, chosen(ring, 3), chosen(ring, 3, 6)] == [5, 5, 6]


def test_a_picture_that_cannot_be_decoded_is_not_chosen_again() -> None:
    ring = ring_of(3)
    bad = ring.choose(lambda _stamp_ns: False)
    assert bad is not None
    ring.drop(bad)
    ring.add(Message(), stamp_ns=4, received_s=0.4)

    assert chosen(ring, 3) == 4


def test_when_pictures_end_the_time_of_the_last_stays_until_they_are_forgotten() -> None:
    ring = ring_of(3)
    before = ring.received_s()
    ring.clear()

    assert (before is not None, ring.received_s(), chosen(ring)) == (True, None, None)


@given(st.lists(st.integers(0, 400), max_size=60))
def test_pictures_that_wait_are_bounded_in_number_and_bytes(sizes: list[int]) -> None:
    ring = PictureRing(max_bytes=1000)
    for number, size in enumerate(sizes):
        ring.add(Message(b"x" * size), stamp_ns=number, received_s=0.0)

    kept: list[int] = []
    while (picture := ring.choose(lambda _stamp_ns: False)) is not None:
        kept.insert(0, picture.stamp_ns)
        ring.drop(picture)
    assert len(kept) <= PICTURES_KEPT
    assert sum(sizes[number] for number in kept) <= 1000
    assert kept == list(range(len(sizes) - len(kept), len(sizes)))


def test_a_picture_that_is_too_large_is_kept_alone() -> None:
    ring = PictureRing(max_bytes=10)
    for number in range(3):
        ring.add(Message(b"x" * 50), stamp_ns=number, received_s=0.0)

    assert chosen(ring, 1) == 2
