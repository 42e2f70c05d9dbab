"""Finds the pictures of a report again, draws on them, and makes them small."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.errors import ImageError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.media.frame_lookup import FrameKey, find_frames
from scene_clip_ros.media.scaling import fit_height
from scene_clip_ros.report.alert_episodes import AlertEpisode
from scene_clip_ros.report.drive_records import CameraRecords
from scene_clip_ros.report.drive_report import MAX_COLUMNS, PictureKey, PictureKind
from scene_clip_ros.report.drive_summary import DriveSummary
from scene_clip_ros.report.html_report import choose_pictured
from scene_clip_ros.report.overlay import VULNERABLE, draw_overlay
from scene_clip_ros.report.telling_frames import pick_evenly

_MAX_WH: dict[PictureKind, tuple[int, int]] = {
    "alert": (720, 405),
    "telling": (480, 270),
    "column": (160, 90),
}
"""Width and height in pixels, at most, of each kind."""

MAX_JPEG_BYTES = 64_000
"""Of a picture: with 48 large ones, a page stays below 5 MB."""

_QUALITIES = (82, 65, 45, 25, 10)


def choose_columns(
    records: Mapping[str, CameraRecords],
) -> tuple[tuple[FrameKey, ...], FloatArray]:
    """Choose frames at even times, as many of each camera as there is room for.

    Args:
        records: By camera, at least one.

    Returns:
        F frames, and their ``(F, D)`` float32 embeddings.
    """
    each = max(1, MAX_COLUMNS // len(records))
    frames: list[FrameKey] = []
    rows = []
    for camera in sorted(records)[:MAX_COLUMNS]:
        own = records[camera]
        for index in pick_evenly(own.stamps_ns, count=each):
            frames.append((camera, int(own.stamps_ns[index])))
            rows.append(own.embeddings[index])
    return tuple(frames), np.stack(rows)


def find_pictures(
    path: Path,
    summary: DriveSummary,
    *,
    columns: Sequence[FrameKey],
    alerts: AlertSettings | None,
) -> dict[PictureKey, bytes]:
    """Read the frames that a report shows once more.

    Args:
        path: The recording.
        summary: Names the alerts and the telling frames.
        columns: Frames of the heat map.
        alerts: Settings that the alerts were judged by.

    Returns:
        JPEG files; frames that are not found again are missing.

    Raises:
        SourceError: The recording cannot be read any more.
    """
    episodes = {_peak_key(each): each for each in choose_pictured(summary.episodes)}
    kinds: dict[PictureKind, Iterable[FrameKey]] = {
        "alert": episodes,
        "telling": _telling_keys(summary),
        "column": columns,
    }
    wanted: dict[FrameKey, set[PictureKind]] = defaultdict(set)
    for kind, keys in kinds.items():
        for key in keys:
            wanted[key].add(kind)
    labels = VULNERABLE if alerts is None else alerts.labels
    pictures: dict[PictureKey, bytes] = {}
    for frame in find_frames(path, wanted.keys()):
        key = (frame.camera, frame.stamp_ns)
        try:
            rgb = frame.decode()
        except ImageError:
            continue
        for kind in wanted[key]:
            small = _fit(rgb, _MAX_WH[kind])
            if kind == "alert":
                small = _draw(small, episodes[key], labels)
            pictures[(kind, *key)] = encode_small(small)
    return pictures


def encode_small(rgb: ImageArray, *, max_bytes: int = MAX_JPEG_BYTES) -> bytes:
    """Encode a ``(H, W, 3)`` uint8 RGB picture as JPEG, as well as fits in ``max_bytes``.

    What does not even fit with the lowest quality is scaled down.
    """
    for quality in _QUALITIES:
        jpeg = encode_jpeg(rgb, quality=quality)
        if len(jpeg) <= max_bytes:
            return jpeg
    return encode_small(fit_height(rgb, max_height=rgb.shape[0] // 2), max_bytes=max_bytes)


def _peak_key(episode: AlertEpisode) -> FrameKey:
    return episode.camera, episode.peak.stamp_ns


def _telling_keys(summary: DriveSummary) -> list[FrameKey]:
    return [
        (frame.camera, frame.stamp_ns)
        for camera in summary.cameras
        for frame in (*camera.typical, *camera.unusual)
    ]


def _fit(rgb: ImageArray, max_wh: tuple[int, int]) -> ImageArray:
    height, width = rgb.shape[:2]
    lines = min(max_wh[1], max(1, max_wh[0] * height // width))
    return fit_height(rgb, max_height=lines)


def _draw(rgb: ImageArray, episode: AlertEpisode, labels: Sequence[str]) -> ImageArray:
    return draw_overlay(rgb, episode.result, episode.peak, vulnerable=labels)
