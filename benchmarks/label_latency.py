"""How long after a camera message its labels arrive, beyond the bare call of the image tower.

    python benchmarks/label_latency.py --kind raw
    python benchmarks/label_latency.py --kind jpeg

A camera, the node and this listener are processes of their own and talk over DDS, on loopback, with
the shipped profile: 1080p at 10 Hz, ViT-B/32 with random weights. Latency is from DDS's source
timestamp of the picture to its reception timestamp of the labels. The bare tower is measured in the
node's process, at the same rate, while the camera rests. What is left is the way of a picture: DDS,
rclpy, decoding, scaling, deciding, and DDS again.

The baseline is the whole latency of a node as tutorials write it (`latency_tutorial`). Both nodes
run at the same time and get pictures by turns.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import rclpy
from arrivals import Arrivals, read_arrivals
from latency_camera import BURSTS
from plain_clip import ARCHITECTURE, random_clip
from ros_process import python_process
from row import Outcome, Row
from table import print_outcome

from scene_clip_ros.core.errors import ProcessError
from scene_clip_ros.core.threads import SHARING
from scene_clip_ros.demo.environment import demo_environment
from scene_clip_ros.models.cache_folder import CACHE_VARIABLE
from scene_clip_ros.msg import SceneLabels
from scene_clip_ros.nodes.camera_profile import use_camera_profile
from scene_clip_ros.nodes.demo_client import stamp_from_cdr
from scene_clip_ros.nodes.qos import RESULT_QOS

Kind = Literal["raw", "jpeg"]

HERE = Path(__file__).resolve().parent
ROUNDS = 4
TIMEOUT_S = 300.0
GOAL_MS: Mapping[Kind, float] = {"raw": 10.0, "jpeg": 12.0}


@dataclass(frozen=True, slots=True)
class Started:
    """A process, and the file that its output goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def require(self, holds: bool) -> None:  # noqa: FBT001 (its name says it)
        """Go on if a condition holds.

        Raises:
            ProcessError: It does not; the last line that the process wrote says why.
        """
        if not holds:
            *_, last = "nothing", *self.log.read_text(errors="replace").strip().splitlines()
            message = f"expected the {self.name} process to work to the end, got: {last}"
            raise ProcessError(message)


@dataclass(frozen=True, slots=True)
class Labelled:
    """What one node did.

    Attributes:
        latencies_ms: Of each picture that it labelled, in the order of the stamps, at least one.
        transports_ms: Of each, the part from DDS to DDS of the picture.
        sent: Pictures sent to it.
        arrivals: What the node itself took down.
    """

    latencies_ms: list[float]
    transports_ms: list[float]
    sent: int
    arrivals: Arrivals

    @property
    def p50_ms(self) -> float:
        """The median latency."""
        return float(np.median(self.latencies_ms))


def measure_raw() -> Outcome:
    """Measure with raw pictures."""
    return measure("raw", rounds=ROUNDS)


def measure_jpeg() -> Outcome:
    """Measure with JPEG pictures."""
    return measure("jpeg", rounds=ROUNDS)


def measure(kind: Kind, *, rounds: int) -> Outcome:
    """Run everything and compare.

    Raises:
        ProcessError: A process ended early or a node labelled too little.
    """
    nodes = run(kind, rounds=rounds)
    ours, tutorial = nodes["node"], nodes["tutorial"]
    tower_ms = float(np.median(ours.arrivals.tower_ms))
    beyond_ms = ours.p50_ms - tower_ms
    goal_ms = GOAL_MS[kind]
    row = Row(
        f"label_latency_{kind}",
        value=beyond_ms,
        unit="ms beyond the tower, median",
        baseline=tutorial.p50_ms,
        ratio=tutorial.p50_ms / ours.p50_ms,
        limit=None,
        fraction_of_limit=None,
        goal=f"<= {goal_ms:g} ms",
        met=beyond_ms <= goal_ms,
    )
    words = (
        f"{ARCHITECTURE}, 1080p {kind} at 10 Hz, camera message to label message over DDS: "
        f"{ours.p50_ms:.1f} ms, 95th percentile {np.percentile(ours.latencies_ms, 95):.1f}, of "
        f"which the bare tower {tower_ms:.1f} ({ours.arrivals.model}) and the picture's way to the "
        f"node {np.median(ours.transports_ms):.1f}; {len(ours.latencies_ms)} of {ours.sent} "
        f"labelled; baseline: whole latency of a node as tutorials write it, one prompt a label "
        f"embedded anew for every picture, {len(tutorial.latencies_ms)} of {tutorial.sent} "
        "labelled; ratio: of whole latencies"
    )
    return Outcome(row, words)


