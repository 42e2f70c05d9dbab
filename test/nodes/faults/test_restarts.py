"""The node is killed beside a camera and a subscriber that go on, and started again."""

from __future__ import annotations

from colour_camera import ColourCamera
from fault_bench import FaultBench
from fault_table import FaultRow


def test_a_killed_node_is_heard_again_by_who_listened_to_the_old_one(bench: FaultBench) -> None:
    count = bench.times(2, thorough=50)
    node = bench.start_node()
    camera = ColourCamera(bench.world)
    camera.send_and_check()

    for _ in range(count):
        node.kill()
        camera.send(camera.make()[1])
        node = bench.start_node()
        camera.send_and_check()

    assert "Traceback" not in node.said
    bench.tell(
        FaultRow(
            fault="The node is killed and started again",
            sent="SIGKILL, beside a camera and a subscriber that go on",
            times=count,
            happened="the process ended; the camera and the subscriber went on",
            recovery="the same subscriber got right labels of the same camera, from the new node",
        )
    )
