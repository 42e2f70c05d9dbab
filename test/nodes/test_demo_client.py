"""What the demo hears of a running node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ros_world import RosWorld
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.demo.events import AlertReceived, BoxesReceived, DemoEvent, LabelsReceived
from scene_clip_ros.nodes.conversion import jpeg_message
from scene_clip_ros.nodes.demo_client import DemoClient
from scene_clip_ros.nodes.stamps import time_message

VOCABULARY = """
background: [a black thing]
attributes:
  tone: {labels: {dark: [black], bright: [white]}}
queries:
  vehicle: [blue]
  person: [red]
"""


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, domain_id: int) -> Iterator[DemoClient]:
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
    with DemoClient(["front"]) as client:
        yield client


def test_every_result_of_a_frame_is_heard_and_kept_as_it_was_sent(
    world: RosWorld, client: DemoClient, tmp_path: Path
) -> None:
    path = tmp_path / "tones.yaml"
    path.write_text(VOCABULARY)
    world.scene_clip(transport="compressed", vocabulary=str(path))
    camera = world.publisher(CompressedImage, "front/image/compressed")
    world.wait_until(lambda: client.poll(timeout_s=0) is not None and client.ready(), "the client")
    heard: list[DemoEvent] = []

    def hears(kind: type) -> bool:
        heard.extend(client.poll(timeout_s=0))
        return any(isinstance(event, kind) and event.stamp_ns == 5 * 10**9 for event in heard)

    picture = jpeg_message(
        np.zeros((90, 160, 3), np.uint8), Header(stamp=time_message(5 * 10**9)), quality=90
    )
    camera.publish(picture)
    for kind in (LabelsReceived, BoxesReceived, AlertReceived):
        world.wait_until(lambda kind=kind: hears(kind), kind.__name__)

    found = {type(event): event for event in reversed(heard)}
    labels, boxes = found[LabelsReceived], found[BoxesReceived]
    alert = next(e for e in heard if isinstance(e, AlertReceived) and e.stamp_ns == 5 * 10**9)
    assert [state.label for state in labels.result.attributes] == ["dark"]
    assert (boxes.boxes.camera, boxes.boxes.size_wh) == ("front", (160, 90))
    assert alert.alert.level == AlertLevel.STALE
    assert [event.topic for event in (labels, boxes, alert)] == [
        "/front/scene_clip/labels",
        "/front/scene_clip/boxes",
        "/front/scene_clip/alert",
    ]
    assert all(len(event.payload) > 4 for event in (labels, boxes, alert))
