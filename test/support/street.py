"""What a detector sees of people on a flat street, without rendering any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from scene_clip_ros.core.box_types import FrameBoxes, ScoredBox, Xyxy
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.zone import PinholeCamera

SIZE_WH = (1280, 720)
CAMERA = PinholeCamera(size_wh=SIZE_WH, focal_xy=(700.0, 700.0), centre_xy=(640.0, 360.0))
MOUNT_M = 1.45
RATE_HZ = 10.0


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody on the street: metres right of the camera and ahead of it, metres per second."""

    across_m: float
    ahead_m: float
    across_mps: float = 0.0
    ahead_mps: float = 0.0
    height_m: float = 1.75
    width_m: float = 0.5
    label: str = "person"
    score: float = 0.8

    def after(self, seconds: float, *, ego_mps: float) -> Walker:
        return replace(
            self,
            across_m=self.across_m + self.across_mps * seconds,
            ahead_m=self.ahead_m + (self.ahead_mps - ego_mps) * seconds,
        )

    @property
    def xyxy(self) -> Xyxy:
        """Where the camera sees them, pixels, not clipped."""
        scale, (centre_u, centre_v) = CAMERA.focal_xy[0] / self.ahead_m, CAMERA.centre_xy
        return (
            centre_u + scale * (self.across_m - self.width_m / 2),
            centre_v + scale * (MOUNT_M - self.height_m),
            centre_u + scale * (self.across_m + self.width_m / 2),
            centre_v + scale * MOUNT_M,
        )


@dataclass(frozen=True, slots=True)
class Detector:
    """Sees people with noise on every edge, and misses some of them."""

    noise_px: float = 1.0
    miss_rate: float = 0.1
    seed: int = 0


NOISY = Detector()
EXACT = Detector(noise_px=0.0, miss_rate=0.0)


def clip(xyxy: Xyxy) -> Xyxy:
    width, height = SIZE_WH
    left, top, right, bottom = np.clip(xyxy, 0, (width, height, width, height)).tolist()
    return (left, top, right, bottom)


def is_visible(walker: Walker) -> bool:
    """Whether a detector could see at least 3 × 3 px of somebody who is not at the lens."""
    if walker.ahead_m < 0.5:
        return False
    left, top, right, bottom = clip(walker.xyxy)
    return right - left >= 3 and bottom - top >= 3


def make_box(xyxy: Xyxy, label: str = "person", *, score: float = 0.8) -> ScoredBox:
    return ScoredBox(
        label=label, score=score, objectness=0.9, detector_score=0.7, cosine=0.25, xyxy=xyxy
    )


def make_frame(stamp_ns: int, *boxes: ScoredBox) -> FrameBoxes:
    return FrameBoxes(camera="front", stamp_ns=stamp_ns, size_wh=SIZE_WH, boxes=boxes)


def drive_past(
    walkers: tuple[Walker, ...],
    *,
    seconds: float,
    ego_mps: float = 7.0,
    detector: Detector = NOISY,
    rate_hz: float = RATE_HZ,
) -> Iterator[tuple[FrameBoxes, tuple[Walker, ...]]]:
    """Yield the boxes that are detected, and who stands where."""
    rng = np.random.default_rng(detector.seed)
    for index in range(round(seconds * rate_hz)):
        now = tuple(walker.after(index / rate_hz, ego_mps=ego_mps) for walker in walkers)
        noise = rng.normal(0, max(detector.noise_px, 1e-9), (len(now), 4))
        seen = rng.random(len(now)) >= detector.miss_rate
        boxes = [
            make_box(clip(tuple(np.add(walker.xyxy, jitter))), walker.label, score=walker.score)
            for walker, jitter, is_seen in zip(now, noise, seen, strict=True)
            if is_seen and is_visible(walker)
        ]
        yield make_frame(round(index * NS_PER_S / rate_hz), *boxes), now
