"""Work from other threads runs on the executor, for as long as the node is there."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

import pytest

from scene_clip_ros.nodes.executor_queue import ExecutorQueue


def test_work_runs_on_the_executor_in_the_order_in_which_it_came(graph: Any) -> None:
    queue = ExecutorQueue(graph.create_node("queue"))
    done: list[tuple[int, int]] = []

    def put_all() -> None:
        for number in range(5):
            queue.put(lambda n=number: done.append((n, threading.get_ident())))

    thread = threading.Thread(target=put_all)
    thread.start()
    graph.spin_until(lambda: len(done) == 5, what="the work")
    thread.join()

    assert done == [(number, threading.get_ident()) for number in range(5)]


def test_what_comes_after_the_end_is_dropped_even_when_the_node_is_gone(
    graph: Any, caplog: pytest.LogCaptureFixture
) -> None:
    node = graph.create_node("queue")
    queue = ExecutorQueue(node)
    late: Future[str] = Future()
    outcome = queue.outcome_of(late)

    queue.close()
    node.destroy_node()
    late.set_result("too late")

    assert not outcome.done()
    assert caplog.records == []
