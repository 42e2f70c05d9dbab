"""A recording that is paused, sought in, looped and played at other rates, over real DDS."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from bag_player import BagPlayer
from color_drives import STEP_NS, write_colors
from colors import COLOUR_WORDS
from node_process import FAKE_RUNTIME, PLAYER, NodeProcess
from rclpy.qos import HistoryPolicy, ReliabilityPolicy
from ros_world import RosWorld, overrides
from sensor_msgs.msg import Image

from scene_clip_ros.msg import PedestrianAlert, SceneLabels
from scene_clip_ros.nodes.drive_player import DrivePlayer
from scene_clip_ros.nodes.qos import EVERY_PICTURE_QOS
from scene_clip_ros.nodes.stamps import stamp_ns

TOPIC = "front/image"
COLOURS = ["red"] * 20 + ["blue"] * 20 + ["red"] * 20
"""Six seconds, ten frames each."""


class Replay:
    """A node that replays a bag, and what it says."""

    def __init__(self, world: RosWorld, folder: Path) -> None:
        self.world = world
        vocabulary = folder / "colours.yaml"
        vocabulary.write_text(COLOUR_WORDS)
        world.scene_clip(
            vocabulary=str(vocabulary),
            processing="every",
            use_sim_time=True,
            labels__tau_s=0.2,
            labels__dwell_s=0.3,
            alert__stale_after_s=0.3,
        )
        self.labels = world.inbox(SceneLabels, "front/scene_clip/labels")
        self.alerts = world.inbox(PedestrianAlert, "front/scene_clip/alert")
        self.bag = folder / "drive.mcap"
        write_colors(self.bag, {"front": COLOURS})

    def player(self) -> BagPlayer:
        return BagPlayer(self.world, self.bag, TOPIC, Image)

    def play(self, player: BagPlayer, seconds: float, *, step_s: float = 0.5) -> list[SceneLabels]:
        """Play in steps, each once the one before has been labelled, and return all labels."""
        self.labels.messages.clear()
        count = 0
        for _ in range(round(seconds / step_s)):
            count += player.play(step_s)
            self.labels.wait_count(count)
        return list(self.labels.messages)


@pytest.fixture
def replay(world: RosWorld, tmp_path: Path) -> Replay:
    return Replay(world, tmp_path)


def colour_of(message: SceneLabels) -> str:
    return str(message.attributes[0].label)


def since_of(message: SceneLabels) -> int:
    return stamp_ns(message.attributes[0].since)


def test_the_rate_of_a_replay_changes_nothing(replay: Replay) -> None:
    player = replay.player()
    slow = replay.play(player, 6.0, step_s=0.25)
    player.seek(0.0)

    fast = replay.play(player, 6.0, step_s=3.0)

    assert len(slow) == len(COLOURS)
    assert fast == slow
    assert {colour_of(message) for message in slow} == {"red", "blue"}


def test_a_loop_begins_anew_each_time(replay: Replay) -> None:
    player = replay.player()

    loops = []
    for _ in range(3):
        loops.append(replay.play(player, 6.0))
        player.seek(0.0)

    assert loops[1] == loops[0] == loops[2]


def test_a_pause_makes_alerts_stale_and_holds_everything_else(replay: Replay) -> None:
    player = replay.player()
    before = replay.play(player, 1.5)[-1]

    def is_stale() -> bool:
        player.tick()
        return any(it.level == PedestrianAlert.STALE for it in replay.alerts.messages)

    replay.alerts.messages.clear()
    replay.labels.messages.clear()
    replay.world.wait_until(is_stale, "a stale alert")
    said_meanwhile = list(replay.labels.messages)
    after = replay.play(player, 0.5)[-1]

    assert not said_meanwhile
    assert (colour_of(after), since_of(after)) == (colour_of(before), since_of(before))


def test_labels_are_held_over_a_seek_forward(replay: Replay) -> None:
    player = replay.player()
    before = replay.play(player, 1.5)[-1]
    player.seek(4.5)

    after = replay.play(player, 0.5)

    assert stamp_ns(after[0].header.stamp) == player.start_ns + 45 * STEP_NS
    assert {colour_of(message) for message in after} == {"red"}
    assert since_of(after[-1]) == since_of(before)


def test_a_seek_back_forgets_what_was_held(replay: Replay) -> None:
    player = replay.player()
    replay.play(player, 3.5)
    assert colour_of(replay.labels.messages[-1]) == "blue"
    player.seek(0.5)

    after = replay.play(player, 0.5)

    assert {colour_of(message) for message in after} == {"red"}
    assert since_of(after[0]) == player.start_ns + 5 * STEP_NS


def test_drive_player_gives_the_same_results_at_every_speed(
    world: RosWorld, replay: Replay
) -> None:
    def labels_at(speed: float) -> list[SceneLabels]:
        replay.labels.messages.clear()
        start_player(world, replay.bag, speed=speed)
        return list(replay.labels.wait_count(len(COLOURS)))

    slow, fast = labels_at(8.0), labels_at(100.0)

    assert fast == slow


def test_node_and_player_end_once_every_frame_of_the_drive_is_labelled(
    world: RosWorld, start_process: Callable[..., NodeProcess], tmp_path: Path
) -> None:
    bag = tmp_path / "drive.mcap"
    write_colors(bag, {"front": COLOURS})
    node = start_process(FAKE_RUNTIME, "processing:=every", "exit_after_replay:=true")
    labels = world.inbox(SceneLabels, "front/scene_clip/labels")

    start_process(PLAYER, f"source:={bag}", "speed:=20.0", "wait_for_subscribers:=1")

    labels.wait_count(len(COLOURS))
    assert node.wait() == 0, node.said
    assert "Traceback" not in node.said


def start_player(world: RosWorld, bag: Path, *, speed: float) -> None:
    parameters = overrides(source=str(bag), speed=speed, clock=True, wait_for_subscribers=1)
    player = world.add(DrivePlayer(context=world.context, parameter_overrides=parameters))
    world.wait_until(player.has_finished, "the end of the drive")
    player.stop()


def test_the_file_that_docs_give_ros2_bag_play_asks_for_what_the_node_wants(
    repository: Path,
) -> None:
    text = (repository / "docs" / "replay.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^ +(/front/image: \{.*\})$", text, flags=re.MULTILINE)

    (profile,) = yaml.safe_load(line).values()

    assert ReliabilityPolicy.get_from_short_key(profile["reliability"]) == (
        EVERY_PICTURE_QOS.reliability
    )
    assert HistoryPolicy.get_from_short_key(profile["history"]) == EVERY_PICTURE_QOS.history
    assert profile["depth"] == EVERY_PICTURE_QOS.depth
