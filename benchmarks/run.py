"""Run the benchmarks, print a table, and write out/bench/results.json.

    python benchmarks/run.py
    python benchmarks/run.py --only image_tower,boxes
    python benchmarks/run.py --markdown docs/benchmarks.md

Each row is measured in a process of its own, so that none finds threads or memory of another. Most
stand beside a baseline that is measured in the same process, taking turns. Figures are medians;
compare ratios, machines differ.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import machine
from row import Outcome, failed
from table import markdown, print_outcome, replace_part

from scene_clip_ros.core.threads import share_cores
from scene_clip_ros.models.cache_folder import CACHE_VARIABLE

RESULTS = Path("out/bench/results.json")
TABLE = Path("out/bench/table.md")

BENCHMARKS = {
    "image_tower": "image_tower:measure_frame",
    "image_tower_batch": "image_tower:measure_batch",
    "text_tower": "text_tower:measure",
    "label_latency_raw": "label_latency:measure_raw",
    "label_latency_jpeg": "label_latency:measure_jpeg",
    "boxes": "boxes:measure",
    "four_cameras": "four_cameras:measure",
    "delivery": "delivery:measure_row",
    "memory_search": "memory_search:measure_row",
    "archive_search": "archive_search:measure_row",
    "memory_growth": "memory_growth:measure",
}
"""Module and function that measure each row."""


def main() -> int:
    """Measure, print, write; return 1 if a row ended with an error."""
    args = parse_arguments()
    # As the node's executables do; baselines with torch run without, see `notebook`.
    share_cores(os.environ)
    start_s = time.monotonic()
    print(machine.describe())
    # What was found to be fastest on a day when the machine was busy must not hold for ever.
    with TemporaryDirectory() as cache:
        os.environ[CACHE_VARIABLE] = cache
        outcomes = run_all(args.only)
    write_results(outcomes)
    if args.markdown:
        replace_part(args.markdown, TABLE.read_text(encoding="utf-8"))
    print(f"took {time.monotonic() - start_s:.0f} s; written: {RESULTS}, {TABLE}")
    return 1 if any(outcome.row.value is None for outcome in outcomes) else 0


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line says; None: that of the process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=list(BENCHMARKS),
        metavar="NAME,...",
        help=f"rows to run: {', '.join(BENCHMARKS)}",
    )
    parser.add_argument(
        "--markdown", type=Path, help="document whose table is replaced by this one"
    )
    args = parser.parse_args(arguments)
    if unknown := sorted(set(args.only) - BENCHMARKS.keys()):
        parser.error(f"expected rows among {', '.join(BENCHMARKS)}; got {', '.join(unknown)}")
    if args.markdown and list(args.only) != list(BENCHMARKS):
        parser.error("expected --markdown without --only: a document has the whole table")
    return args


def run_all(names: Sequence[str]) -> list[Outcome]:
    """Measure and print rows."""
    outcomes = []
    for index, name in enumerate(names, 1):
        print(f"[{index}/{len(names)}] {name} ...", file=sys.stderr, flush=True)
        outcomes.append(run_apart(name, BENCHMARKS[name]))
        print_outcome(outcomes[-1])
    return outcomes


def run_apart(name: str, target: str) -> Outcome:
    """Measure a row in a new process; one that fails is a row, too.

    Args:
        name: Of the row.
        target: Module and function that measure it.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(measure, target).result()
        except Exception as err:  # the other rows go on
            traceback.print_exception(err)
            return failed(name, err)


def measure(target: str) -> Outcome:
    """Measure a row in this process."""
    module, function = target.split(":")
    outcome: Outcome = getattr(importlib.import_module(module), function)()
    return outcome


def write_results(outcomes: Sequence[Outcome]) -> None:
    """Write the rows as JSON and as a table."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    records = [outcome.row.record() for outcome in outcomes]
    RESULTS.write_text(json.dumps(records, indent=2) + "\n", encoding="utf-8")
    TABLE.write_text(markdown(outcomes, machine.describe()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
