"""Models that raise or return what no model should: the frame is lost, nothing else."""

from __future__ import annotations

from colors import picture
from colour_camera import ColourCamera
from diagnostic_msgs.msg import DiagnosticArray
from fault_bench import FaultBench, settled_counts
from fault_table import FaultRow
from image_messages import image_message

FAULTS = {
    (11, 0, 0): "the image tower raises",
    (12, 0, 0): "the image tower returns NaN",
    (13, 0, 0): "the image tower returns too few rows",
    (14, 0, 0): "the detector raises",
    (15, 0, 0): "the detector returns NaN",
}
"""What goes wrong with a picture of a colour; none of them is one that the models know."""

FAULTY_RUNTIME = """
import numpy as np
from scene_clip_ros.core.box_types import Proposals
from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.nodes.process import run_node
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode

class Encoder(FakeEncoder):
    def encode_images(self, images):
        rows = super().encode_images(images)
        colours = [tuple(image[0, 0].tolist()) for image in images]
        if (11, 0, 0) in colours:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        if (12, 0, 0) in colours:
            rows[colours.index((12, 0, 0))] = np.nan
        return rows[:-1] if (13, 0, 0) in colours else rows

class Proposer(FakeProposer):
    def propose(self, images):
        colours = [tuple(image[0, 0].tolist()) for image in images]
        if (14, 0, 0) in colours:
            raise RuntimeError("out of memory")
        found = super().propose(images)
        if (15, 0, 0) not in colours:
            return found
        nan = Proposals(
            xyxy=np.full((1, 4), np.nan, np.float32),
            objectness=np.full(1, np.nan, np.float32),
            class_scores=np.zeros((1, 0), np.float32),
        )
        return [nan if colour == (15, 0, 0) else it for colour, it in zip(colours, found)]

make = lambda: SceneClipNode(load_encoder=lambda _: Encoder(), load_proposer=lambda _: Proposer())
raise SystemExit(run_node(make))
"""


def test_a_model_that_fails_loses_the_frame_and_nothing_else(bench: FaultBench) -> None:
    count = bench.times(50, thorough=2000)
    node = bench.start_node("cameras:=[front, rear]", code=FAULTY_RUNTIME)
    front, rear = (ColourCamera(bench.world, name) for name in ("front", "rear"))
    reports = bench.world.inbox(DiagnosticArray, "/diagnostics")
    for camera in (front, rear):
        camera.send_and_check()
    before = settled_counts(reports, "rear")

    for number in range(count):
        colour = list(FAULTS)[number % len(FAULTS)]
        rear.send(image_message(picture(colour), number))
        front.send_one_and_check()
        rear.send_one_and_check()

    after = settled_counts(reports, "rear")
    counts = {name: after[name] - before[name] for name in after}
    assert node.is_running
    assert "Traceback" not in node.said, node.said
    assert counts["failed"] + counts["dropped"] == count
    assert counts["failed"] > count // 2
    assert settled_counts(reports, "front")["failed"] == 0
    bench.tell(
        FaultRow(
            fault="A model fails",
            sent=", ".join(FAULTS.values())
            + ", in a batch with another camera's frame or alone, as it "
            "happens",
            times=count,
            happened=f"{counts['failed']:,} frames counted as failed, "
            f"{counts['dropped']:,} overtaken by the next one",
            recovery="the next picture of the same camera, and each of the other camera, was "
            "labelled, and rightly",
        )
    )
