"""Clients of the services: hostile requests, floods, and clients that go away."""

from __future__ import annotations

import re
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
answered = refused = 0
while True:
    waiting = [(client, client.call_async(request)) for client, request in clients * 50]
    for _ in waiting:
        executor.spin_once(timeout_sec=0.05)
    for client, future in waiting:
        if future.done():
            answered += future.result().success
            refused += "at a time, got one more" in future.result().message
        client.remove_pending_request(future)
    if answered + refused >= COUNT:
        print(f"answered {answered}, refused {refused}", file=sys.stderr, flush=True)
"""
"""A client that sends 200 requests at a time, which overflows its own queue of answers, too."""


LABELS_PER_TRY = 10
"""Half a second of the camera."""


class Healthy:
    """A camera and a client who do nothing wrong; both must be served all the time."""

    def __init__(self, bench: FaultBench) -> None:
        self._world = bench.world
        self._labels = self._world.inbox(SceneLabels, "front/scene_clip/labels")
        self._camera = Feed(self._world, Image, "front/image", make=self._red)
        self._client = self._world.node.create_client(QueryFrames, "scene_clip/query_frames")
        self._world.wait_until(self._client.service_is_ready, "the service")

    def check(self) -> None:
        """Wait for a label and an answer that come from now on, and are right."""
        self.check_labels()
        self._asked: list[Any] = []
        self._world.wait_until(self._is_answered, "an answer")

    def check_labels(self) -> None:
        """Wait for a label that comes from now on, and is right."""
        message = self._labels.wait_for_new(lambda _: True, "a label")
        assert message.attributes[0].label == "red"

    def stop(self) -> None:
        self._camera.stop()

    def _is_answered(self) -> bool:
        """Ask again after every few labels: DDS drops what a flood leaves no room for."""
        if len(self._labels.messages) >= LABELS_PER_TRY * len(self._asked):
            self._asked.append(self._client.call_async(QueryFrames.Request(text="red")))
        answers = [future.result() for future in self._asked if future.done()]
        return any(answer.success and answer.hits for answer in answers)

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

    answered = refused = 0
    for _ in range(clients):
        client = bench.start_process(FLOOD.replace("COUNT", str(each)))
        client.wait_until_said("refused")
        healthy.check_labels()
        client.kill()
        healthy.check()
        counts = re.findall(r"answered (\d+), refused (\d+)", client.said)[-1]
        answered, refused = answered + int(counts[0]), refused + int(counts[1])
        assert int(counts[0])
        assert int(counts[1])

    assert node.is_running
    assert "Traceback" not in node.said, node.said
    healthy.stop()
    bench.tell(
        FaultRow(
            fault="Floods of requests, and clients that go away",
            sent=f"200 requests at a time to four services by each of {clients} clients, which are "
            "killed (SIGKILL) amid that",
            times=answered + refused,
            happened=f"{answered:,} answered, {refused:,} refused because too many were on their "
            "way; what the queues of DDS did not hold is not counted. Labels kept coming; other "
            "clients are refused, too, while it lasts",
            recovery="another client was answered after each kill",
        )
    )
