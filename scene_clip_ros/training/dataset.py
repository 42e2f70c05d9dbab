"""Renders pictures and their truth for training, in shards that survive an interruption."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.sim.truth import FrameTruth, RenderedFrame

RENDER_WH = (320, 180)
FRAME_WH = (192, 108)
CROP_PX = 72
DRIVES_PER_SHARD = 250
FIRST_SEED = 100_000_000
"""Training drives have seeds from here on, far from those that people type."""
FRAMES_PER_DRIVE = 2
_DRIVE_S = 4.0
_MIN_CROP_PX = 18
_CROPS_PER_FRAME = 2

Pictures = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shard:
    """Rendered pictures.

    Attributes:
        frames: ``(N, 108, 192, 3)`` uint8 RGB.
        truths: N records of ``FrameTruth.to_json``.
        crops: ``(M, 72, 72, 3)`` uint8 RGB, around single things.
        crop_truths: M box records, as in ``truths``.
    """

    frames: Pictures
    truths: list[dict[str, Any]]
    crops: Pictures
    crop_truths: list[dict[str, Any]]


def render_shard(number: int) -> Shard:
    """Render one shard; equal numbers give equal shards."""
    frames, truths, crops, crop_truths = [], [], [], []
    first = FIRST_SEED + number * DRIVES_PER_SHARD
    for seed in range(first, first + DRIVES_PER_SHARD):
        rng = np.random.default_rng([seed, 77])
        drive = Drive(
            make_scenario("random", seed=seed, seconds=_DRIVE_S),
            seed=seed,
            seconds=_DRIVE_S,
            size_wh=RENDER_WH,
        )
        for index in rng.choice(len(drive), FRAMES_PER_DRIVE, replace=False):
            frame = drive.render(int(index))
            frames.append(cv2.resize(frame.rgb, FRAME_WH, interpolation=cv2.INTER_AREA))
            truths.append(frame.truth.to_json())
            for crop, box in _crops(frame, rng):
                crops.append(crop)
                crop_truths.append(box)
    stacked = np.stack(crops) if crops else np.zeros((0, CROP_PX, CROP_PX, 3), np.uint8)
    return Shard(np.stack(frames), truths, stacked, crop_truths)


def _crops(
    frame: RenderedFrame, rng: np.random.Generator
) -> Iterator[tuple[Pictures, dict[str, Any]]]:
    """Cut out a few visible things with some context; rarer kinds first."""
    records = _box_records(frame.truth)
    fit = [b for b in records if b["xyxy"][3] - b["xyxy"][1] >= _MIN_CROP_PX and b["visible"] > 0.5]
    fit.sort(key=lambda b: (b["class"] in ("car", "truck", "van", "bus"), rng.random()))
    for box in fit[:_CROPS_PER_FRAME]:
        x0, y0, x1, y1 = box["xyxy"]
        half = max(x1 - x0, y1 - y0) / 2 * rng.uniform(1.0, 1.7)
        u, v = (
            (x0 + x1) / 2 + rng.normal(0, 0.06) * (x1 - x0),
            (y0 + y1) / 2 + rng.normal(0, 0.06) * (y1 - y0),
        )
        left, top = max(0, int(u - half)), max(0, int(v - half))
        patch = frame.rgb[top : int(v + half) + 1, left : int(u + half) + 1]
        if min(patch.shape[:2]) >= 8:
            small = cv2.resize(patch, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA)
            yield np.asarray(small, np.uint8), box


def _box_records(truth: FrameTruth) -> list[dict[str, Any]]:
    boxes: list[dict[str, Any]] = truth.to_json()["boxes"]
    return boxes


def ensure_shard(folder: Path, number: int) -> Path:
    """Render a shard into a folder unless it is there; written aside, then renamed."""
    path = folder / f"shard-{number:05d}.npz"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    shard = render_shard(number)
    aside = folder / f".{path.name}.part.npz"
    np.savez(
        aside,
        frames=shard.frames,
        truths=np.array(json.dumps(shard.truths)),
        crops=shard.crops,
        crop_truths=np.array(json.dumps(shard.crop_truths)),
    )
    aside.replace(path)
    return path


def load_shard(path: Path) -> Shard:
    """Read a shard that ``ensure_shard`` wrote."""
    with np.load(path, allow_pickle=False) as data:
        return Shard(
            data["frames"],
            json.loads(str(data["truths"])),
            data["crops"],
            json.loads(str(data["crop_truths"])),
        )
