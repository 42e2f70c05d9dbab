"""The newest frame or every frame, over real DDS, with a model that is as slow as a test wants."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from colors import BLUE, GREEN, NS, RED, picture
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from image_messages import image_message
from paced_encoder import PacedEncoder
from rclpy.qos import QoSProfile, ReliabilityPolicy
from ros_world import Inbox, RosWorld
from sensor_msgs.msg import Image

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.msg import SceneLabels, ScoredBoxes
from scene_clip_ros.nodes.replay_end import QUIET_S

VOCABULARY = """
templates: ["a {} thing"]
background: [a black thing]
attributes:
  colour: {labels: {red: [red], green: [green], blue: [blue]}}
queries:
  child: [red]
  vehicle: [blue]
"""
COUNT = 60
PERIOD_NS = NS // 20
REPORT_S = 0.1
LONGER_THAN_QUIET = round(1.5 * QUIET_S / REPORT_S)
"""Reports that take longer than what counts as the end of a replay."""
BEST_EFFORT = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


def drive(index: int) -> ImageArray:
    """Return a frame of a drive: colours change, an object moves."""
    pixels = picture((RED, GREEN, BLUE)[index // 10 % 3], size_wh=(160, 120)) // 2
    left = 5 + index % 40
    pixels[20:40, left : left + 20] = RED if index % 20 < 10 else BLUE
    return pixels


@pytest.fixture
def encoder(world: RosWorld) -> Iterator[PacedEncoder]:  # noqa: ARG001 (freed before it stops)
    encoder = PacedEncoder()
    yield encoder
    encoder.free()


class Replay:
    """A node that replays the drive, and what it says of it."""

    def __init__(self, world: RosWorld, encoder: PacedEncoder, folder: Path) -> None:
        self._world = world
        self._encoder = encoder
        self._path = folder / "colours.yaml"
        self._path.write_text(VOCABULARY)

    def start(self, *, with_camera: bool = True, **settings: Any) -> None:
        self.node = self._world.scene_clip(
            self._encoder,
            **{
                "vocabulary": str(self._path),
                "processing": "every",
                "boxes__confirm_hits": 1,
                "diagnostics__period_s": REPORT_S,
                **settings,
            },
        )
        self.labels = self._world.inbox(SceneLabels, "front/scene_clip/labels")
        self.boxes = self._world.inbox(ScoredBoxes, "front/scene_clip/boxes")
        self.reports = self._world.inbox(DiagnosticArray, "/diagnostics")
        if with_camera:
            self.come()

    def play(self, *, count: int = COUNT) -> None:
        """Publish a drive at once, while the model is busy with its first frame."""
        self._encoder.hold()
        received = self.received + count
        for index in range(count):
            stamp_ns = NS + index * PERIOD_NS
            self._camera.publish(image_message(drive(index), stamp_ns))
        self._world.wait_until(lambda: self.received == received, "the whole drive")
        self._encoder.free()

    def hold_the_last(self, *, stamp_ns: int) -> None:
        """Publish a frame that the model does not finish, and go away."""
        self._encoder.hold()
        self._camera.publish(image_message(drive(0), stamp_ns))
        self._world.wait_until(lambda: self._encoder.is_waiting, "the frame")
        self.leave()

    def come(self) -> None:
        """Come with a camera."""
        self._camera = self._world.publisher(Image, "front/image")

    def leave(self) -> None:
        """Go away with the camera."""
        self._world.node.destroy_publisher(self._camera)
        self._world.wait_until(
            lambda: not self.node.count_publishers("front/image"), "the camera to be gone"
        )

    def let_it_finish(self) -> None:
        """Let the model go on."""
        self._encoder.free()
        self._world.wait_until(self.node.has_finished, "the end of the replay")

    @property
    def received(self) -> int:
        return int(values_of(self.reports.messages[-1])["received"]) if self.reports.messages else 0


def camera_of(report: DiagnosticArray) -> DiagnosticStatus:
    (status,) = [item for item in report.status if item.name == "scene_clip: camera front"]
    return status


def values_of(report: DiagnosticArray) -> dict[str, str]:
    return {item.key: item.value for item in camera_of(report).values}


def stamps_of(inbox: Inbox) -> list[int]:
    headers = [message.header for message in inbox.messages]
    return [header.stamp.sec * NS + header.stamp.nanosec for header in headers]


@pytest.fixture
def replay(world: RosWorld, encoder: PacedEncoder, tmp_path: Path) -> Replay:
    return Replay(world, encoder, tmp_path)


def test_every_frame_is_labelled_in_order_however_slow_the_model_is(replay: Replay) -> None:
    replay.start()
    replay.play()

    replay.labels.wait_count(COUNT)
    report = replay.reports.wait_for(
        lambda it: values_of(it)["processed"] == str(COUNT), "all to be counted"
    )

    assert stamps_of(replay.labels) == [NS + index * PERIOD_NS for index in range(COUNT)]
    assert values_of(report)["dropped"] == "0"


def test_newest_frame_is_taken_and_those_overtaken_are_counted(replay: Replay) -> None:
    count = 8  # no more at once: best effort, depth 10
    replay.start(processing="newest")
    replay.play(count=count)

    report = replay.reports.wait_for(lambda it: finished(it) == count, "all to be counted")

    assert int(values_of(report)["dropped"]) >= count - 2  # the first may have begun
    assert stamps_of(replay.labels)[-1] == NS + (count - 1) * PERIOD_NS


def finished(report: DiagnosticArray) -> int:
    return sum(int(values_of(report)[name]) for name in ("processed", "dropped"))


def test_the_same_drive_gives_the_same_messages_again(replay: Replay) -> None:
    replay.start()
    replay.play()
    first = replay.labels.wait_count(COUNT)[:], replay.boxes.wait_count(COUNT)[:]
    replay.labels.messages.clear()
    replay.boxes.messages.clear()

    replay.play()
    labels, boxes = replay.labels.wait_count(COUNT), replay.boxes.wait_count(COUNT)

    assert labels == first[0]
    assert [without_tracks(each) for each in boxes] == [without_tracks(it) for it in first[1]]


def without_tracks(message: ScoredBoxes) -> list[tuple[Any, ...]]:
    """Return what is said of boxes but for their ids, which are never given twice."""
    return [
        (box.label, box.score, box.objectness, box.cosine, box.xyxy.tolist())
        for box in message.boxes
    ]


def test_frames_for_which_there_is_no_room_are_warned_of(replay: Replay) -> None:
    replay.start(max_waiting_mb=1)
    held = 1_000_000 // (160 * 120 * 3)
    assert held < COUNT, "expected a drive that does not fit"

    replay.play()
    report = replay.reports.wait_for(
        lambda it: "frames dropped: too many wait" in camera_of(it).message, "a warning"
    )

    assert camera_of(report).level == DiagnosticStatus.WARN


def test_camera_that_may_lose_frames_is_named(replay: Replay, world: RosWorld) -> None:
    replay.start()
    world.node.create_publisher(Image, "front/image", BEST_EFFORT)

    report = replay.reports.wait_for(
        lambda it: any("best effort publisher" in status.message for status in it.status), "it"
    )

    assert report.status[-1].name == "scene_clip: topics"


def test_the_node_ends_after_the_replay_and_not_before(replay: Replay) -> None:
    replay.start(exit_after_replay=True, with_camera=False)
    replay.reports.wait_new_count(LONGER_THAN_QUIET)
    assert not replay.node.has_finished(), "expected it to wait for the cameras"

    replay.come()
    replay.play(count=3)
    replay.reports.wait_new_count(LONGER_THAN_QUIET)
    assert not replay.node.has_finished(), "expected it to wait while there is a camera"

    replay.hold_the_last(stamp_ns=10 * NS)
    replay.reports.wait_new_count(LONGER_THAN_QUIET)
    assert not replay.node.has_finished(), "expected it to wait for the last frame"

    replay.let_it_finish()
    assert stamps_of(replay.labels)[-1] == 10 * NS


def test_the_node_goes_on_without_cameras_unless_asked(replay: Replay) -> None:
    replay.start()
    replay.play(count=3)
    replay.leave()

    replay.reports.wait_new_count(LONGER_THAN_QUIET)

    assert not replay.node.has_finished()


def test_latency_budget_with_every_frame_is_refused(replay: Replay) -> None:
    with pytest.raises(ParameterError, match=r"latency_budget_s: expected 0\.0 with processing"):
        replay.start(latency_budget_s=0.2)
