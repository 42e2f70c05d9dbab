"""What every test of faults needs: a node in a process, how often to try, where to tell it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colors import COLOUR_WORDS
from diagnostic_msgs.msg import DiagnosticArray
from fault_table import FaultRow
from node_process import FAKE_RUNTIME, NodeProcess
from ros_world import Inbox, RosWorld

COUNTS = ("received", "processed", "skipped", "dropped", "failed")


@dataclass(frozen=True)
class FaultBench:
    """One test of faults.

    Attributes:
        world: The far side of the nodes.
        start_process: Starts code with parameters.
        folder: Of the test, for files.
        is_thorough: Whether to try as often as docs/reliability.md tells, or a few times.
        tell: Records a row of its table.
    """

    world: RosWorld
    start_process: Callable[..., NodeProcess]
    folder: Path
    is_thorough: bool
    tell: Callable[[FaultRow], None]

    def times(self, few: int, *, thorough: int) -> int:
        """Choose how often something is done."""
        return thorough if self.is_thorough else few

    def start_node(self, *parameters: str, code: str = FAKE_RUNTIME) -> NodeProcess:
        """Start the node with models that know colours, or other code, and wait until it runs.

        Each frame is labelled by itself, red, green or blue; red things are people.
        """
        path = self.folder / "colours.yaml"
        path.write_text(COLOUR_WORDS)
        process = self.start_process(
            code,
            f"vocabulary:={path}",
            "labels.tau_s:=0.0",
            "labels.dwell_s:=0.0",
            "diagnostics.period_s:=0.2",
            *parameters,
        )
        process.wait_until_said("cameras: ")
        return process


def settled_counts(reports: Inbox, camera: str) -> dict[str, int]:
    """Return the counts of a camera, `COUNTS`, once each frame received has been decided about."""

    def counts(report: Any) -> dict[str, int]:
        (status,) = [it for it in report.status if it.name.endswith(f"camera {camera}")]
        values = {value.key: value.value for value in status.values}
        return {name: int(values[name]) for name in COUNTS}

    def is_settled(report: DiagnosticArray) -> bool:
        received, *others = counts(report).values()
        return received == sum(others)

    return counts(reports.wait_for_new(is_settled, "all frames decided about"))
