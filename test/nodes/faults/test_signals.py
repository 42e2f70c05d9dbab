"""SIGINT and SIGTERM at any moment of an executable's life."""

from __future__ import annotations

import random
import signal
import time

import pytest
from fault_bench import FaultBench
from fault_table import FaultRow
from node_process import INSTALLED

NUMBERS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize(
    ("executable", "parameter", "life_s"),
    [
        ("scene_clip", "labels.tau_s:=0.5", 8.0),
        ("pedestrian_alerts", "alert.hold_s:=0.5", 3.0),
        ("drive_player", "source:=sim:city-day?size=320x180&seconds=900", 3.0),
        ("scene_monitor", "port:=0", 3.0),
    ],
)
def test_a_signal_at_any_moment_ends_an_executable_cleanly(
    bench: FaultBench, executable: str, parameter: str, life_s: float
) -> None:
    count = bench.times(4, thorough=50)
    draw = random.Random(executable)
    longest_s = 0.0

    for index in range(count):
        process = bench.start_process(INSTALLED.replace("EXECUTABLE", executable), parameter)
        process.wait_until_handling(signal.SIGTERM)
        process.wait_at_most(draw.uniform(0, life_s))
        start_s = time.monotonic()
        process.send_signal(NUMBERS[index % 2])
        if index % 4 >= 2:  # as a terminal and ros2 launch do together
            process.send_signal(NUMBERS[index % 2])
        status = process.wait()
        longest_s = max(longest_s, time.monotonic() - start_s)

        assert status == 0, process.said
        assert "Traceback" not in process.said, process.said

    if bench.is_thorough:
        assert longest_s < 2
    bench.tell(
        FaultRow(
            fault=f"SIGINT and SIGTERM to `{executable}`",
            sent=f"a signal, or two at once, at a random moment of its first {life_s:g} s, imports "
            "and models included",
            times=count,
            happened=f"status 0, no traceback, the end at most {longest_s:.1f} s later",
            recovery="started again each time",
        )
    )
