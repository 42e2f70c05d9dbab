"""Malformed and hostile images: whatever comes, the next good one is labelled.

Two publish to the same topic, one hostile, one good: what a publisher whose bytes are no message
loses of its own is DDS's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from colour_camera import ColourCamera
from diagnostic_msgs.msg import DiagnosticArray
from fault_bench import FaultBench, settled_counts
from fault_table import FaultRow
from hostile_images import HostileImages

ROUND = 50
"""Hostile messages between two good ones; fewer than the queues of DDS hold."""

WIRE = ", damaged as DDS carries them"


@dataclass(frozen=True)
class Attack:
    """Hostile messages of one kind, and how the table tells of them."""

    transport: str
    draw: Callable[[HostileImages], object]
    name: str
    sent: str


RAW = "sizes, steps, encodings, stamps and frame names that do not fit, no or other data"
COMPRESSED = "JPEG and PNG files with flipped, missing, repeated and other bytes, strange headers"


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(Attack("raw", HostileImages.raw, "Image", RAW), id="raw"),
        pytest.param(
            Attack("compressed", HostileImages.compressed, "CompressedImage", COMPRESSED),
            id="compressed",
        ),
        pytest.param(
            Attack("raw", lambda it: it.wire(it.raw()), f"Image{WIRE}", RAW), id="raw-wire"
        ),
        pytest.param(
            Attack(
                "compressed",
                lambda it: it.wire(it.compressed()),
                f"CompressedImage{WIRE}",
                COMPRESSED,
            ),
            id="compressed-wire",
        ),
    ],
)
def test_hostile_images_stop_nothing(bench: FaultBench, attack: Attack) -> None:
    count = bench.times(1000, thorough=30_000)
    node = bench.start_node("processing:=every", f"transport:={attack.transport}")
    is_compressed = attack.transport == "compressed"
    camera = ColourCamera(bench.world, is_compressed=is_compressed)
    enemy = ColourCamera(bench.world, is_compressed=is_compressed)
    reports = bench.world.inbox(DiagnosticArray, "/diagnostics")
    hostile = HostileImages(seed=1)
    for each in (camera, enemy):
        each.send_and_check()
        each.sent = 0
    heard = settled_counts(reports, "front")["received"]
    before_mb = node.resident_mb()

    for _ in range(count // ROUND):
        for _ in range(ROUND):
            enemy.send(attack.draw(hostile))
        camera.send_one_and_check()

    counts = settled_counts(reports, "front")
    lost = camera.sent + enemy.sent - (counts["received"] - heard)
    assert node.is_running, node.said
    assert "Traceback" not in node.said
    assert counts["dropped"] == 0
    assert counts["failed"] > 0
    assert lost >= 0 if WIRE in attack.name else lost == 0
    bench.tell(
        FaultRow(
            fault=f"Hostile {attack.name}",
            sent=attack.sent,
            times=count,
            happened=f"{counts['failed']:,} refused and counted, {lost:,} refused by DDS, "
            f"the others processed; {node.resident_mb() - before_mb:+.0f} MB",
            recovery=f"a good picture after every {ROUND} was labelled, and rightly",
        )
    )
