"""Decides which label of an attribute holds, and when it becomes another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.questions.presence import find_runs, label_presence, seconds_after
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.questions.verdict import Case, Verdict
from scene_clip_ros.core.questions.wording import (
    at_second,
    first_upper,
    listed,
    of_camera,
    share_of,
)


@dataclass(frozen=True, slots=True)
class LabelRun:
    """A label that holds for a while.

    Attributes:
        label: The label.
        first: The first frame that has it.
        best: The frame that has it most surely.
        count: How many frames have it.
        probability: Mean of it, in [0, 1].
    """

    label: str
    first: FrameRef
    best: FrameRef
    count: int
    probability: float


def find_label_runs(case: Case, attribute: str) -> list[LabelRun]:
    """Return what holds of an attribute, in order of time; without what holds too briefly.

    Of several cameras, the runs of all.
    """
    facts = case.finder.label_facts(attribute)
    runs: list[tuple[int, LabelRun]] = []
    for label in case.finder.labels_of(attribute):
        found = label_presence(facts, attribute, label)
        for run in find_runs(found.frames, found.shown) if found else ():
            assert found is not None
            strength = found.strength[list(run)]
            first, best = found.frames[run[0]], found.frames[run[int(strength.argmax())]]
            runs.append((run[0], LabelRun(label, first, best, len(run), float(strength.mean()))))
    return [run for _, run in sorted(runs, key=lambda each: each[0])]


def decide_label(
    case: Case, attribute: str, labels: Sequence[str], *, options: Sequence[str]
) -> Verdict:
    """Decide which of some labels holds most of the time.

    Args:
        case: What it is decided from.
        attribute: Name of the attribute.
        labels: Labels of it, two or more.
        options: What the question calls each.
    """
    facts = case.finder.label_facts(attribute)
    held = [each for label in labels if (each := label_presence(facts, attribute, label))]
    if not held:
        return Verdict.abstain(say_untold(attribute))
    total, counts = len(held[0].frames), np.array([each.count for each in held])
    second, best = np.argsort(counts, kind="stable")[-2:].tolist()
    told = [f"{options[i]} {share_of(int(counts[i]), total)}" for i in (best, second)]
    if counts[best] == 0:
        return Verdict.abstain(f"{listed(options, word='or')} is told of none of {total} frames")
    if counts[best] < case.settings.share * total:
        return Verdict.abstain(f"{told[0]} only")
    if counts[best] - counts[second] < case.settings.lead * total:
        return Verdict.abstain(f"both are seen, {' and '.join(told)}")
    sure = float(held[best].strength[held[best].shown].mean())
    confidence = sure * float(counts[best] / counts.sum())
    return Verdict(f"{first_upper(told[0])}.", confidence, held[best].best(case.most))


def decide_attribute(case: Case, attribute: str) -> Verdict:
    """Decide what holds of an attribute; of one that changes, what after what."""
    runs = find_label_runs(case, attribute)
    if not runs:
        return Verdict.abstain(say_untold(attribute))
    sure = sum(run.probability * run.count for run in runs) / sum(run.count for run in runs)
    evidence = tuple(dict.fromkeys(run.best for run in sorted(runs, key=lambda run: -run.count)))
    return Verdict(f"{first_upper(tell_runs(case, runs))}.", sure, evidence[: case.most])


def decide_change(case: Case, attribute: str) -> Verdict:
    """Decide when an attribute becomes another for the first time."""
    runs = find_label_runs(case, attribute)
    if not runs:
        return Verdict.abstain(say_untold(attribute))
    held: dict[str, LabelRun] = {}
    for run in runs:
        before = held.setdefault(run.first.camera, run)
        if before.label != run.label:
            evidence = tuple(dict.fromkeys((run.first, run.best)))
            sure = min(before.probability, run.probability)
            is_one_of_many = len({each.first.camera for each in runs}) > 1
            name = of_camera(run.first.camera) if is_one_of_many else ""
            moment = at_second(seconds_after(case.finder.window.start_ns, run.first))
            text = f"{first_upper(moment)}{name}: from {before.label} to {run.label}."
            return Verdict(text, sure, evidence)
    sure = float(np.mean([run.probability for run in runs]))
    evidence = tuple(dict.fromkeys(run.best for run in runs))
    return Verdict(f"Never: {tell_runs(case, runs)} all the time.", sure, evidence[: case.most])


def tell_runs(case: Case, runs: Sequence[LabelRun]) -> str:
    """Say "clear, then rain after 12.0 s"; each label from its first run of a camera on.

    Cameras that tell the same labels one after another are told by the first of them, others
    each: "clear (camera front); rain (camera rear)".
    """
    by_camera: dict[str, dict[str, LabelRun]] = {}
    for run in runs:
        by_camera.setdefault(run.first.camera, {}).setdefault(run.label, run)
    first, *others = by_camera.items()
    if all(list(firsts) == list(first[1]) for _, firsts in others):
        return _tell_camera(case, first[1])
    told = (f"{_tell_camera(case, firsts)}{of_camera(name)}" for name, firsts in by_camera.items())
    return "; ".join(told)


def _tell_camera(case: Case, firsts: Mapping[str, LabelRun]) -> str:
    """Say which labels a camera has; ``firsts``: the first run of each, in order of time."""
    first, *others = firsts.values()
    start = case.finder.window.start_ns
    told = [f"{run.label} after {seconds_after(start, run.first):.1f} s" for run in others]
    return f"{first.label}, then {listed(told)}" if told else first.label


def say_untold(attribute: str) -> str:
    """Say that no frame tells of an attribute."""
    return f"no frame tells of the {attribute.replace('_', ' ')}"
