"""Reading ahead on a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import count, islice

import pytest

from scene_clip_ros.nodes.read_ahead import ReadAhead

TIMEOUT_S = 30.0


def test_items_come_in_order_and_end() -> None:
    with closing(ReadAhead(range(100), depth=3)) as ahead:
        assert list(ahead) == list(range(100))


def test_no_more_than_its_depth_is_read_ahead() -> None:
    made: list[int] = []
    third = threading.Event()

    def numbers() -> Iterator[int]:
        for number in count():
            made.append(number)
            if number == 3:
                third.set()
            yield number

    with closing(ReadAhead(numbers(), depth=2)) as ahead:
        assert next(iter(ahead)) == 0
        assert third.wait(TIMEOUT_S)
        assert made == [0, 1, 2, 3]


def test_an_error_comes_after_the_items_before_it() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        message = "the tape tore"
        raise ValueError(message)

    with closing(ReadAhead(numbers(), depth=8)) as ahead:
        items = iter(ahead)
        assert list(islice(items, 2)) == [1, 2]
        with pytest.raises(ValueError, match="the tape tore"):
            next(items)


def test_closing_ends_a_reader_that_waits_for_room() -> None:
    ahead = ReadAhead(count(), depth=1)

    ahead.close()
    ahead.close()

    assert list(ahead) == []
