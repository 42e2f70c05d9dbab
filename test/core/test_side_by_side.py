from __future__ import annotations

import os
import threading

import pytest

from scene_clip_ros.core.side_by_side import WORTH_SHARING, side_by_side


@pytest.mark.parametrize("count", [0, 1, WORTH_SHARING - 1, WORTH_SHARING, 500])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    assert side_by_side(lambda number: number**2, range(count)) == [n**2 for n in range(count)]


def test_few_items_stay_on_the_calling_thread() -> None:
    threads = side_by_side(lambda _: threading.current_thread(), range(WORTH_SHARING - 1))
    assert set(threads) == {threading.current_thread()}


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one thread")
def test_many_items_are_worked_on_at_once() -> None:
    both_there = threading.Barrier(2)
    together = side_by_side(lambda item: item >= 2 or both_there.wait(60) >= 0, range(50))
    assert all(together)


def test_first_error_is_raised_and_the_threads_go_on() -> None:
    def work(number: int) -> int:
        if number in (7, 30):
            raise ValueError(number)
        return number

    with pytest.raises(ValueError, match=r"^7$"):
        side_by_side(work, range(100))
    assert side_by_side(lambda number: number, range(100)) == list(range(100))
