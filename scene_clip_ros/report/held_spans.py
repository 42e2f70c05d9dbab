"""From what is held at single frames to spans of time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from scene_clip_ros.report.drive_records import StampArray


@dataclass(frozen=True, slots=True)
class Span:
    """A time without a break in which one value is held.

    Attributes:
        value: Index of a label, 0 or 1 of a hazard, or an alert level.
        start_ns: Stamp of its first frame.
        end_ns: When the next value or a gap begins, > ``start_ns``.
    """

    value: int
    start_ns: int
    end_ns: int

    @property
    def length_ns(self) -> int:
        """Nanoseconds."""
        return self.end_ns - self.start_ns


def find_spans(
    stamps_ns: StampArray, values: npt.NDArray[Any], *, hold_ns: int, last_ns: int
) -> tuple[Span, ...]:
    """Join frames that hold one value.

    Args:
        stamps_ns: ``(N,)`` int64, rising; of equal ones the last counts.
        values: ``(N,)`` integers or bools.
        hold_ns: How long a frame speaks for the time after it, > 0; what no frame speaks for is
            in no span.
        last_ns: How long the last frame does, > 0.

    Returns:
        In order of time, not overlapping; empty for no frames.
    """
    if not len(stamps_ns):
        return ()
    is_last_of_stamp = np.append(stamps_ns[1:] > stamps_ns[:-1], True)
    stamps_ns, values = stamps_ns[is_last_of_stamp], values[is_last_of_stamp]
    nexts_ns = np.append(stamps_ns[1:], stamps_ns[-1] + last_ns)
    ends_ns = np.minimum(nexts_ns, stamps_ns + hold_ns)
    breaks = (values[1:] != values[:-1]) | (ends_ns[:-1] < nexts_ns[:-1])
    firsts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    lasts = np.concatenate([firsts[1:] - 1, [len(stamps_ns) - 1]])
    return tuple(
        Span(int(values[first]), int(stamps_ns[first]), int(ends_ns[last]))
        for first, last in zip(firsts, lasts, strict=True)
    )


def total_ns(spans: Sequence[Span], value: int | None = None) -> int:
    """Return how long spans are together: those of a value, or all."""
    return sum(span.length_ns for span in spans if value is None or span.value == value)


def drop_brief(spans: Sequence[Span], *, max_count: int) -> tuple[Span, ...]:
    """Keep the first span and the longest ones; each goes on where a shorter one followed it.

    Args:
        spans: In order of time, not overlapping.
        max_count: Most that are kept, ≥ 1.

    Returns:
        The same spans if there are no more; else at most ``max_count``, in order of time.
    """
    if len(spans) <= max_count:
        return tuple(spans)
    longest = sorted(range(len(spans)), key=lambda i: (i > 0, -spans[i].length_ns))[:max_count]
    kept = sorted(longest)
    ends = [*kept[1:], len(spans)]
    return tuple(
        Span(spans[i].value, spans[i].start_ns, _end_of_run(spans[i:end]))
        for i, end in zip(kept, ends, strict=True)
    )


def join_near(
    spans: Sequence[Span], *, values: Collection[int], max_count: int
) -> tuple[Span, ...]:
    """Pick the spans of some values; if they are too many, join those nearest to each other.

    Args:
        spans: In order of time, not overlapping.
        values: What is picked. A joint span has the highest value of its parts.
        max_count: Most that are returned, ≥ 1.
    """
    picked = [span for span in spans if span.value in values]
    if len(picked) <= max_count:
        return tuple(picked)
    breaks_ns = [late.start_ns - early.end_ns for early, late in pairwise(picked)]
    widest = sorted(range(len(breaks_ns)), key=lambda i: -breaks_ns[i])[: max_count - 1]
    firsts = [0, *(i + 1 for i in sorted(widest)), len(picked)]
    return tuple(_join(picked[first:end]) for first, end in pairwise(firsts))


def _end_of_run(spans: Sequence[Span]) -> int:
    """Return the end of the spans that follow the first one without a gap."""
    end_ns = spans[0].end_ns
    for span in spans[1:]:
        if span.start_ns > end_ns:
            break
        end_ns = span.end_ns
    return end_ns


def _join(spans: Sequence[Span]) -> Span:
    value = max(span.value for span in spans)
    return Span(value, spans[0].start_ns, spans[-1].end_ns)
