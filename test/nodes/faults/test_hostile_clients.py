"""Clients of the services: hostile requests, floods, and clients that go away."""

from __future__ import annotations

import signal
from typing import Any

from colors import RED, picture
from fault_bench import FaultBench
from fault_table import FaultRow
from feeds import Feed
from hostile_requests import SERVICES, HostileRequests
from image_messages import image_message
from sensor_msgs.msg import Image

from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.srv import QueryFrames

FLOOD = """
import sys
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from scene_clip_ros.srv import Ask, QueryFrames, Segment, SetVocabulary

rclpy.init()
node = Node("flood")
requests = {
    "scene_clip/ask": (Ask, Ask.Request(question="is it red?")),
    "scene_clip/query_frames": (QueryFrames, QueryFrames.Request(text="red")),
    "scene_clip/segment": (Segment, Segment.Request(texts=["red"])),
    "scene_clip/set_vocabulary": (
        SetVocabulary, SetVocabulary.Request(query="dog", labels=["a dog"])
    ),
}
clients = [(node.create_client(kind, name), request) for name, (kind, request) in requests.items()]
for client, _ in clients:
    client.wait_for_service()
executor = SingleThreadedExecutor()
executor.add_node(node)
answered = 0
while answered < COUNT:
    waiting = [(client, client.call_async(request)) for client, request in clients * 50]
    for _ in waiting:
        executor.spin_once(timeout_sec=0.05)
    for client, future in waiting:
        answered += future.done()
        client.remove_pending_request(future)
print(f"answered {answered}", file=sys.stderr, flush=True)
rclpy.spin(node)
"""
"""A client that sends 200 requests at a time, which overflows its own queue of answers, too."""


class Healthy:
    """A camera and a client who do nothing wrong; both must be served all the time."""

    def __init__(self, bench: FaultBench) -> None:
        self._world = bench.world
        self._labels = self._world.inbox(SceneLabels, "front/scene_clip/labels")
        self._camera = Feed(self._world, Image, "front/image", make=self._red)

    def check(self) -> None:
        """Wait for a label and an answer that come from now on, and are right."""
        message = self._labels.wait_for_new(lambda _: True, "a label")
        assert message.attributes[0].label == "red"
        self._world.wait_until(self._is_found, "an answer")

    def stop(self) -> None:
        self._camera.stop()

    def _is_found(self) -> bool:
        request = QueryFrames.Request(text="red")
        response = self._world.call(QueryFrames, "scene_clip/query_frames", request)
        return bool(response.success and response.hits)

    def _red(self, stamp_ns: int) -> Image:
        return image_message(picture(RED), stamp_ns)


def test_hostile_requests_are_refused_and_harm_nobody(bench: FaultBench) -> None:
    count = bench.times(500, thorough=10_000)
    node = bench.start_node()
    healthy = Healthy(bench)
    healthy.check()
    hostile = HostileRequests(seed=1)
    before_mb = node.resident_mb()
    refused = done = longest = 0

    for number in range(count):
        name = list(SERVICES)[number % len(SERVICES)]
        response: Any = bench.world.call(SERVICES[name], name, hostile.draw(name))
        refused += not response.success
        done += response.success
        longest = max(longest, len(response.message))
        assert response.success or response.message
        if number % 50 == 0:
            healthy.check()

    healthy.check()
    assert node.is_running
    assert "Traceback" not in node.said, node.said
    assert refused > done
    assert longest < 2000
    healthy.stop()
    bench.tell(
        FaultRow(
            fault="Hostile requests to every service",
            sent="texts without end, nested YAML, code in YAML, paths, NaN, times that are none, "
            "damaged pictures",
            times=count,
            happened=f"{refused:,} refused with a reason of at most {longest} characters, {done:,} "
            f"answered; {node.resident_mb() - before_mb:+.0f} MB",
            recovery="labels kept coming and another client was answered meanwhile",
        )
    )


def test_a_flood_of_requests_by_clients_that_go_away(bench: FaultBench) -> None:
    clients = bench.times(2, thorough=20)
    each = bench.times(500, thorough=2000)
    node = bench.start_node()
    healthy = Healthy(bench)
    healthy.check()

    for _ in range(clients):
        client = bench.start_process(FLOOD.replace("COUNT", str(each)))
        client.wait_until_said("answered")
        healthy.check()
        client.send_signal(signal.SIGKILL)
        client.wait()
        healthy.check()

    assert node.is_running
    assert "Traceback" not in node.said, node.said
    healthy.stop()
    bench.tell(
        FaultRow(
            fault="Floods of requests, and clients that go away",
            sent="200 requests at a time to four services; each client killed (SIGKILL) with "
            "requests on their way",
            times=clients * each,
            happened="what was beyond the bounds of each service was refused, the rest answered",
            recovery="labels kept coming and another client was answered, before and after each "
            f"of {clients} kills",
        )
    )
