"""Run the benchmarks and write out/bench/results.json.

    python benchmarks/run.py --only image_tower

Every row stands beside a baseline that is measured in the same run. Figures are medians; compare
ratios, machines differ.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import archive_search
import delivery
import image_tower
import memory_search

RESULTS = Path("out/bench/results.json")


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure.

    Attributes:
        name: What was measured.
        value: The figure.
        unit: Of value and baseline.
        baseline: The same, done the straightforward way, in the same run.
        ratio: How many times better than the baseline.
        goal: What the ratio or value should reach, in words.
        met: Whether it does.
    """

    name: str
    value: float
    unit: str
    baseline: float
    ratio: float
    goal: str
    met: bool


def measure_image_tower() -> Row:
    """Frame in, unit vector out: the package's encoder beside PIL and torch fp32."""
    ours_ms, plain_ms = image_tower.measure()
    ratio = plain_ms / ours_ms
    return Row(
        "image_tower", ours_ms, "ms a 1080p frame", plain_ms, ratio, "ratio >= 5", ratio >= 5
    )


def measure_delivery() -> Row:
    """Raw 1080p30 over DDS: the shipped profile beside stock Fast DDS, both best effort."""
    stock, shipped = (
        delivery.measure_share(delivery.Setting(profile, "best_effort"), seconds=5.0)
        for profile in ("stock", "shipped")
    )
    ratio = shipped / max(stock, 1e-3)
    return Row("delivery", 100 * shipped, "% of 1080p30", 100 * stock, ratio, "100 %", shipped == 1)


def measure_archive_search() -> Row:
    """A million frames on disk: the archive beside FAISS's exact search in memory."""
    measured = archive_search.measure()
    recall = min(measured.image_recall, measured.text_recall)
    goal = (
        "<= 10 ms, recall@10 >= 0.95, opens in <= 1 s, <= 1200 B a frame; "
        f"recall {recall:.3f}, opens in {measured.open_ms:.0f} ms, {measured.frame_bytes:.0f} B"
    )
    ratio = measured.exact_ms / measured.query_ms
    exact_ms = measured.exact_ms
    return Row(
        "archive_search", measured.query_ms, "ms a query", exact_ms, ratio, goal, measured.is_good
    )


def measure_memory_search() -> Row:
    """A full memory while frames keep coming, beside a deque that is stacked for every query."""
    measured = memory_search.measure()
    goal = f"<= 15 ms, <= 250 MB; holds {measured.megabytes:.0f} MB"
    ratio = measured.baseline_ms / measured.median_ms
    return Row(
        "memory_search",
        measured.p99_ms,
        "ms a query, 99th percentile",
        measured.baseline_ms,
        ratio,
        goal,
        measured.is_good,
    )


BENCHMARKS: dict[str, Callable[[], Row]] = {
    "image_tower": measure_image_tower,
    "delivery": measure_delivery,
    "archive_search": measure_archive_search,
    "memory_search": measure_memory_search,
}


def main() -> int:
    """Measure, print a table, write the results."""
    parser = argparse.ArgumentParser(description="Measure speed beside a baseline.")
    parser.add_argument("--only", choices=tuple(BENCHMARKS), help="run one of them")
    args = parser.parse_args()
    rows = []
    print(f"{'name':14} {'value':>9} {'baseline':>9} {'ratio':>7}  unit; goal")
    for name in [args.only] if args.only else list(BENCHMARKS):
        row = BENCHMARKS[name]()
        rows.append(row)
        met = "met" if row.met else "missed"
        print(
            f"{row.name:14} {row.value:9.2f} {row.baseline:9.2f} {row.ratio:6.1f}x"
            f"  {row.unit}; {row.goal}: {met}",
            flush=True,
        )
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")
    print(f"written: {RESULTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
