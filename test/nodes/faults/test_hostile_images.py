"""Malformed and hostile images: whatever comes, the next good one is labelled.

Two publish to the same topic, one hostile, one good: what a publisher whose bytes are no message
loses of its own is DDS's affair.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from colors import BLUE, GREEN, NS, RED, picture
from diagnostic_msgs.msg import DiagnosticArray
from fault_bench import FaultBench, settled_counts
from fault_table import FaultRow
from hostile_images import HostileImages
from image_messages import image_message
from ros_world import RosWorld
from sensor_msgs.msg import CompressedImage, Image

from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.conversion import jpeg_message

ROUND = 50
"""Hostile messages between two good ones; fewer than the queues of DDS hold."""

GOOD = (("red", RED), ("green", GREEN), ("blue", BLUE))


@dataclass
class Camera:
    """A camera, one who sends hostile images in its name, and what the node says of both."""

    world: RosWorld
    is_compressed: bool
    sent: int = 0
    good: Any = field(default_factory=lambda: zip(itertools.count(1), itertools.cycle(GOOD)))

    def __post_init__(self) -> None:
        self.labels = self.world.inbox(SceneLabels, "front/scene_clip/labels")
        topic = "front/image/compressed" if self.is_compressed else "front/image"
        message_type = CompressedImage if self.is_compressed else Image
        self.good_publisher = self.world.publisher(message_type, topic)
        self.hostile_publisher = self.world.publisher(message_type, topic)
        # The first pictures are lost if the process has yet to hear of the publisher.
        self.world.wait_until(self._is_heard, "the first label")

    def send_hostile(self, message: object) -> None:
        """Send a message, or bytes as DDS carries them."""
        self.hostile_publisher.publish(message)
        self.sent += 1

    def send_good(self) -> None:
        """Send a picture that nobody could mistake, and wait for its label.

        Stamps of hostile images jump about, so that each picture is told by its own.
        """
        colour, message = self._next_good()
        self.labels.messages.clear()
        self.good_publisher.publish(message)
        self.sent += 1
        labels = self.labels.wait_for(lambda it: it.header == message.header, "the good picture")
        assert labels.attributes[0].label == colour

    def _is_heard(self) -> bool:
        self.good_publisher.publish(self._next_good()[1])
        return bool(self.labels.messages)

    def _next_good(self) -> tuple[str, Any]:
        second, (colour, rgb) = next(self.good)
        message = image_message(picture(rgb), second * NS)
        if self.is_compressed:
            message = jpeg_message(picture(rgb), message.header, quality=90)
        return colour, message


WIRE = ", damaged as DDS carries them"


@dataclass(frozen=True)
class Attack:
    """Hostile messages of one kind, and how the table tells of them."""

    transport: str
    draw: Callable[[HostileImages], object]
    name: str
    sent: str


RAW = "sizes, steps, encodings, stamps and frame names that do not fit, no or other data"
COMPRESSED = "JPEG and PNG files with flipped, missing, repeated and other bytes, strange headers"


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(Attack("raw", HostileImages.raw, "Image", RAW), id="raw"),
        pytest.param(
            Attack("compressed", HostileImages.compressed, "CompressedImage", COMPRESSED),
            id="compressed",
        ),
        pytest.param(
            Attack("raw", lambda it: it.wire(it.raw()), f"Image{WIRE}", RAW), id="raw-wire"
        ),
        pytest.param(
            Attack(
                "compressed",
                lambda it: it.wire(it.compressed()),
                f"CompressedImage{WIRE}",
                COMPRESSED,
            ),
            id="compressed-wire",
        ),
    ],
)
def test_hostile_images_stop_nothing(bench: FaultBench, attack: Attack) -> None:
    count = bench.times(1000, thorough=30_000)
    node = bench.start_node("processing:=every", f"transport:={attack.transport}")
    camera = Camera(bench.world, is_compressed=attack.transport == "compressed")
    reports = bench.world.inbox(DiagnosticArray, "/diagnostics")
    hostile = HostileImages(seed=1)
    heard = settled_counts(reports, "front")["received"]
    before_mb = node.resident_mb()

    for _ in range(count // ROUND):
        for _ in range(ROUND):
            camera.send_hostile(attack.draw(hostile))
        camera.send_good()

    counts = settled_counts(reports, "front")
    lost = camera.sent - (counts["received"] - heard)
    assert node.is_running, node.said
    assert "Traceback" not in node.said
    assert counts["dropped"] == 0
    assert counts["failed"] > 0
    assert lost >= 0 if WIRE in attack.name else lost == 0
    bench.tell(
        FaultRow(
            fault=f"Hostile {attack.name}",
            sent=attack.sent,
            times=count,
            happened=f"{counts['failed']:,} refused and counted, {lost:,} refused by DDS, "
            f"the others processed; {node.resident_mb() - before_mb:+.0f} MB",
            recovery=f"a good picture after every {ROUND} was labelled, and rightly",
        )
    )
