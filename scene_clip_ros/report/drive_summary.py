"""What a drive was like: everything that a report tells, as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import UNKNOWN
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.report.alert_episodes import AlertEpisode
from scene_clip_ros.report.drive_records import (
    NOT_JUDGED,
    UNKNOWN_INDEX,
    CameraRecords,
    StampArray,
)
from scene_clip_ros.report.held_spans import Span, find_spans, total_ns
from scene_clip_ros.report.stamp_gaps import GAP_INTERVALS, StampFacts
from scene_clip_ros.report.telling_frames import choose_telling, measure_typicality

MAX_TELLING = 12
"""Most typical, and most unusual frames of all cameras together."""

MAX_TELLING_PER_CAMERA = 4


@dataclass(frozen=True, slots=True)
class AttributeSummary:
    """One attribute of one camera.

    Attributes:
        name: Of the attribute.
        labels: Of the attribute, in the vocabulary's order.
        spans: What was held when; values are indexes of ``labels``, or ``UNKNOWN_INDEX``.
    """

    name: str
    labels: tuple[str, ...]
    spans: tuple[Span, ...]

    def label(self, value: int) -> str:
        """Return the label that a span's value means."""
        return UNKNOWN if value == UNKNOWN_INDEX else self.labels[value]

    def shares(self) -> dict[int, float]:
        """Return the share of the judged time of each value that was held, longest first."""
        whole_ns = total_ns(self.spans)
        values = {span.value for span in self.spans}
        held = {value: total_ns(self.spans, value) for value in sorted(values)}
        ranked = sorted(held.items(), key=lambda item: -item[1])
        return {value: length_ns / whole_ns for value, length_ns in ranked}


@dataclass(frozen=True, slots=True)
class HazardSummary:
    """One hazard of one camera; values of the spans are 1 while it was active, else 0."""

    name: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class TellingFrame:
    """One frame that is shown because of its embedding.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Stamp of the frame.
        typicality: Cosine to the mean of its camera, [-1, 1].
        labels: Label of each attribute.
    """

    camera: str
    stamp_ns: int
    typicality: float
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CameraSummary:
    """One camera.

    Attributes:
        camera: Name of the camera.
        stamps: Of all its recorded frames.
        judged: Frames that were looked at.
        skipped: Frames that should have been, but are bad.
        attributes: In the vocabulary's order; without spans if no frame was judged.
        hazards: In the vocabulary's order.
        levels: Alert levels held; values are of ``AlertLevel``, empty if nobody judged.
        episodes: Alerts, in order of time.
        typical: Most typical frames, best first.
        unusual: Most unusual frames, farthest first.
    """

    camera: str
    stamps: StampFacts
    judged: int
    skipped: int
    attributes: tuple[AttributeSummary, ...]
    hazards: tuple[HazardSummary, ...]
    levels: tuple[Span, ...]
    episodes: tuple[AlertEpisode, ...]
    typical: tuple[TellingFrame, ...]
    unusual: tuple[TellingFrame, ...]


@dataclass(frozen=True, slots=True)
class DriveSummary:
    """A drive: its cameras, sorted by name, at least one."""

    cameras: tuple[CameraSummary, ...]

    @property
    def judged(self) -> int:
        """Frames that were looked at."""
        return sum(camera.judged for camera in self.cameras)

    @property
    def length_s(self) -> float:
        """Seconds from the first frame to the end of the last.

        Cameras whose clocks are apart, see `share_a_clock`, are as long as the longest.
        """
        lengths_s = [camera.stamps.length_s for camera in self.cameras]
        return self._union_s() if self.share_a_clock else max(lengths_s)

    @property
    def share_a_clock(self) -> bool:
        """Whether one axis has room for all: they are no farther apart than they are long."""
        lengths_s = sum(camera.stamps.length_s for camera in self.cameras)
        return len(self.cameras) == 1 or self._union_s() <= 2 * lengths_s + 1

    @property
    def episodes(self) -> tuple[AlertEpisode, ...]:
        """Alerts of all cameras, in order of time."""
        found = (episode for camera in self.cameras for episode in camera.episodes)
        return tuple(sorted(found, key=lambda episode: episode.start_ns))

    @property
    def alerts_judged(self) -> bool:
        """Whether anybody judged the people in any frame."""
        return any(camera.levels for camera in self.cameras)

    def count_episodes(self, level: AlertLevel) -> int:
        """Return how many alerts reached just this level."""
        return sum(episode.level == level for episode in self.episodes)

    def _union_s(self) -> float:
        start_ns = min(camera.stamps.start_ns for camera in self.cameras)
        return (max(camera.stamps.end_ns for camera in self.cameras) - start_ns) / NS_PER_S


