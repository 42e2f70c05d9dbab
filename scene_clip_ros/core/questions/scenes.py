"""Describes what happens: conditions, who is there, and what is on the road."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.questions.labels import find_label_runs, tell_runs
from scene_clip_ros.core.questions.presence import seconds_after
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.questions.verdict import Case, Verdict, names_of
from scene_clip_ros.core.questions.wording import at_second, first_upper, listed, number_of

_FEW = 6
"""Up to so many objects are told by their number, more by how many are seen at once."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence without its full stop, the frame that shows it best, and how sure it is."""

    text: str
    frame: FrameRef
    confidence: float


def describe_scene(case: Case) -> Verdict:
    """Say what the conditions are and become, who is there, and what is on the road."""
    conditions, things, dangers = _conditions(case), _things(case), _dangers(case)
    remarks = [*conditions, *things, *dangers]
    if not remarks:
        return Verdict.abstain("labels and boxes were off, and no frame was embedded")
    text = ". ".join(remark.text for remark in remarks)
    confidence = sum(remark.confidence for remark in remarks) / len(remarks)
    # What is on the road is said last, and worth looking at first.
    frames = dict.fromkeys(remark.frame for remark in (*dangers, *things, *conditions))
    return Verdict(f"{text}.", confidence, tuple(frames)[: case.most])


def _conditions(case: Case) -> list[Remark]:
    remarks = []
    for spec in case.finder.vocabulary.attributes:
        if runs := find_label_runs(case, spec.name):
            longest = max(runs, key=lambda run: run.count)
            title = first_upper(spec.name.replace("_", " "))
            text = f"{title}: {tell_runs(case, runs)}"
            remarks.append(Remark(text, longest.best, longest.probability))
    return remarks


def _things(case: Case) -> list[Remark]:
    """Say how many of every kind are followed, in one sentence."""
    vocabulary, told = case.finder.vocabulary, []
    frame, confidence = None, 1.0
    for query in vocabulary.queries:
        if query.is_a or not (count := case.finder.count(vocabulary.with_kinds((query.name,)))):
            continue
        if count.fewest:
            few = number_of(count.fewest, query.name)
            many = f"up to {number_of(count.most_at_once, query.name)} at once"
            told.append(few if count.fewest <= _FEW else many)
            frame, confidence = frame or count.fullest, min(confidence, count.confidence)
    return [Remark(f"Seen: {listed(told)}", frame, confidence)] if frame else []


def _dangers(case: Case) -> list[Remark]:
    """Say what is on the road, and since when."""
    remarks = []
    for hazard in case.finder.vocabulary.hazards:
        target = case.lexicon.find(hazard.name.replace("_", " "))
        found = case.finder.find(target)
        if found is None or not found.shown.any() or found.probability < case.settings.yes:
            continue
        moment = at_second(seconds_after(case.finder.window.start_ns, found.first()))
        text = f"{first_upper(names_of([target]))}, first {moment}"
        remarks.append(Remark(text, found.best(1)[0], found.probability))
    return remarks
