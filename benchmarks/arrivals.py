"""What a node under measurement knows of its pictures and of its model, handed on in a file."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scene_clip_ros.nodes.stamps import stamp_ns

NeedsInfo = Callable[[Any, dict[str, int]], None]


@dataclass(slots=True)
class Arrivals:
    """Pictures that a node has received.

    Attributes:
        source_ns: By stamp of a picture, when DDS sent it, nanoseconds.
        received_ns: By stamp, when DDS received it, nanoseconds.
        tower_ms: Times of the bare image tower, milliseconds.
        model: What runs, in words.
        last_s: When the last picture came, on the monotonic clock; -inf before the first.
    """

    source_ns: dict[int, int] = field(default_factory=dict)
    received_ns: dict[int, int] = field(default_factory=dict)
    tower_ms: list[float] = field(default_factory=list)
    model: str = ""
    last_s: float = -math.inf

    def observe(self, callback: Callable[[Any], None]) -> NeedsInfo:
        """Return a callback of a subscription that takes a picture down and hands it on."""

        def take(message: Any, info: dict[str, int]) -> None:
            stamp = stamp_ns(message.header.stamp)
            self.source_ns[stamp] = info["source_timestamp"]
            self.received_ns[stamp] = info["received_timestamp"]
            self.last_s = time.monotonic()
            callback(message)

        return take

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read_arrivals(path: Path) -> Arrivals:
    """Read what `Arrivals.write` has written."""
    values = json.loads(path.read_text(encoding="utf-8"))
    for key in ("source_ns", "received_ns"):
        values[key] = {int(stamp): time_ns for stamp, time_ns in values[key].items()}
    return Arrivals(**values)