def summarise_drive(
    stamps: Mapping[str, StampFacts],
    records: Mapping[str, CameraRecords],
    episodes: Sequence[AlertEpisode],
    *,
    vocabulary: Vocabulary,
    skipped: Mapping[str, int],
) -> DriveSummary:
    """Sum a drive up.

    Args:
        stamps: By camera, at least one.
        records: By camera; those of which no frame was judged are missing.
        episodes: Of any cameras, in order of time.
        vocabulary: Of the records.
        skipped: Bad frames by camera; those without any are missing.
    """
    telling = max(1, min(MAX_TELLING_PER_CAMERA, MAX_TELLING // len(stamps)))
    return DriveSummary(
        tuple(
            _summarise_camera(
                camera,
                stamps[camera],
                records.get(camera),
                episodes=tuple(episode for episode in episodes if episode.camera == camera),
                vocabulary=vocabulary,
                skipped=skipped.get(camera, 0),
                telling=telling,
            )
            for camera in sorted(stamps)
        )
    )


def _summarise_camera(
    camera: str,
    stamps: StampFacts,
    records: CameraRecords | None,
    *,
    episodes: tuple[AlertEpisode, ...],
    vocabulary: Vocabulary,
    skipped: int,
    telling: int,
) -> CameraSummary:
    """Sum one camera up; ``telling``: most frames of each kind that are chosen."""
    typical: tuple[TellingFrame, ...] = ()
    unusual: tuple[TellingFrame, ...] = ()
    if records is not None:
        typical, unusual = _choose_telling(records, vocabulary, telling)
    return CameraSummary(
        camera=camera,
        stamps=stamps,
        judged=0 if records is None else len(records),
        skipped=skipped,
        attributes=_summarise_attributes(records, vocabulary),
        hazards=_summarise_hazards(records, vocabulary),
        levels=() if records is None else _find_level_spans(records),
        episodes=episodes,
        typical=typical,
        unusual=unusual,
    )


def _summarise_attributes(
    records: CameraRecords | None, vocabulary: Vocabulary
) -> tuple[AttributeSummary, ...]:
    return tuple(
        AttributeSummary(
            spec.name,
            spec.label_names,
            () if records is None else _spans(records.stamps_ns, records.labels[:, column]),
        )
        for column, spec in enumerate(vocabulary.attributes)
    )


def _summarise_hazards(
    records: CameraRecords | None, vocabulary: Vocabulary
) -> tuple[HazardSummary, ...]:
    return tuple(
        HazardSummary(
            spec.name,
            () if records is None else _spans(records.stamps_ns, records.hazards[:, column]),
        )
        for column, spec in enumerate(vocabulary.hazards)
    )


def _find_level_spans(records: CameraRecords) -> tuple[Span, ...]:
    spans = _spans(records.stamps_ns, records.levels)
    return tuple(span for span in spans if span.value != NOT_JUDGED)


def _spans(
    stamps_ns: StampArray, values: np.ndarray[tuple[int], np.dtype[np.generic]]
) -> tuple[Span, ...]:
    """Find spans in which a frame speaks for as long as there is no stall after it."""
    intervals_ns = np.diff(stamps_ns)
    intervals_ns = intervals_ns[intervals_ns > 0]
    usual_ns = int(np.median(intervals_ns)) if len(intervals_ns) else NS_PER_S
    hold_ns = round(GAP_INTERVALS * usual_ns)
    return find_spans(stamps_ns, values, hold_ns=hold_ns, last_ns=usual_ns)


def _choose_telling(
    records: CameraRecords, vocabulary: Vocabulary, count: int
) -> tuple[tuple[TellingFrame, ...], tuple[TellingFrame, ...]]:
    typicality = measure_typicality(records.embeddings)
    chosen = choose_telling(typicality, records.stamps_ns, count=count)

    def describe(index: int) -> TellingFrame:
        labels = (
            UNKNOWN if value == UNKNOWN_INDEX else spec.label_names[value]
            for spec, value in zip(vocabulary.attributes, records.labels[index], strict=True)
        )
        return TellingFrame(
            records.camera, int(records.stamps_ns[index]), float(typicality[index]), tuple(labels)
        )

    return tuple(map(describe, chosen.typical)), tuple(map(describe, chosen.unusual))
