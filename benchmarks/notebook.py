"""The baselines of a notebook, in a process as its kernel is: with none of our thread settings.

What our executables set would slow torch here: a picture through ViT-B/32 in fp32 took 68 ms
without and 85 ms with it. The process lives as long as the measurement, takes turns with what is
compared with it, and tells the time of each call by its own clock: handing over is not in it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from pictures import street
from PIL import Image
from plain_clip import PlainClip
from safetensors.torch import load_file
from timing import elapsed_ms
from torchvision import models
from torchvision.transforms import functional as transforms

from scene_clip_ros.core.threads import SHARING
from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.pipeline.regions import crops_of

Result = TypeVar("Result")


@dataclass(slots=True)
class _Kernel:
    """What the process of the notebook holds."""

    clip: PlainClip | None = None
    detector: Any = None


_kernel = _Kernel()


class Notebook:
    """A running kernel."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        """Take the process."""
        self._pool = pool

    def run(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function of a module there, and return what it returns."""
        return self._pool.submit(work, *arguments).result()


@contextmanager
def notebook(weights: Path | None = None) -> Iterator[Notebook]:
    """Start a kernel, and end it with the block.

    Args:
        weights: Of the model that it loads; None: none.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        with unset(os.environ, SHARING):
            pool.submit(_load, weights).result()
        yield Notebook(pool)


@contextmanager
def unset(environment: MutableMapping[str, str], names: Iterable[str]) -> Iterator[None]:
    """Leave variables out of an environment within the block."""
    left_out = {name: environment.pop(name) for name in list(names) if name in environment}
    try:
        yield
    finally:
        environment.update(left_out)


def embed_frames(count: int) -> float:
    """Embed so many 1080p pictures in one batch; return milliseconds."""
    pictures = (street(2) * count)[:count]
    return elapsed_ms(lambda: _clip().embed_pictures(pictures))


def embedding_of_frame() -> FloatArray:
    """Return the embedding of the first of these pictures."""
    return _clip().embed_pictures(street(2)[:1])


def embed_prompts(prompts: Sequence[str]) -> float:
    """Embed prompts one at a time; return milliseconds."""
    return elapsed_ms(lambda: [_clip().embed_texts([prompt]) for prompt in prompts])


def embedding_of_prompt(prompt: str) -> FloatArray:
    """Return the embedding of a prompt."""
    return _clip().embed_texts([prompt])


def embed_queries(queries: Sequence[Sequence[str]]) -> float:
    """Embed the prompts of queries, one query at a time; return milliseconds."""
    return elapsed_ms(lambda: [_clip().embed_texts(prompts) for prompts in queries])


def load_detector(name: str, weights: Path) -> None:
    """Load a detector of torchvision."""
    network = models.get_model(name, weights=None, weights_backbone=None).eval()
    network.load_state_dict(load_file(weights))
    _kernel.detector = network


def find_boxes(regions: FloatArray) -> float:
    """Run the detector over a 1080p picture and embed crops one at a time; return milliseconds.

    Args:
        regions: ``(N, 4)`` pixels xyxy: those whose crops are embedded, whatever was detected.
    """
    (rgb,) = street(1)
    crops = crops_of(rgb, regions).cut()

    def look() -> None:
        with torch.inference_mode():
            _kernel.detector([transforms.to_tensor(Image.fromarray(rgb))])
        for crop in crops:
            _clip().embed_pictures([crop])

    return elapsed_ms(look)


def _load(weights: Path | None) -> None:
    _kernel.clip = PlainClip(weights) if weights else None


def _clip() -> PlainClip:
    assert _kernel.clip is not None
    return _kernel.clip
