"""Memory of the node while many frames, and requests, go through it."""

from __future__ import annotations

from colour_camera import ColourCamera
from fault_bench import FaultBench
from fault_table import FaultRow

from scene_clip_ros.srv import QueryFrames

BURST = 100
"""Frames between two that are waited for; fewer than the queues of DDS hold."""

KEPT_FRAMES = 500
SETTLED = 0.3
"""Share of the frames after which everything has been allocated, and the memory is full."""

MOST_MB = 10.0


def test_memory_is_flat_however_many_frames_come(bench: FaultBench) -> None:
    count = bench.times(5000, thorough=100_000)
    node = bench.start_node(
        "processing:=every", f"memory.max_frames:={KEPT_FRAMES}", "memory.max_gap_s:=0.0"
    )
    camera = ColourCamera(bench.world)
    camera.send_and_check()
    before_mb = 0.0

    for sent in range(0, count, BURST):
        for _ in range(BURST - 1):
            camera.send(camera.make()[1])
        camera.send_one_and_check()
        request = QueryFrames.Request(text="red", thumbnails=True)
        assert bench.world.call(QueryFrames, "scene_clip/query_frames", request).success
        if sent < SETTLED * count:
            before_mb = node.resident_mb()

    grown_mb = node.resident_mb() - before_mb
    assert grown_mb < MOST_MB
    assert "Traceback" not in node.said
    bench.tell(
        FaultRow(
            fault="Many frames",
            sent=f"labels, boxes, alerts and memory of each; a query after every {BURST}",
            times=count,
            happened=f"{grown_mb:+.1f} MB from {SETTLED:.0%} of them on, {before_mb:.0f} MB then",
            recovery="every query was answered",
        )
    )
