"""Progress bars on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def with_progress(
    items: Iterable[T], *, total: int | None, label: str, unit: str = "frame"
) -> Iterator[T]:
    """Pass items through and show on stderr how far they are.

    Nothing is shown when stderr is not a terminal, so that logs stay readable.

    Args:
        items: What is worked through.
        total: How many there will be; ``None`` if unknown.
        label: What is being done, e.g. ``rendering``.
        unit: What an item is.
    """
    from tqdm import tqdm

    yield from tqdm(
        items,
        total=total,
        desc=label,
        unit=unit,
        disable=not sys.stderr.isatty(),
        dynamic_ncols=True,
    )


def print_losses(step: int, losses: dict[str, float]) -> None:
    """Print a line of the fit's progress."""
    parts = "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
    print(f"step {step:5d}  {parts}", flush=True)
