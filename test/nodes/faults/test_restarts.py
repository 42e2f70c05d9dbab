"""The node is killed beside a camera and a subscriber that go on, and started again."""

from __future__ import annotations

from contextlib import ExitStack

from colour_camera import ColourCamera
from fault_bench import FaultBench
from fault_table import FaultRow
from shared_memory import locks_of_ports, mapped


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


def test_a_node_takes_no_port_that_others_have_open_for_the_killed_one(bench: FaultBench) -> None:
    count = bench.times(1, thorough=20)
    node = bench.start_node()
    camera = ColourCamera(bench.world)
    with ExitStack() as opened:
        for _ in range(count):
            ports = locks_of_ports(node.pid)
            for lock in ports:
                opened.enter_context(mapped(lock))
            node.kill()

            node = bench.start_node()

            assert len(ports) == len(locks_of_ports(node.pid)) > 0
            assert not locks_of_ports(node.pid) & ports
            camera.send_and_check()
    bench.tell(
        FaultRow(
            fault="The node is killed and started again, others write on to the killed one",
            sent="SIGKILL; its ports of shared memory are kept open by another process",
            times=count,
            happened="the new node took other ports",
            recovery="right labels from the new node",
        )
    )
