"""Tells in a few lines what perception decided over a window, for a language model to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from scene_clip_ros.core.questions.types import FrameFacts, HazardFact, LabelFact, TrackFact
from scene_clip_ros.core.smoothing import NS_PER_S

MAX_RUNS = 12
"""Most changes told of one attribute or hazard: the longest stretches."""
MAX_TRACKS = 30
"""Most tracks told of one camera: those followed longest."""
MAX_CHARACTERS = 12_000
LEFT_OUT = "\n(more left out)"


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch of frames of one camera in which something stays the same."""

    value: str
    stamps_ns: tuple[int, ...]
    probabilities: tuple[float, ...]


def fact_text(facts: Sequence[FrameFacts], start_ns: int) -> str:
    """Describe what was decided, camera by camera.

    Args:
        facts: In order of time.
        start_ns: Stamp that seconds are counted from.

    Returns:
        Lines of at most `MAX_CHARACTERS` together; empty without facts.
    """
    by_camera: dict[str, list[FrameFacts]] = {}
    for fact in facts:
        by_camera.setdefault(fact.camera, []).append(fact)
    told = {
        camera: "\n".join(_camera_lines(camera, own, start_ns)) for camera, own in by_camera.items()
    }
    return "\n".join(_cut_fairly(told).values())[:MAX_CHARACTERS]


def _cut_fairly(told: dict[str, str]) -> dict[str, str]:
    """Cut the texts of cameras to `MAX_CHARACTERS` together; what one does not need others get."""
    left, cut = MAX_CHARACTERS, dict(told)
    for done, camera in enumerate(sorted(told, key=lambda each: len(told[each]))):
        share = left // (len(told) - done) - 1
        if len(told[camera]) > share:
            lines = told[camera][: max(0, share - len(LEFT_OUT))].rpartition("\n")[0]
            cut[camera] = f"{lines}{LEFT_OUT}"
        left -= len(cut[camera]) + 1
    return cut


def seconds(stamp_ns: int, start_ns: int) -> str:
    """Return a stamp in seconds after the start, as ``2.5 s``."""
    return f"{(stamp_ns - start_ns) / NS_PER_S:.1f} s"


def _camera_lines(camera: str, facts: list[FrameFacts], start_ns: int) -> Iterator[str]:
    span = _span([fact.stamp_ns for fact in facts], start_ns)
    yield f"Camera {camera}, {span}, {len(facts)} frames:"
    for attribute in dict.fromkeys(label.attribute for fact in facts for label in fact.labels):
        yield f"- {attribute}: {_label_runs(attribute, facts, start_ns)}"
    for hazard in dict.fromkeys(hazard.hazard for fact in facts for hazard in fact.hazards):
        yield f"- hazard {hazard}: {_hazard_runs(hazard, facts, start_ns)}"
    yield from _track_lines(facts, start_ns)


def _label_runs(attribute: str, facts: list[FrameFacts], start_ns: int) -> str:
    held: list[tuple[int, LabelFact]] = [
        (fact.stamp_ns, label)
        for fact in facts
        for label in fact.labels
        if label.attribute == attribute
    ]
    runs = _runs((stamp, label.label, label.probability) for stamp, label in held)
    return _listed(
        [
            (
                len(run.stamps_ns),
                f"{run.value} ({_span(run.stamps_ns, start_ns)}, "
                f"probability {sum(run.probabilities) / len(run.probabilities):.2f})",
            )
            for run in runs
        ]
    )


def _hazard_runs(name: str, facts: list[FrameFacts], start_ns: int) -> str:
    held: list[tuple[int, HazardFact]] = [
        (fact.stamp_ns, hazard)
        for fact in facts
        for hazard in fact.hazards
        if hazard.hazard == name
    ]
    runs = _runs((stamp, str(hazard.active), hazard.probability) for stamp, hazard in held)
    present = [
        (
            len(run.stamps_ns),
            f"present ({_span(run.stamps_ns, start_ns)}, "
            f"probability up to {max(run.probabilities):.2f})",
        )
        for run in runs
        if run.value == "True"
    ]
    if present:
        return _listed(present)
    return f"never present (probability up to {max(h.probability for _, h in held):.2f})"


def _track_lines(facts: list[FrameFacts], start_ns: int) -> Iterator[str]:
    if all(fact.tracks is None for fact in facts):
        return
    tracks: dict[int, list[tuple[int, TrackFact]]] = {}
    for fact in facts:
        for track in fact.tracks or ():
            tracks.setdefault(track.track_id, []).append((fact.stamp_ns, track))
    longest = sorted(tracks.values(), key=len, reverse=True)
    told = sorted(longest[:MAX_TRACKS], key=lambda sightings: sightings[0][0])
    yield f"- objects followed: {len(tracks)}"
    yield from (f"  - {_track_text(sightings, start_ns)}" for sightings in told)
    if len(tracks) > len(told):
        yield f"  - and {len(tracks) - len(told)} that were seen for less time"


def _track_text(sightings: list[tuple[int, TrackFact]], start_ns: int) -> str:
    first, last = sightings[0][1], sightings[-1][1]
    score = max(track.score for _, track in sightings)
    return (
        f"object {last.track_id}: {last.label}, {_span([s for s, _ in sightings], start_ns)}, "
        f"height {first.height_share:.0%} to {last.height_share:.0%} of the picture, "
        f"score up to {score:.2f}"
    )


def _runs(values: Iterable[tuple[int, str, float]]) -> list[_Run]:
    """Join what follows one another with the same value; ``values``: stamp, value, probability."""
    grouped = ((value, list(items)) for value, items in groupby(values, key=lambda item: item[1]))
    return [
        _Run(value, tuple(item[0] for item in items), tuple(item[2] for item in items))
        for value, items in grouped
    ]


def _listed(weighted: list[tuple[int, str]]) -> str:
    """Join texts in their order; the lightest are left out where there are too many."""
    heaviest = sorted(range(len(weighted)), key=lambda place: -weighted[place][0])[:MAX_RUNS]
    texts = [weighted[place][1] for place in sorted(heaviest)]
    left_out = len(weighted) - len(texts)
    return "; ".join([*texts, f"and {left_out} shorter changes"] if left_out else texts)


def _span(stamps_ns: Sequence[int], start_ns: int) -> str:
    first, last = seconds(stamps_ns[0], start_ns), seconds(stamps_ns[-1], start_ns)
    return f"at {first}" if first == last else f"{first.removesuffix(' s')} to {last}"