def run(kind: Kind, *, rounds: int) -> dict[str, Labelled]:
    """Let a camera play to both nodes; return what each did, by name.

    Raises:
        ProcessError: A process ended early or a node labelled too little.
    """
    os.environ.update(demo_environment(os.environ, process_id=os.getpid()))
    use_camera_profile()
    with random_clip() as clip, TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, CACHE_VARIABLE: str(clip.cache)}
        node_parameters = ["cameras:=[node]", f"model:={ARCHITECTURE}", "device:=cpu"]
        node_parameters += [f"pretrained:={clip.weights}"]
        node_parameters += [f"transport:={'compressed' if kind == 'jpeg' else 'raw'}"]
        # Of our thread settings, the tutorial knows nothing.
        plain_environment = {k: v for k, v in environment.items() if k not in SHARING}
        tutorial_options = ["--kind", kind, "--weights", str(clip.weights)]
        camera_options = ["--kind", kind, "--rounds", str(rounds)]
        with ExitStack() as stack:
            start = partial(_start, stack, folder=folder, environment=environment)
            nodes = {
                "node": start("node", [], node_parameters),
                "tutorial": start("tutorial", tutorial_options, environment=plain_environment),
            }
            camera = start("camera", camera_options)
            received = listen(camera, nodes)
        return {
            burst.node: _labelled(
                read_arrivals(folder / f"{burst.node}.json"),
                received[burst.node],
                sent=burst.frames * rounds,
            )
            for burst in BURSTS
        }


def listen(camera: Started, nodes: Mapping[str, Started]) -> dict[str, dict[int, int]]:
    """Receive labels until the camera has ended.

    Returns:
        By node and stamp of the picture, when DDS received its labels, nanoseconds.

    Raises:
        ProcessError: The camera failed or does not end, or a node ended before it.
    """
    received: dict[str, dict[int, int]] = {name: {} for name in nodes}

    def take(node: str, payload: bytes, info: dict[str, int]) -> None:
        received[node][stamp_from_cdr(payload)] = info["received_timestamp"]

    rclpy.init()
    try:
        listener = rclpy.create_node("label_latency")
        for name in nodes:
            topic = f"/{name}/scene_clip/labels"
            listener.create_subscription(
                SceneLabels, topic, partial(take, name), RESULT_QOS, raw=True
            )
        deadline_s = time.monotonic() + TIMEOUT_S
        while camera.process.poll() is None:
            rclpy.spin_once(listener, timeout_sec=0.1)
            for node in nodes.values():
                node.require(node.process.poll() is None)
            camera.require(time.monotonic() < deadline_s)
        camera.require(camera.process.returncode == 0)
    finally:
        rclpy.try_shutdown()
    return received


def _start(
    stack: ExitStack,
    name: str,
    options: Sequence[str],
    parameters: Sequence[str] = (),
    *,
    folder: Path,
    environment: Mapping[str, str],
) -> Started:
    """Start ``latency_<name>.py``, that of a node with a file for what it observes."""
    record = [] if name == "camera" else ["--record", str(folder / f"{name}.json")]
    arguments = [str(HERE / f"latency_{name}.py"), *options, *record]
    log = folder / f"{name}.log"
    process = python_process(arguments, parameters, environment=environment, log=log)
    return Started(name, stack.enter_context(process), log)


def _labelled(arrivals: Arrivals, received_ns: Mapping[int, int], *, sent: int) -> Labelled:
    stamps = sorted(arrivals.source_ns.keys() & received_ns.keys())
    if not stamps:
        message = f"expected labels of {sent} pictures, got none of {len(arrivals.source_ns)}"
        raise ProcessError(message)
    return Labelled(
        latencies_ms=[(received_ns[s] - arrivals.source_ns[s]) / 1e6 for s in stamps],
        transports_ms=[(arrivals.received_ns[s] - arrivals.source_ns[s]) / 1e6 for s in stamps],
        sent=sent,
        arrivals=arrivals,
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=tuple(GOAL_MS), default="raw", help="(%(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="(%(default)s)")
    args = parser.parse_args()
    print_outcome(measure(args.kind, rounds=args.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
