"""Work waits for its turn, up to a bound."""

from __future__ import annotations

import threading

import pytest

from scene_clip_ros.core.errors import ServiceError
from scene_clip_ros.nodes.bounded_worker import BoundedWorker

TIMEOUT_S = 30.0


def test_calls_run_one_after_the_other_on_one_other_thread() -> None:
    worker = BoundedWorker("test", max_calls=5)
    done: list[int] = []

    futures = [
        worker.submit(lambda n=n: (done.append(n), threading.get_ident())[1]) for n in range(5)
    ]
    threads = {future.result(TIMEOUT_S) for future in futures}

    assert done == [0, 1, 2, 3, 4]
    assert len(threads) == 1
    assert threading.get_ident() not in threads
    worker.stop()


def test_more_than_may_wait_is_refused_until_there_is_room() -> None:
    worker = BoundedWorker("test", max_calls=2)
    go = threading.Event()
    first, second = worker.submit(lambda: go.wait(TIMEOUT_S)), worker.submit(lambda: "done")

    for ask in (lambda: worker.submit(lambda: "too much"), worker.require_room):
        with pytest.raises(ServiceError, match="at most 2 requests at a time, got one more"):
            ask()
    go.set()

    assert (first.result(TIMEOUT_S), second.result(TIMEOUT_S)) == (True, "done")
    worker.require_room()
    assert worker.submit(lambda: "again").result(TIMEOUT_S) == "again"
    worker.stop()


def test_a_call_that_fails_makes_room_and_tells_why() -> None:
    worker = BoundedWorker("test", max_calls=1)

    with pytest.raises(ZeroDivisionError):
        worker.submit(lambda: 1 // 0).result(TIMEOUT_S)

    assert worker.submit(lambda: "next").result(TIMEOUT_S) == "next"
    worker.stop()


def test_stopping_cancels_what_waits_and_refuses_what_comes() -> None:
    worker = BoundedWorker("test", max_calls=2)
    started, go = threading.Event(), threading.Event()
    running = worker.submit(lambda: (started.set(), go.wait(TIMEOUT_S))[1])
    assert started.wait(TIMEOUT_S)
    waiting = worker.submit(lambda: "never")

    worker.stop()
    go.set()

    assert waiting.cancelled()
    assert running.result(TIMEOUT_S)
    with pytest.raises(ServiceError, match="shutting down"):
        worker.submit(lambda: "late")


def test_joining_waits_for_what_runs_and_cancels_what_waits() -> None:
    worker = BoundedWorker("test", max_calls=2)
    started, go = threading.Event(), threading.Event()
    running = worker.submit(lambda: (started.set(), go.wait(TIMEOUT_S))[1])
    told: list[bool] = []
    running.add_done_callback(lambda done: told.append(done.result()))
    assert started.wait(TIMEOUT_S)
    waiting = worker.submit(lambda: "never")

    worker.stop()
    go.set()
    worker.join()

    assert told == [True]
    assert waiting.cancelled()
