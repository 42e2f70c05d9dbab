"""Real ROS 2 for tests: a DDS domain of its own per test, an executor that the test spins."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from node_process import NodeProcess
    from rclpy.context import Context
    from rclpy.node import Node
    from ros_world import RosWorld
    from selenium.webdriver import Chrome

HAS_ROS = importlib.util.find_spec("scene_clip_ros.msg") is not None

collect_ignore_glob = [] if HAS_ROS else ["test_*.py", "faults"]

TIMEOUT_S = 120.0
"""Longer than anything takes on a busy machine; only a failing test waits for it."""


class RosGraph:
    """The nodes of one test, spun by the test itself."""

    def __init__(self, context: Context) -> None:
        """Prepare an executor in an initialised context."""
        from rclpy.executors import SingleThreadedExecutor

        self.context = context
        self._executor = SingleThreadedExecutor(context=context)
        self._nodes: list[Node] = []

    def create_node(self, name: str, **options: Any) -> Node:
        """Create a plain node; options go to rclpy's ``Node``."""
        from rclpy.node import Node

        return self.add(Node(name, context=self.context, **options))

    def add(self, node: Node) -> Node:
        """Spin a node from now on and destroy it after the test."""
        self._executor.add_node(node)
        self._nodes.append(node)
        return node

    def spin_until(
        self, is_met: Callable[[], object], *, what: str, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Handle callbacks until a condition is met.

        Args:
            is_met: The condition, tried after every callback and every 0.1 s.
            what: What is waited for, for the message.
            timeout_s: Give up after so many seconds.

        Raises:
            TimeoutError: The condition has not been met in time.
        """
        end = time.monotonic() + timeout_s
        while not is_met():
            if time.monotonic() > end:
                message = f"expected {what} within {timeout_s:.0f} s, got nothing"
                raise TimeoutError(message)
            self._executor.spin_once(timeout_sec=0.1)

    def call(self, client: Any, request: Any) -> Any:
        """Call a service and return its response."""
        self.spin_until(client.service_is_ready, what=f"service {client.srv_name}")
        future = client.call_async(request)
        self.spin_until(future.done, what=f"response of {client.srv_name}")
        return future.result()

    def close(self) -> None:
        """Destroy every node."""
        self._executor.shutdown()
        for node in self._nodes:
            node.destroy_node()


@pytest.fixture
def domain_id() -> Iterator[int]:
    """A DDS domain that no other test on this machine uses."""
    from domain_coordinator import domain_id as reserve_domain_id

    with reserve_domain_id() as number:
        yield int(number)


@pytest.fixture
def context(domain_id: int) -> Iterator[Context]:
    """An initialised context in the test's domain."""
    import rclpy
    from rclpy.context import Context

    context = Context()
    rclpy.init(args=[], context=context, domain_id=domain_id)
    try:
        yield context
    finally:
        context.try_shutdown()


@pytest.fixture
def graph(context: Context) -> Iterator[RosGraph]:
    """The nodes of the test."""
    graph = RosGraph(context)
    try:
        yield graph
    finally:
        graph.close()


@pytest.fixture
def world(graph: RosGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RosWorld]:
    """The nodes of the test beside parts of ours, with a text cache of their own."""
    from ros_world import RosWorld

    monkeypatch.setenv("SCENE_CLIP_CACHE", str(tmp_path / "cache"))
    world = RosWorld(graph)
    yield world
    world.stop()


@pytest.fixture
def start_process(domain_id: int, tmp_path: Path) -> Iterator[Callable[..., NodeProcess]]:
    """Start Python code with parameters as a process in the test's domain; it ends with the test.

    Keywords are variables of its environment.
    """
    from node_process import NodeProcess

    started: list[NodeProcess] = []

    def start(code: str, *parameters: str, **environment: str) -> NodeProcess:
        process = NodeProcess(
            code, parameters, domain_id=domain_id, folder=tmp_path, environment=environment
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    """A browser for all tests of a module."""
    from browser import missing_browser, open_browser

    if missing_browser():
        pytest.skip(missing_browser())
    with open_browser() as opened:
        yield opened


@pytest.fixture
def run(world: RosWorld, tmp_path: Path) -> Any:
    """Run the node with the small vocabulary of the tests of masks."""
    from segmented import VOCABULARY

    vocabulary = tmp_path / "vocabulary.yaml"
    vocabulary.write_text(VOCABULARY)
    return partial(world.scene_clip, vocabulary=str(vocabulary))


@pytest.fixture
def feed(world: RosWorld) -> Iterator[Any]:
    """Start a camera that sends pictures of a red and a blue half."""
    from feeds import Feed
    from segmented import picture
    from sensor_msgs.msg import Image

    feeds: list[Feed] = []

    def start() -> Feed:
        feeds.append(Feed(world, Image, "front/image", make=picture))
        return feeds[-1]

    yield start
    for each in feeds:
        each.stop()
