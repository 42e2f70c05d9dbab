"""Who sits on a topic of a node and cannot talk to it, over real DDS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.context import Context
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from ros_world import Inbox, RosWorld
from sensor_msgs.msg import CompressedImage, Image

from scene_clip_ros.msg import SceneLabels

BEST_EFFORT = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
ONLY_RELIABLE = {"qos_overrides__/front/image__subscription__reliability": "reliable"}


def run_node(world: RosWorld, **parameters: object) -> Inbox:
    """Run the node, and return what it reports."""
    world.scene_clip(diagnostics__period_s=0.1, **parameters)
    return world.inbox(DiagnosticArray, "/diagnostics")


def topics_of(report: DiagnosticArray) -> DiagnosticStatus:
    (status,) = [item for item in report.status if item.name == "scene_clip: topics"]
    return status


def faults_of(report: DiagnosticArray) -> dict[str, str]:
    return {item.key: item.value for item in topics_of(report).values}


def test_nothing_is_said_of_those_who_can_talk(world: RosWorld) -> None:
    reports = run_node(world)
    camera = world.node.create_publisher(Image, "front/image", BEST_EFFORT)
    world.inbox(SceneLabels, "front/scene_clip/labels", qos=BEST_EFFORT)
    world.wait_until(camera.get_subscription_count, "a match")

    report = reports.wait_new_count(2)[-1]

    assert topics_of(report).level == DiagnosticStatus.OK
    assert faults_of(report) == {}


def test_camera_that_is_not_received_is_named_with_the_policy_until_it_is_gone(
    world: RosWorld,
) -> None:
    reports = run_node(world, **ONLY_RELIABLE)
    camera = world.node.create_publisher(Image, "front/image", BEST_EFFORT)

    report = reports.wait_for(faults_of, "a warning")
    world.node.destroy_publisher(camera)
    later = reports.wait_for_new(lambda it: not faults_of(it), "no warning")

    assert topics_of(report).level == DiagnosticStatus.WARN
    assert topics_of(report).message.startswith("/front/image: /test publishes what is not")
    assert "best effort publisher and reliable subscription" in faults_of(report)["/front/image"]
    assert topics_of(later).level == DiagnosticStatus.OK


@pytest.fixture
def stranger(domain_id: int) -> Iterator[Node]:
    """A node as in another process: in one, a topic has one type."""
    context = Context()
    rclpy.init(args=[], context=context, domain_id=domain_id)
    node = Node("stranger", namespace="/far", context=context)
    yield node
    node.destroy_node()
    context.try_shutdown()


def test_camera_of_another_type_is_named(world: RosWorld, stranger: Node) -> None:
    reports = run_node(world)
    stranger.create_publisher(CompressedImage, "/front/image", 1)

    fault = faults_of(reports.wait_for(faults_of, "a warning"))["/front/image"]

    assert fault.startswith("/far/stranger publishes what is not received: ")
    assert "published as sensor_msgs/msg/CompressedImage" in fault
    assert "subscribed as sensor_msgs/msg/Image" in fault


@pytest.mark.parametrize("listeners", [1, 2])
def test_listener_that_asks_for_more_than_is_offered_is_named(
    world: RosWorld, listeners: int
) -> None:
    reports = run_node(world)
    for _ in range(listeners):
        world.node.create_subscription(SceneLabels, "front/scene_clip/labels", print, LATCHED)
    world.node.create_subscription(Image, "front/scene_clip/overlay", print, LATCHED)

    report = reports.wait_for(lambda it: len(faults_of(it)) == 2, "two warnings")

    fault = faults_of(report)["/front/scene_clip/labels"]
    assert fault.startswith("/test does not receive it: ")
    assert fault.count("volatile publisher and transient local subscription") == 1
    assert topics_of(report).message.endswith("(and 1 more)")
