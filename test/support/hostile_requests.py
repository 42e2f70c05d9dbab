"""Requests that a broken or hostile client sends to every service of the node."""

from __future__ import annotations

import math
import random
from typing import Any

from builtin_interfaces.msg import Time
from hostile_images import INTERESTING, HostileImages

from scene_clip_ros.srv import Ask, QueryFrames, Segment, SetEnabled, SetVocabulary

SERVICES = {
    "scene_clip/ask": Ask,
    "scene_clip/query_frames": QueryFrames,
    "scene_clip/segment": Segment,
    "scene_clip/set_enabled": SetEnabled,
    "scene_clip/set_vocabulary": SetVocabulary,
}

TEXTS = (
    "",
    " ",
    "red",
    "is it red?",
    "a\nb\tc",
    "\x00",
    "é💡",
    "{}" * 50,
    "x" * 100_000,
    "how many " * 2000,
    "../../etc/passwd",
    "/dev/zero",
    "[" * 50_000,
    "{a: " * 3000,
    "!!python/object/apply:os.system ['reboot']",
    "&x {attributes: *x}",
    "queries: {" + ", ".join(f"q{number}: " for number in range(20_000)) + "}",
    "attributes: {colour: {labels: [red, red]}}",
    "attributes: {colour: {labels: [red]}}",
)
NUMBERS = (0.0, -1.0, 1.0, 1e-300, 1e300, -1e300, math.nan, math.inf, -math.inf)
LARGEST_F32 = 3.4e38


class HostileRequests:
    """Draws hostile requests, the same for the same seed.

    None of them is one that the node would carry out to its own harm, e.g. switch labels off.

    Args:
        seed: Of everything that is drawn.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._images = HostileImages(seed)

    def draw(self, service: str) -> Any:
        """Return a request to one of `SERVICES`."""
        make = getattr(self, f"_{service.rpartition('/')[2]}")
        return make()

    def _ask(self) -> Ask.Request:
        return Ask.Request(
            question=self._text(),
            end=self._time(),
            window_s=self._number(),
            cameras=self._cameras(),
        )

    def _query_frames(self) -> QueryFrames.Request:
        return QueryFrames.Request(
            text=self._text(),
            texts=self._texts(),
            image=self._images.compressed(),
            end=self._time(),
            window_s=self._number(),
            cameras=self._cameras(),
            top_k=self._random.choice(INTERESTING),
            min_score=self._float32(),
            min_gap_s=self._float32(),
            thumbnails=self._random.choice((True, False)),
        )

    def _segment(self) -> Segment.Request:
        return Segment.Request(
            texts=self._texts(),
            camera=self._text(),
            stamp=self._time(),
            threshold=self._float32(),
        )

    def _set_enabled(self) -> SetEnabled.Request:
        return SetEnabled.Request(function=self._text(), enabled=False)

    def _set_vocabulary(self) -> SetVocabulary.Request:
        """Return a change that is refused, or one of a query that nothing shows."""
        name = self._random.choice(("", "nothing", "x" * 201))
        return SetVocabulary.Request(
            vocabulary=self._random.choice(TEXTS),
            attribute=self._random.choice(("", "nothing")),
            query=name,
            labels=self._texts() if name else [],
            contrasts=self._texts() if not name else [],
        )

    def _text(self) -> str:
        return self._random.choice(TEXTS)

    def _texts(self) -> list[str]:
        """Return some texts, or many short ones: 200 MB on their way are DDS's affair."""
        if self._random.random() < 0.5:
            return ["red"] * self._random.choice((17, 255, 256, 2000))
        return [self._text() for _ in range(self._random.randrange(4))]

    def _cameras(self) -> list[str]:
        return self._random.choice(([], ["front"], ["rear"], [""] * 1000, [self._text()]))

    def _time(self) -> Time:
        return Time(
            sec=self._random.choice((0, 1, -1, 2**31 - 1, -(2**31))),
            nanosec=self._random.choice((0, 10**9, 2**32 - 1)),
        )

    def _number(self) -> float:
        return self._random.choice(NUMBERS)

    def _float32(self) -> float:
        number = self._number()
        finite = min(max(number, -LARGEST_F32), LARGEST_F32)
        return finite if math.isfinite(number) else number
