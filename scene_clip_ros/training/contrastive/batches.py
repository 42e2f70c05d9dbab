"""Draws batches of pairs in an order that depends on the seed and the step only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
import numpy.typing as npt
import torch

from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.training.contrastive.pairs import Pair

OnProblem = Callable[[str], None]
"""Told once of every picture that cannot be read: its name and why."""

_AHEAD = 2
"""Batches that are read while one is used."""

_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs that are compared with each other.

    Attributes:
        pixels: ``(N, 3, h, w)`` float32, prepared for the model.
        captions: N texts.
        pairs: Where they come from.
    """

    pixels: torch.Tensor
    captions: tuple[str, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """One pair of a batch: its caption, and the part of the picture that is shown."""

    pair: Pair
    caption: str
    share: float
    at_xy: tuple[float, float]


class PairReader:
    """Reads and prepares pictures in threads; those that are broken are left out and named."""

    def __init__(self, preprocessing: Preprocessing, *, workers: int, report: OnProblem) -> None:
        """Keep what is needed.

        Args:
            preprocessing: Of the model.
            workers: Threads, ≥ 1.
            report: Told of pictures that cannot be read.
        """
        self._preprocessing = preprocessing
        self._workers = workers
        self._report = report
        self.broken: list[str] = []
        """What was told of; filled anew where a run goes on."""

    def read(self, batches: Iterable[Sequence[_Item]]) -> Iterator[Batch | None]:
        """Yield batches in their order, while those that follow are read.

        A batch is None if fewer than two of its pictures can be read: nothing is compared in it.
        """
        pool = ThreadPoolExecutor(self._workers)
        ahead: deque[tuple[Sequence[_Item], list[Future[torch.Tensor]]]] = deque()
        try:
            for items in batches:
                ahead.append((items, [pool.submit(self._prepare, item) for item in items]))
                if len(ahead) > _AHEAD:
                    yield self._gathered(*ahead.popleft())
            while ahead:
                yield self._gathered(*ahead.popleft())
        finally:
            pool.shutdown(cancel_futures=True)

    def _prepare(self, item: _Item) -> torch.Tensor:
        part = show_part(item.pair.picture.decode(), share=item.share, at_xy=item.at_xy)
        return self._preprocessing.batch([part], _CPU)

    def _gathered(
        self, items: Sequence[_Item], prepared: Sequence[Future[torch.Tensor]]
    ) -> Batch | None:
        pixels, whole = [], []
        for item, future in zip(items, prepared, strict=True):
            try:
                pixels.append(future.result())
            except ImageError as err:
                self._name_broken(f"{item.pair.name}: {err}")
            else:
                whole.append(item)
        if len(whole) < 2:
            return None
        captions, pairs = zip(*((item.caption, item.pair) for item in whole), strict=True)
        return Batch(torch.cat(pixels), captions, pairs)

    def _name_broken(self, problem: str) -> None:
        if problem not in self.broken:
            self.broken.append(problem)
            self._report(problem)


@dataclass(frozen=True, slots=True)
class TrainingOrder:
    """Which pairs a step uses, with which caption of each, and which part of each picture.

    Attributes:
        pairs: All that are trained on.
        batch: Pairs a step, in [2, number of pairs].
        least_share: Least share of a picture's area that is shown, in (0, 1].
        seed: Of everything that is drawn.
    """

    pairs: tuple[Pair, ...]
    batch: int
    least_share: float
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """Steps in which every pair is used at most once."""
        return len(self.pairs) // self.batch

    def items(self, step: int) -> list[_Item]:
        """Draw the pairs of a step; equal steps give equal pairs."""
        epoch, place = divmod(step, self.steps_per_epoch)
        rows = _shuffled(len(self.pairs), self.seed, epoch)[place * self.batch :][: self.batch]
        draws = np.random.default_rng([self.seed, 1, step]).random((len(rows), 4))
        return [
            _drawn(self.pairs[row], draw, self.least_share)
            for row, draw in zip(rows.tolist(), draws.tolist(), strict=True)
        ]


def validation_items(pairs: Sequence[Pair], batch: int) -> Iterator[list[_Item]]:
    """Yield whole pictures in batches, each with its first caption; the last has two at least."""
    starts = list(range(0, max(1, len(pairs) - 1), batch))
    for start, stop in zip(starts, [*starts[1:], len(pairs)], strict=True):
        yield [_Item(pair, pair.captions[0], 1.0, (0.0, 0.0)) for pair in pairs[start:stop]]


def show_part(rgb: ImageArray, *, share: float, at_xy: tuple[float, float]) -> ImageArray:
    """Cut a part out of a picture, of the same aspect ratio.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        share: Of the area, in (0, 1].
        at_xy: Where in what is left over the part begins, in [0, 1] each.
    """
    height, width = rgb.shape[:2]
    part_h, part_w = (max(1, round(side * sqrt(share))) for side in (height, width))
    left, top = round((width - part_w) * at_xy[0]), round((height - part_h) * at_xy[1])
    return rgb[top : top + part_h, left : left + part_w]


def _drawn(pair: Pair, draw: list[float], least_share: float) -> _Item:
    caption = pair.captions[int(draw[0] * len(pair.captions))]
    share = least_share + (1 - least_share) * draw[1]
    return _Item(pair, caption, share, (draw[2], draw[3]))


@lru_cache(maxsize=2)
def _shuffled(count: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng([seed, 0, epoch]).permutation(count)
