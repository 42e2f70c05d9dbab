"""Renders whole pictures with the boxes of what they show, in shards that survive an interruption.

People, animals and obstacles are rare on ordinary drives, so most drives script some, or are
crowded with them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
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
"""Drives that train the detector have seeds from here on; no other drive has."""

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
        jpegs: One JPEG file of ``SIZE_WH`` per picture.
        truths: A record of ``FrameTruth.to_json`` per picture.
    """

    jpegs: tuple[bytes, ...]
    truths: tuple[dict[str, Any], ...]

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.jpegs)

    def decode(self, index: int) -> ImageArray:
        """Return a picture, ``(540, 960, 3)`` uint8 RGB."""
        data = np.frombuffer(self.jpegs[index], np.uint8)
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert bgr is not None
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def render_scenes(number: int) -> SceneShard:
    """Render one shard; equal numbers give equal shards."""
    jpegs, truths = [], []
    first = FIRST_SEED + number * DRIVES_PER_SHARD
    for seed in range(first, first + DRIVES_PER_SHARD):
        rng = np.random.default_rng([seed, 78])
        name = str(rng.choice(list(_SCENARIO_ODDS), p=list(_SCENARIO_ODDS.values())))
        scenario = make_scenario(name, seed=seed, seconds=_DRIVE_S)
        if rng.random() < _CROWDED_SHARE:
            scenario = populate(scenario, rng, seconds=_DRIVE_S)
        drive = Drive(
            scenario,
            seed=seed,
            seconds=_DRIVE_S,
            size_wh=SIZE_WH,
        )
        for index in rng.choice(len(drive), FRAMES_PER_DRIVE, replace=False):
            frame = drive.render(int(index))
            bgr = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)
            _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
            jpegs.append(data.tobytes())
            truths.append(frame.truth.to_json())
    return SceneShard(tuple(jpegs), tuple(truths))


def ensure_scenes(folder: Path, count: int, *, workers: int = 1) -> list[Path]:
    """Render the first ``count`` shards into a folder unless they are there.

    Args:
        folder: Made if missing. A shard appears in it when it is whole.
        count: Of shards.
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
            for _ in pool.map(_write_scenes, *zip(*missing, strict=True)):
                pass
    return paths


def load_scenes(paths: Sequence[Path]) -> SceneShard:
    """Read shards that ``ensure_scenes`` wrote, as one."""
    jpegs: list[bytes] = []
    truths: list[dict[str, Any]] = []
    for path in paths:
        with np.load(path, allow_pickle=False) as data:
            ends = data["ends"]
            starts = [0, *ends[:-1]]
            jpegs += [data["jpegs"][a:b].tobytes() for a, b in zip(starts, ends, strict=True)]
            truths += json.loads(str(data["truths"]))
    return SceneShard(tuple(jpegs), tuple(truths))


def _write_scenes(number: int, path: Path) -> None:
    cv2.setNumThreads(1)
    shard = render_scenes(number)
    ends: npt.NDArray[np.int64] = np.cumsum([len(jpeg) for jpeg in shard.jpegs])
    aside = path.with_name(f".{path.name}.part.npz")
    np.savez(
        aside,
        jpegs=np.frombuffer(b"".join(shard.jpegs), np.uint8),
        ends=ends,
        truths=np.array(json.dumps(shard.truths)),
    )
    aside.replace(path)
