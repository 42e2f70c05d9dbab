"""The far side of our nodes in tests: publishers, subscribers and callers that never sleep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy

from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.models.fake_segmenter import FakeSegmenter
from scene_clip_ros.models.segmenter import Segmenter
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode

RELIABLE = QoSProfile(depth=200, reliability=ReliabilityPolicy.RELIABLE)

AnyNode = TypeVar("AnyNode")


class Inbox:
    """Collects what arrives on a topic."""

    def __init__(self, world: RosWorld, message_type: type, topic: str, qos: QoSProfile) -> None:
        self.messages: list[Any] = []
        self._world = world
        world.node.create_subscription(message_type, topic, self.messages.append, qos)
        world.wait_until(lambda: world.node.count_publishers(topic), f"a publisher of {topic}")

    def wait_for(self, condition: Callable[[Any], bool], what: str) -> Any:
        """Return the first message, old or new, that meets a condition."""
        self._world.wait_until(lambda: any(map(condition, self.messages)), what)
        return next(filter(condition, self.messages))

    def wait_for_new(self, condition: Callable[[Any], bool], what: str) -> Any:
        """Return the first message that meets a condition of those that come from now on."""
        self.messages.clear()
        return self.wait_for(condition, what)

    def wait_count(self, count: int) -> list[Any]:
        """Wait until so many messages have come, and return all."""
        self._world.wait_until(lambda: len(self.messages) >= count, f"{count} messages")
        return self.messages

    def wait_new_count(self, count: int) -> list[Any]:
        """Wait until so many messages have come from now on, and return them."""
        self.messages.clear()
        return self.wait_count(count)

    def wait_for_silence(self, wait: Callable[[], object]) -> None:
        """Wait again and again, until nothing comes meanwhile.

        What was published before a switch may come after its response.
        """

        def is_silent() -> bool:
            self.messages.clear()
            wait()
            return not self.messages

        self._world.wait_until(is_silent, "silence")


class RosWorld:
    """Runs our nodes in the graph of a test, and talks to them from a node of its own.

    Args:
        graph: The fixture ``graph``.
    """

    def __init__(self, graph: Any) -> None:
        self.context = graph.context
        self.node = graph.create_node("test")
        self._graph = graph
        self._started: list[Any] = []
        self._clients: dict[str, Any] = {}

    def add(self, node: AnyNode) -> AnyNode:
        """Start a node of ours and spin it until the test ends."""
        self._started.append(node)
        self._graph.add(node)
        node.start()
        return node

    def stop(self) -> None:
        """Stop the nodes of ours; the graph destroys them."""
        for node in reversed(self._started):
            node.stop()

    def scene_clip(
        self,
        encoder: Encoder | None = None,
        *,
        load_segmenter: Callable[[], Segmenter] = FakeSegmenter,
        **parameters: Any,
    ) -> SceneClipNode:
        """Run the node with models that know colours; ``__`` in a name stands for a dot."""
        return self.add(
            SceneClipNode(
                load_encoder=lambda _values: encoder or FakeEncoder(),
                load_proposer=lambda _values: FakeProposer(),
                find_segmenter=lambda _values: load_segmenter,
                context=self.context,
                parameter_overrides=overrides(**parameters),
            )
        )

    def inbox(self, message_type: type, topic: str, *, qos: QoSProfile = RELIABLE) -> Inbox:
        """Subscribe to a topic that somebody publishes."""
        return Inbox(self, message_type, topic, qos)

    def publisher(self, message_type: type, topic: str) -> Any:
        """Publish to a topic that somebody subscribes to."""
        publisher = self.node.create_publisher(message_type, topic, RELIABLE)
        self.wait_until(publisher.get_subscription_count, f"a subscriber of {topic}")
        return publisher

    def set_parameter(self, node: str, name: str, value: object) -> Any:
        """Set a parameter of a node as ``ros2 param set`` does, and return the outcome."""
        parameter = Parameter(name, value=value).to_parameter_msg()
        request = SetParameters.Request(parameters=[parameter])
        return self.call(SetParameters, f"/{node}/set_parameters", request).results[0]

    def call(self, service_type: type, name: str, request: Any) -> Any:
        """Call a service and return its response."""
        if name not in self._clients:
            self._clients[name] = self.node.create_client(service_type, name)
        return self._graph.call(self._clients[name], request)

    def wait_until(self, is_met: Callable[[], object], what: str) -> None:
        """Spin until a condition is met.

        Raises:
            TimeoutError: It has not been met in time.
        """
        self._graph.spin_until(is_met, what=what)


def overrides(**parameters: Any) -> list[Parameter]:
    """Return parameters as given at start-up; ``__`` in a name stands for a dot."""
    return [Parameter(name.replace("__", "."), value=value) for name, value in parameters.items()]
