"""Scene labels against the truth of a rendered drive. Pure: no files, no clocks.

Frames are matched by camera and stamp. Two kinds of frame are not counted for an attribute:
those whose truth is ``None`` (nobody could tell, e.g. the weather inside a tunnel), and those
within the settling time after the truth changed, because a label is held by intent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scene_clip_ros.report.frames import Key, rename_single_camera

SETTLE_NS = 1_000_000_000
"""Frames this long after a change of truth, in nanoseconds, are not counted."""

PRESENT, ABSENT = "present", "absent"
"""The two answers about a hazard."""

Timeline = Sequence[tuple[Key, Mapping[str, str | None]]]


@dataclass(frozen=True, slots=True)
class SceneTruth:
    """What a rendered frame shows.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Stamp of the frame in nanoseconds.
        attributes: Label by attribute; ``None`` where the picture does not tell.
        hazards: Whether each hazard is present.
    """

    camera: str
    stamp_ns: int
    attributes: Mapping[str, str | None]
    hazards: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class SceneAnswer:
    """What was said about a frame.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Stamp of the frame in nanoseconds.
        labels: Held label by attribute, or ``unknown``.
        hazards: Held decision by hazard.
    """

    camera: str
    stamp_ns: int
    labels: Mapping[str, str]
    hazards: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often one wrong answer was given for one truth."""

    truth: str
    answer: str
    frames: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How often one attribute or hazard was right.

    Attributes:
        name: The attribute or hazard.
        counted: Frames that count.
        correct: Those of them that were right.
        settling: Frames left out because the truth had just changed.
        untold: Frames left out because the truth does not tell.
        confusions: Wrong answers, most frequent first.
    """

    name: str
    counted: int
    correct: int
    settling: int
    untold: int
    confusions: tuple[Confusion, ...]

    @property
    def fraction(self) -> float | None:
        """Right frames over counted frames in [0, 1]; ``None`` if none counts."""
        return self.correct / self.counted if self.counted else None


@dataclass(frozen=True, slots=True)
class SceneScore:
    """The outcome of comparing answers with the truth.

    Attributes:
        matched: Frames with both an answer and a truth.
        unanswered: Frames with a truth but no answer.
        unmatched: Answers about frames of which no truth is known.
        attributes: One accuracy per attribute of the truth, in its order.
        hazards: One accuracy per hazard of the truth, in its order.
    """

    matched: int
    unanswered: int
    unmatched: int
    attributes: tuple[Accuracy, ...]
    hazards: tuple[Accuracy, ...]


def score_scenes(
    answers: Iterable[SceneAnswer], truths: Iterable[SceneTruth], *, settle_ns: int = SETTLE_NS
) -> SceneScore:
    """Compare answers with the truth.

    If both sides know a single camera, its name may differ: a video has no camera names.

    Args:
        answers: In any order; the last one about a frame holds.
        truths: In any order.
        settle_ns: Time after a change of truth that is not counted, in nanoseconds, ≥ 0.

    Returns:
        The score; no accuracies if there are no truths.
    """
    ordered = sorted(truths, key=lambda truth: (truth.camera, truth.stamp_ns))
    known = {_key(truth) for truth in ordered}
    by_key = rename_single_camera({(a.camera, a.stamp_ns): a for a in answers}, known)
    said_attributes = {key: answer.labels for key, answer in by_key.items()}
    said_hazards = {key: _in_words(answer.hazards) for key, answer in by_key.items()}
    true_attributes = [(_key(truth), truth.attributes) for truth in ordered]
    true_hazards = [(_key(truth), _in_words(truth.hazards)) for truth in ordered]
    return SceneScore(
        matched=len(known & by_key.keys()),
        unanswered=len(known - by_key.keys()),
        unmatched=len(by_key.keys() - known),
        attributes=_score_all(said_attributes, true_attributes, settle_ns),
        hazards=_score_all(said_hazards, true_hazards, settle_ns),
    )


def _key(truth: SceneTruth) -> Key:
    """Return what identifies a frame."""
    return truth.camera, truth.stamp_ns


def _in_words(hazards: Mapping[str, bool]) -> dict[str, str]:
    """Turn decisions into labels, so that hazards are scored as attributes are."""
    return {name: PRESENT if active else ABSENT for name, active in hazards.items()}


def _score_all(
    answers: Mapping[Key, Mapping[str, str]], truths: Timeline, settle_ns: int
) -> tuple[Accuracy, ...]:
    """Score every name that occurs in the truth, in the order of first appearance."""
    names = dict.fromkeys(name for _, labels in truths for name in labels)
    return tuple(_score_one(name, answers, truths, settle_ns) for name in names)


def _score_one(
    name: str, answers: Mapping[Key, Mapping[str, str]], truths: Timeline, settle_ns: int
) -> Accuracy:
    """Score one attribute over truths ordered by camera and stamp."""
    pairs: Counter[tuple[str, str]] = Counter()
    settling = untold = 0
    for key, truth, is_settling in _with_settling(name, truths, settle_ns):
        answer = answers.get(key, {}).get(name)
        if answer is None:
            continue
        if truth is None:
            untold += 1
        elif is_settling:
            settling += 1
        else:
            pairs[truth, answer] += 1
    wrong = [Confusion(*pair, frames) for pair, frames in pairs.items() if pair[0] != pair[1]]
    return Accuracy(
        name=name,
        counted=pairs.total(),
        correct=pairs.total() - sum(confusion.frames for confusion in wrong),
        settling=settling,
        untold=untold,
        confusions=tuple(sorted(wrong, key=lambda c: (-c.frames, c.truth, c.answer))),
    )


def _with_settling(
    name: str, truths: Timeline, settle_ns: int
) -> Iterator[tuple[Key, str | None, bool]]:
    """Walk through one attribute's truth and tell which frames follow a change too closely."""
    previous: tuple[str, str | None] | None = None
    changed_ns: int | None = None
    for (camera, stamp_ns), labels in truths:
        truth = labels.get(name)
        if previous is None or previous[0] != camera:
            changed_ns = None
        elif previous[1] != truth:
            changed_ns = stamp_ns
        previous = camera, truth
        yield (
            (camera, stamp_ns),
            truth,
            changed_ns is not None and stamp_ns - changed_ns < settle_ns,
        )
