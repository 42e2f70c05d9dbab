"""Do raw 1080p pictures at 30 Hz all reach the node? With the shipped DDS profile and without.

    python benchmarks/delivery.py --seconds 10

``drive_player`` plays a video to the label node; both are processes of their own. The node's
/diagnostics tell how many pictures its subscription received. The node runs without a model, so
that the transport alone is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from ros_process import python_process
from row import Outcome, Row

from scene_clip_ros.demo.environment import demo_environment
from scene_clip_ros.media.video import VideoWriter

SIZE_WH = (1920, 1080)
RATE_HZ = 30.0
ROW_SECONDS = 5.0
QUIET_REPORTS = 3
PROFILE_VARIABLES = ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")

NODE = """
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.nodes.parameters import LABELS_ALONE
from scene_clip_ros.nodes.process import run_node
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode

run_node(lambda: SceneClipNode(defaults=LABELS_ALONE, load_encoder=lambda _: FakeEncoder()))
"""
PLAYER = "from scene_clip_ros.nodes.drive_player import main; main()"


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to transport pictures: with the shipped profile or stock, reliable or not."""

    profile: str
    reliability: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived in one setting; ``late`` were published over 10 ms after their deadline."""

    profile: str
    reliability: str
    sent: int
    received: int
    late: int

    @property
    def share(self) -> float:
        """Received of those sent, in [0, 1]."""
        return self.received / self.sent if self.sent else 0.0


class ReportReader(Node):
    """Reads from /diagnostics how many pictures the node has received."""

    def __init__(self) -> None:
        """Subscribe."""
        super().__init__("delivery_benchmark")
        self.received: list[int] = []
        self.create_subscription(DiagnosticArray, "/diagnostics", self._read, 10)

    def wait_until_quiet(self, *, timeout_s: float = 15.0) -> int:
        """Return the count once it has stayed the same for some reports."""
        self.received.clear()
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            rclpy.spin_once(self, timeout_sec=0.1)
            newest = self.received[-QUIET_REPORTS:]
            if len(newest) == QUIET_REPORTS and len(set(newest)) == 1:
                return newest[0]
        message = f"expected {QUIET_REPORTS} equal reports, got {self.received}"
        raise TimeoutError(message)

    def _read(self, report: DiagnosticArray) -> None:
        for status in report.status:
            if status.name == "scene_clip: camera front":
                values = {item.key: item.value for item in status.values}
                self.received.append(int(values["received"]))


def main() -> int:
    """Measure every setting and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of video (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args()
    settings = [
        Setting("stock", "best_effort"),
        Setting("shipped", "best_effort"),
        Setting("stock", "reliable"),
        Setting("shipped", "reliable"),
    ]
    deliveries = measure_all(settings, seconds=args.seconds)
    print(json.dumps([asdict(item) for item in deliveries]) if args.json else table(deliveries))
    return 0


def measure_row() -> Outcome:
    """Measure the shipped profile beside stock Fast DDS, both best effort."""
    stock, shipped = measure_all(
        [Setting(profile, "best_effort") for profile in ("stock", "shipped")], seconds=ROW_SECONDS
    )
    row = Row(
        "delivery",
        value=100 * shipped.share,
        unit="% of 1080p30",
        baseline=100 * stock.share,
        ratio=shipped.share / stock.share if stock.share else None,
        limit=100.0,
        fraction_of_limit=shipped.share,
        goal="100 %",
        met=shipped.received == shipped.sent,
    )
    words = (
        f"{shipped.received} of {shipped.sent} raw pictures received, best effort, from a process "
        f"to another over DDS with the shipped profile, {shipped.late} of them published late; "
        f"baseline: stock Fast DDS, {stock.received} of {stock.sent}"
    )
    return Outcome(row, words)


def measure_all(settings: list[Setting], *, seconds: float) -> list[Delivery]:
    """Play one video in every setting."""
    os.environ.update(demo_environment(os.environ, process_id=os.getpid()))
    rclpy.init()
    try:
        reader = ReportReader()
        with tempfile.TemporaryDirectory() as folder:
            video = Path(folder) / "moving.mp4"
            frames = write_video(video, seconds=seconds)
            return [
                measure(reader, setting, video=video, frames=frames, folder=Path(folder))
                for setting in settings
            ]
    finally:
        rclpy.try_shutdown()


def measure(
    reader: ReportReader, setting: Setting, *, video: Path, frames: int, folder: Path
) -> Delivery:
    """Play the video to a new node and count."""
    environment = dict(os.environ)
    for variable in PROFILE_VARIABLES:
        environment.pop(variable, None)
        if setting.profile == "stock":
            environment[variable] = ""
    log = folder / "player.log"
    off = ("labels", "embedding", "memory")
    node_parameters = [f"{function}.enabled:=false" for function in off]
    node_parameters += ["diagnostics.period_s:=0.5"]
    player_parameters = [f"source:={video}", "stamp:=now", "wait_for_subscribers:=1"]
    player_parameters += [f"reliability:={setting.reliability}"]
    if setting.reliability == "reliable":
        node_parameters += ["qos_overrides./front/image.subscription.reliability:=reliable"]
    node_log = folder / "node.log"
    with python_process(["-c", NODE], node_parameters, environment=environment, log=node_log):
        with python_process(
            ["-c", PLAYER], player_parameters, environment=environment, log=log
        ) as player:
            player.wait()
        received = reader.wait_until_quiet()
    last = log.read_text(encoding="utf-8").strip().splitlines()[-1]
    late = int(last.split(" of them late")[0].split()[-1])
    return Delivery(setting.profile, setting.reliability, frames, received, late)


def write_video(path: Path, *, seconds: float) -> int:
    """Write a bar that moves over a gradient; return the number of frames."""
    width, height = SIZE_WH
    background = np.empty((height, width, 3), np.uint8)
    background[:] = np.linspace(0, 255, width, dtype=np.uint8)[None, :, None]
    count = round(seconds * RATE_HZ)
    writer = VideoWriter(path, rate_hz=RATE_HZ)
    for index in range(count):
        frame = background.copy()
        left = index * 16 % (width - 64)
        frame[:, left : left + 64] = (200, 30, 30)
        writer.write(frame)
    writer.close()
    return count


def table(deliveries: list[Delivery]) -> str:
    """Return the results for a person."""
    lines = [f"{SIZE_WH[0]}x{SIZE_WH[1]} rgb8 at {RATE_HZ:g} Hz"]
    lines += ["profile   reliability   sent  received  delivered  late"]
    lines += [
        f"{item.profile:9} {item.reliability:12} {item.sent:5} {item.received:9} "
        f"{item.share:9.1%} {item.late:5}"
        for item in deliveries
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
