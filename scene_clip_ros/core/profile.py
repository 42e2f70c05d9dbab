"""Where the time of a frame goes, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

LABEL_STAGES = ("decode", "scale", "image tower", "decide")
BOX_STAGES = ("propose regions", "scale crops", "image tower on crops")
STAGES = (*LABEL_STAGES[:3], *BOX_STAGES, LABEL_STAGES[3])
"""Every stage of a batch, in the order in which they run."""

_LARGE_SHARE = 0.3
_ROOM = 0.8
"""Share of the time that may be planned for; DDS, publishing and the memory need the rest."""


@dataclass(frozen=True, slots=True)
class StageTimes:
    """How long a stage takes for a batch with one frame of every camera.

    Attributes:
        stage: One of `STAGES`.
        p50_ms: Half of the batches take at most this.
        p95_ms: 95 % take at most this.
    """

    stage: str
    p50_ms: float
    p95_ms: float

    @classmethod
    def of(cls, stage: str, times_ms: Sequence[float]) -> StageTimes:
        """Return the percentiles of one or more times."""
        p50_ms, p95_ms = np.percentile(np.asarray(times_ms), (50, 95)).tolist()
        return cls(stage, p50_ms, p95_ms)


@dataclass(frozen=True, slots=True)
class Setup:
    """What was measured, as far as advice depends on it.

    Attributes:
        cameras: How many, ≥ 1.
        camera_hz: Frames a second of each, > 0.
        size_wh: Width and height of a frame in pixels.
        is_compressed: Whether frames come as JPEG.
        crops: Crops of regions in a batch.
        device: ``cpu`` or ``cuda``.
        precision: Arithmetic of the image tower.
        backend: What executes the image tower.
        detector_backend: What executes the detector; empty without one.
    """

    cameras: int
    camera_hz: float
    size_wh: tuple[int, int]
    is_compressed: bool
    crops: int
    device: str
    precision: str
    backend: str
    detector_backend: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """Times of a setup's stages; those of boxes are missing while boxes are off."""

    setup: Setup
    stages: tuple[StageTimes, ...]

    @property
    def batch_ms(self) -> float:
        """Time of a batch with everything that is on."""
        return sum(each.p50_ms for each in self.stages)

    @property
    def label_ms(self) -> float:
        """Time of a batch without boxes."""
        return sum(each.p50_ms for each in self.stages if each.stage not in BOX_STAGES)

    @property
    def box_ms(self) -> float:
        """What boxes add to a batch."""
        return self.batch_ms - self.label_ms

    @property
    def batches_hz(self) -> float:
        """Batches a second that can be run: frames a second of each camera."""
        return 1000.0 / self.batch_ms

    def share(self, stage: str) -> float:
        """Return the share of a stage in the time of a batch, in [0, 1]."""
        return sum(each.p50_ms for each in self.stages if each.stage == stage) / self.batch_ms


def advise(profile: Profile) -> tuple[str, ...]:
    """Say what to change so that every frame is processed; at least one line."""
    keeps_up = profile.batches_hz * _ROOM >= profile.setup.camera_hz
    advice = [*_about_execution(profile.setup)]
    if not keeps_up:
        advice += [*_about_rates(profile), *_about_stages(profile)]
    if not advice:
        return ("Nothing: every frame of every camera is processed, with room to spare.",)
    return tuple(advice)


def _about_execution(setup: Setup) -> Iterator[str]:
    if setup.device == "cpu" and setup.backend == "torch":
        yield (
            "The image tower runs with torch. Install runtimes that are faster on most CPUs: "
            "pip install onnx openvino onnxruntime; and leave `backend` at auto."
        )
    if setup.device == "cpu" and setup.detector_backend == "torch" and setup.backend != "torch":
        yield "The detector runs with torch; /diagnostics and the log say why nothing else does."


def _about_rates(profile: Profile) -> Iterator[str]:
    setup = profile.setup
    spare_ms = 1000.0 * _ROOM - setup.camera_hz * profile.label_ms
    if profile.box_ms and spare_ms > 0:
        rate_hz = spare_ms / profile.box_ms
        yield (
            f"Labels keep up with {setup.camera_hz:g} Hz, boxes do not: `boxes.max_rate_hz: "
            f"{max(0.1, round(rate_hz, 1)):g}` leaves every frame its labels; or give "
            "`latency_budget_s` and let the node find the rate."
        )
    elif spare_ms <= 0:
        rate_hz = _ROOM * 1000.0 / profile.label_ms
        yield (
            f"Labels alone take {profile.label_ms:.0f} ms a batch: the newest frames are labelled "
            f"at {rate_hz:.1f} Hz, the others dropped; `labels.max_rate_hz` says so on purpose."
        )


def _about_stages(profile: Profile) -> Iterator[str]:
    setup = profile.setup
    width, height = setup.size_wh
    if profile.share("image tower on crops") > _LARGE_SHARE:
        yield (
            f"{setup.crops} crops a batch are embedded: a smaller `boxes.max_regions`, or a larger "
            "`boxes.min_side`, costs objects that are small or faint."
        )
    if profile.share("propose regions") > _LARGE_SHARE:
        yield (
            "The detector takes most: `fasterrcnn_mobilenet_v3_large_320_fpn` and the embedded one "
            "are the small ones."
        )
    if profile.share("image tower") > _LARGE_SHARE:
        yield (
            "The image tower takes most: a model with larger patches or a smaller input, or "
            "`precision: int8` if its accuracy is enough (scene-clip evaluate --precision int8)."
        )
    if setup.is_compressed and profile.share("decode") > _LARGE_SHARE:
        yield (
            f"Decoding JPEG of {width}x{height} takes most: smaller pictures, or raw ones where "
            "the camera is on this machine."
        )
