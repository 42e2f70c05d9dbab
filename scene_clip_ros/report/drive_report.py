"""Everything that one page about a drive tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.report.drive_summary import DriveSummary

PictureKind = Literal["alert", "telling", "column"]
"""Drawn on and large; as it was; small, above a column of the heat map."""

PictureKey = tuple[PictureKind, str, int]
"""Kind, camera, and stamp in nanoseconds."""

MAX_ALERT_PICTURES = 24
"""Alerts with a picture; further ones are told in a line each."""

MAX_COLUMNS = 8
"""Frames of the heat map."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage took per frame, milliseconds: half of the frames, 95 %, all at most."""

    stage: str
    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class SkipReason:
    """Why frames were skipped.

    Attributes:
        camera: Name of the camera.
        reason: Message of the first of them.
        count: How many there are.
        first_ns: Stamp of the first one.
    """

    camera: str
    reason: str
    count: int
    first_ns: int


@dataclass(frozen=True, slots=True)
class FrameTexts:
    """How near texts are to frames.

    Attributes:
        texts: T texts, grouped by what they are about.
        frames: Camera and stamp of F frames.
        cosines: ``(T, F)`` float32 in [-1, 1].
    """

    texts: tuple[str, ...]
    frames: tuple[tuple[str, int], ...]
    cosines: FloatArray


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What was done to get the report.

    Attributes:
        source: Path of the recording, as the user wrote it.
        made: When, e.g. ``2026-03-02 08:14 UTC``.
        rate_hz: Most frames per second and camera that were judged.
        wall_s: How long reading and judging took, seconds.
        models: What they are for, and their identities.
        versions: Names and versions of programs.
        vocabulary: What was looked for.
        vocabulary_name: File that it is from.
        times: By stage, in the order of the work; none if nothing was measured.
        skips: By camera and reason, most frequent first.
    """

    source: str
    made: str
    rate_hz: float
    wall_s: float
    models: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    vocabulary: Vocabulary
    vocabulary_name: str
    times: tuple[StageTime, ...]
    skips: tuple[SkipReason, ...]


@dataclass(frozen=True, slots=True)
class DriveReport:
    """One page.

    Attributes:
        summary: What the drive was like.
        facts: How that is known.
        frame_texts: Of the heat map; ``None`` for none.
        pictures: JPEG files; those that could not be found again are missing.
    """

    summary: DriveSummary
    facts: RunFacts
    frame_texts: FrameTexts | None
    pictures: Mapping[PictureKey, bytes]
