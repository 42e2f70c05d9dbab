"""Cuts moments of recordings into a new bag."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, count
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.ranges import require_in_range
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.media.bag_messages import compressed_image_message
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagReader, is_bag
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.media.frame_lookup import FrameKey, find_times
from scene_clip_ros.media.frame_source import SourceFrame
from scene_clip_ros.media.latched import is_latched, last_latched
from scene_clip_ros.media.output_check import check_output
from scene_clip_ros.media.sources import open_source

JPEG_QUALITY = 95
"""Of frames of videos and folders."""

MAX_MARGIN_S = 86_400.0
"""A day; longer than any recording."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A part of a recording: first and last time of receipt in it, nanoseconds."""

    start_ns: int
    end_ns: int


def merge_moments(times_ns: Iterable[int], *, margin_ns: int) -> tuple[Moment, ...]:
    """Return the moments around times, those that overlap or touch as one.

    Args:
        times_ns: In any order.
        margin_ns: Before and after each time, ≥ 0.

    Returns:
        In the order of time; empty for no times. None begins before 0.
    """
    merged: list[Moment] = []
    for time_ns in sorted(times_ns):
        moment = Moment(max(time_ns - margin_ns, 0), time_ns + margin_ns)
        if merged and moment.start_ns <= merged[-1].end_ns:
            merged[-1] = Moment(merged[-1].start_ns, moment.end_ns)
        else:
            merged.append(moment)
    return tuple(merged)


def cut_moments(
    wanted: Mapping[Path, Collection[FrameKey]],
    output: Path,
    *,
    margin_s: float,
    protected: Collection[Path] = (),
    overwrite: bool = False,
) -> int:
    """Write what was recorded around frames into one new bag.

    Of a bag, every topic's messages are copied byte for byte with their times. What was latched
    before a moment, e.g. ``/tf_static``, and would still be got there, is repeated at its
    beginning, so that the moment can be played. Frames of a video or folder become JPEG on
    ``<camera>/image/compressed``. If moments of two recordings overlap in time, the topics of each
    recording are put below its name, because nobody could tell them apart otherwise:
    ``/drive1/front/image``.

    Args:
        wanted: Cameras and stamps of the frames, by recording.
        output: Name of the bag, see ``BagWriter``.
        margin_s: Seconds before and after each frame, in [0, 86400].
        protected: Further recordings that the output must not touch, e.g. all of an archive.
        overwrite: Whether a bag of that name may be replaced, when the new one is whole.

    Returns:
        Number of moments.

    Raises:
        ParameterError: The margin is out of range.
        SourceError: A recording cannot be read, or the output cannot be written, or is entangled
            with a recording, see `check_output`.
        ImageError: A picture of a folder is damaged.
    """
    require_in_range("margin", margin_s, (0.0, MAX_MARGIN_S))
    check_output(output, recordings=[*wanted, *protected], overwrite=overwrite)
    margin_ns = round(margin_s * NS_PER_S)
    parts = [_plan(path, keys, margin_ns) for path, keys in wanted.items()]
    parts.sort(key=lambda part: part.moments[0].start_ns)
    with BagWriter(output, overwrite=overwrite) as writer:
        for part, prefix in zip(parts, _prefixes(parts), strict=True):
            if is_bag(part.path):
                _copy_bag(part, writer, prefix)
            else:
                _write_frames(part, writer, prefix)
    return sum(len(part.moments) for part in parts)


@dataclass(frozen=True, slots=True)
class _Part:
    """What is cut from one recording: at least one camera and one moment."""

    path: Path
    cameras: tuple[str, ...]
    moments: tuple[Moment, ...]


def _plan(path: Path, keys: Collection[FrameKey], margin_ns: int) -> _Part:
    """Find out which times of a recording are wanted."""
    cameras = tuple(sorted({camera for camera, _ in keys}))
    if is_bag(path):
        with BagReader(path) as reader:
            times_ns = list(find_times(reader, keys).values())
    else:
        times_ns = [stamp_ns for _, stamp_ns in keys]
    if not times_ns:
        message = f"{path}: expected the frames that were indexed, got none of them"
        raise SourceError(message)
    return _Part(path, cameras, merge_moments(times_ns, margin_ns=margin_ns))


def _prefixes(parts: Sequence[_Part]) -> list[str]:
    """Return what to put before the topics of each recording; nothing if they cannot clash."""
    if not any(_overlap(*pair) for pair in combinations(parts, 2)):
        return [""] * len(parts)
    prefixes: list[str] = []
    for part in parts:
        name = re.sub(r"[^a-zA-Z0-9]+", "_", part.path.stem).strip("_")
        name = name if name[:1].isalpha() else f"drive_{name}".rstrip("_")
        numbered = (f"/{name}_{number}" for number in count(2))
        prefixes.append(next(p for p in chain([f"/{name}"], numbered) if p not in prefixes))
    return prefixes


def _overlap(first: _Part, second: _Part) -> bool:
    return any(
        one.start_ns <= other.end_ns and other.start_ns <= one.end_ns
        for one in first.moments
        for other in second.moments
    )


def _copy_bag(part: _Part, writer: BagWriter, prefix: str) -> None:
    """Copy the moments of a bag."""
    with BagReader(part.path) as reader:
        for topic in reader.topics:
            writer.declare(topic, name=f"{prefix}{topic.name}")
        latched = [topic for topic in reader.topics if is_latched(topic)]
        previous_ns = 0
        for moment in part.moments:
            before = reader.messages(latched, start_ns=previous_ns, stop_ns=moment.start_ns)
            for message in last_latched(reader, before):
                writer.copy(replace(message, time_ns=moment.start_ns))
            previous_ns = moment.end_ns + 1
            for message in reader.messages(start_ns=moment.start_ns, stop_ns=previous_ns):
                writer.copy(message)


def _write_frames(part: _Part, writer: BagWriter, prefix: str) -> None:
    """Write the frames of a video or folder that are in its moments."""
    for camera in part.cameras:
        with open_source(part.path, cameras=[camera]) as source:
            for frame in source:
                if frame.stamp_ns > part.moments[-1].end_ns:
                    break
                if _is_within(frame.stamp_ns, part.moments):
                    topic = f"{prefix}/{camera}/image/compressed"
                    writer.write(topic, _jpeg_message(frame), time_ns=frame.stamp_ns)


def _jpeg_message(frame: SourceFrame) -> Any:
    """Return a frame as ``CompressedImage``."""
    data = encode_jpeg(frame.decode(), quality=JPEG_QUALITY)
    return compressed_image_message(data, stamp_ns=frame.stamp_ns, frame_id=frame.frame_id)


def _is_within(time_ns: int, moments: Iterable[Moment]) -> bool:
    return any(moment.start_ns <= time_ns <= moment.end_ns for moment in moments)
