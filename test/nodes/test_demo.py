"""The demo as a whole: player, node and listener as processes over DDS."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rclpy.serialization import serialize_message
from recordings import write_video
from sensor_msgs.msg import CompressedImage
from tiny_clip import write_model
from tiny_regions import write_detector

from scene_clip_ros.cli.main import main
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.sources import open_source
from scene_clip_ros.nodes.demo_client import stamp_from_cdr
from scene_clip_ros.nodes.stamps import time_message

Options = tuple[str, ...]

CLI = "from scene_clip_ros.cli.main import main; raise SystemExit(main())"
FRAMES = 8
MANY = 240
"""Enough frames to be interrupted on the way."""

TIMEOUT_S = 240.0


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Options:
    """Return the options that name tiny models with random weights."""
    folder = tmp_path_factory.mktemp("models")
    model, detector = write_model(folder), write_detector(folder / "regions")
    return "--model", str(model), "--detector", str(detector)


def render(path: Path, *, seconds: float) -> Path:
    """Render a tiny drive at 8 Hz."""
    arguments = ["--seconds", str(seconds), "--rate", "8", "--size", "64x48", "-o", str(path)]
    assert main(["sim", *arguments]) == 0
    return path


def start_demo(drive: Path, models: Options, out: Path, *, domain_id: int) -> subprocess.Popen[str]:
    """Start the demo outside the source tree, whose package has no messages."""
    return subprocess.Popen(
        [sys.executable, "-c", CLI, "demo", str(drive), *models, "--out", str(out)],
        cwd=drive.parent,
        env={**os.environ, "ROS_DOMAIN_ID": str(domain_id)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def find_running(out: Path) -> list[str]:
    """Return the processes that were started with parameters from a folder."""
    commands = (path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline"))
    return [text for text in (c.decode(errors="replace") for c in commands) if str(out) in text]


def test_every_frame_is_sent_matched_and_recorded(
    tmp_path: Path, models: Options, domain_id: int
) -> None:
    drive, out = render(tmp_path / "drive.mcap", seconds=FRAMES / 8), tmp_path / "out"
    printed, problems = start_demo(drive, models, out, domain_id=domain_id).communicate(
        timeout=TIMEOUT_S
    )
    summary = json.loads((out / "summary.json").read_text())
    assert summary["frames_sent"] == FRAMES, problems
    assert summary["frames_received"] + summary["frames_dropped"] == FRAMES
    assert summary["frames_received"] > 0
    assert 0 < summary["latency_ms"]["p50"] <= summary["latency_ms"]["p95"]
    assert summary["accuracy"].keys() == {"weather", "time_of_day", "road", "surface"}
    assert summary["model"].startswith("tiny/")
    assert summary["backend"].split()[0] in {"torch", "openvino", "onnxruntime"}
    assert "frames sent" in printed
    assert "live page: http://127.0.0.1:" in printed
    with BagReader(out / "results.mcap") as reader:
        counts = {topic.name: topic.message_count for topic in reader.topics}
    assert counts.keys() == {f"/front/scene_clip/{name}" for name in ("labels", "boxes", "alert")}
    assert counts["/front/scene_clip/labels"] == summary["frames_received"]
    assert counts["/front/scene_clip/boxes"] == summary["frames_received"]
    assert counts["/front/scene_clip/alert"] >= summary["frames_received"]
    assert summary["boxes"].keys() >= {"people_recall", "false_per_frame", "map50"}
    assert summary["alerts"].keys() >= {"events", "warned", "false_warnings"}
    with open_source(out / "annotated.mp4") as video:
        assert video.frame_count == FRAMES
    assert find_running(out) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "kill"])
def test_an_interrupted_demo_sums_up_and_leaves_no_process(
    tmp_path: Path, models: Options, domain_id: int, number: signal.Signals
) -> None:
    drive, out = tmp_path / "drive.avi", tmp_path / "out"
    write_video(drive, frames=MANY, rate_hz=8.0)
    demo = start_demo(drive, models, out, domain_id=domain_id)
    assert demo.stdout is not None
    for line in demo.stdout:
        if "front" in line and " ms " in line:
            break
    demo.send_signal(number)
    printed, problems = demo.communicate(timeout=TIMEOUT_S)
    assert demo.returncode == 0, problems
    assert "interrupted" in printed
    summary = json.loads((out / "summary.json").read_text())
    assert 0 < summary["frames_received"] <= summary["frames_sent"] < MANY
    assert find_running(out) == []


def test_a_node_that_cannot_start_is_reported_in_one_line(tmp_path: Path, domain_id: int) -> None:
    drive, out = render(tmp_path / "drive.mcap", seconds=1), tmp_path / "out"
    options = ("--no-page", "--model", str(tmp_path / "none.json"))
    demo = start_demo(drive, options, out, domain_id=domain_id)
    _, problems = demo.communicate(timeout=TIMEOUT_S)
    assert demo.returncode == 2
    (line,) = problems.splitlines()
    assert line.startswith("scene-clip: error: expected scene_clip to keep running")
    assert "none.json" in line
    assert find_running(out) == []


@pytest.mark.parametrize("stamp_ns", [0, 1, 1_700_000_000_123_456_789])
def test_the_stamp_is_read_without_the_pixels(stamp_ns: int) -> None:
    message = CompressedImage(format="jpeg")
    message.header.stamp = time_message(stamp_ns)
    assert stamp_from_cdr(serialize_message(message)) == stamp_ns
