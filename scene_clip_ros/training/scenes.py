"""Renders whole pictures and the truth about them, in shards that survive an interruption.

People, animals and obstacles are rare on ordinary drives, so most drives script some, or are
crowded with them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.training.detection.crowds import populate

SIZE_WH = (960, 540)
DRIVES_PER_SHARD = 60
FRAMES_PER_DRIVE = 4
FIRST_SEED = 200_000_000
"""Drives of whole pictures have seeds from here on; no drive that is measured has."""

_DRIVE_S = 8.0
_JPEG_QUALITY = 95
_CROWDED_SHARE = 0.7

_SCENARIO_ODDS = {
    "random": 0.34,
    "crossing-adult": 0.07,
    "crossing-child": 0.09,
    "crossing-baby": 0.08,
    "crossing-wheelchair": 0.08,
    "crossing-cyclist": 0.07,
    "crossing-stroller": 0.05,
    "walker-beside-road": 0.07,
    "animal-on-road": 0.06,
    "debris-on-road": 0.04,
    "road-works": 0.05,
}


@dataclass(frozen=True, slots=True)
class SceneShard:
    """Rendered pictures.

    Attributes:
        jpegs: One JPEG file per picture, all of one size.
        truths: A record of ``FrameTruth.to_json`` per picture.
        masks: One PNG file of ``semantics.SemanticClass`` ids per picture, of its size; none if
            the shard was rendered before there were masks.
    """

    jpegs: tuple[bytes, ...]
    truths: tuple[dict[str, Any], ...]
    masks: tuple[bytes, ...] = ()

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.jpegs)

    def decode(self, index: int) -> ImageArray:
        """Return a picture, ``(H, W, 3)`` uint8 RGB."""
        data = np.frombuffer(self.jpegs[index], np.uint8)
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert bgr is not None
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)

    def decode_mask(self, index: int) -> npt.NDArray[np.uint8]:
        """Return what a picture's pixels are, ``(H, W)`` uint8 ids of ``SemanticClass``."""
        ids = cv2.imdecode(np.frombuffer(self.masks[index], np.uint8), cv2.IMREAD_GRAYSCALE)
        assert ids is not None
        return np.asarray(ids, np.uint8)


def render_scenes(number: int, *, size_wh: tuple[int, int] = SIZE_WH) -> SceneShard:
    """Render one shard; equal numbers and sizes give equal shards."""
    jpegs, truths, masks = [], [], []
    first = FIRST_SEED + number * DRIVES_PER_SHARD
    for seed in range(first, first + DRIVES_PER_SHARD):
        rng = np.random.default_rng([seed, 78])
        name = str(rng.choice(list(_SCENARIO_ODDS), p=list(_SCENARIO_ODDS.values())))
        scenario = make_scenario(name, seed=seed, seconds=_DRIVE_S)
        if rng.random() < _CROWDED_SHARE:
            scenario = populate(scenario, rng, seconds=_DRIVE_S)
        drive = Drive(scenario, seed=seed, seconds=_DRIVE_S, size_wh=size_wh)
        for index in rng.choice(len(drive), FRAMES_PER_DRIVE, replace=False):
            frame = drive.render(int(index))
            bgr = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)
            _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
            jpegs.append(data.tobytes())
            truths.append(frame.truth.to_json())
            masks.append(cv2.imencode(".png", frame.labels_mask)[1].tobytes())
    return SceneShard(tuple(jpegs), tuple(truths), tuple(masks))


def ensure_scenes(
    folder: Path, count: int, *, size_wh: tuple[int, int] = SIZE_WH, workers: int = 1
) -> list[Path]:
    """Render the first ``count`` shards into a folder unless they are there.

    Args:
        folder: Made if missing. A shard appears in it when it is whole.
        count: Of shards.
        size_wh: Of the pictures, pixels. A folder holds shards of one size.
        workers: Processes that render, ≥ 1.

    Returns:
        The shard files, in order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"scenes-{number:05d}.npz" for number in range(count)]
    missing = [(number, path) for number, path in enumerate(paths) if not path.exists()]
    if missing:
        # Forking a process that runs threads, as OpenCV's, may hang.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for _ in pool.map(partial(_write_scenes, size_wh=size_wh), *zip(*missing, strict=True)):
                pass
    return paths


def load_scenes(paths: Sequence[Path]) -> SceneShard:
    """Read shards that ``ensure_scenes`` wrote, as one."""
    jpegs: list[bytes] = []
    truths: list[dict[str, Any]] = []
    masks: list[bytes] = []
    for path in paths:
        with np.load(path, allow_pickle=False) as data:
            jpegs += _split(data["jpegs"], data["ends"])
            truths += json.loads(str(data["truths"]))
            if "masks" in data:
                masks += _split(data["masks"], data["mask_ends"])
    return SceneShard(tuple(jpegs), tuple(truths), tuple(masks))


def _write_scenes(number: int, path: Path, *, size_wh: tuple[int, int]) -> None:
    cv2.setNumThreads(1)
    shard = render_scenes(number, size_wh=size_wh)
    jpegs, ends = _join(shard.jpegs)
    masks, mask_ends = _join(shard.masks)
    aside = path.with_name(f".{path.name}.part.npz")
    np.savez(
        aside,
        jpegs=jpegs,
        ends=ends,
        masks=masks,
        mask_ends=mask_ends,
        truths=np.array(json.dumps(shard.truths)),
    )
    aside.replace(path)


def _join(files: Sequence[bytes]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Put files behind each other; return their bytes, and where each ends."""
    ends = np.cumsum([len(file) for file in files], dtype=np.int64)
    return np.frombuffer(b"".join(files), np.uint8), ends


def _split(joined: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> list[bytes]:
    """Undo `_join`."""
    return [joined[a:b].tobytes() for a, b in pairwise([0, *ends])]
