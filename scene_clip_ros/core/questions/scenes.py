"""Describes what happens, from labels, hazards and tracks."""

from __future__ import annotations

from collections import Counter

from scene_clip_ros.core.questions.decisions import Decider, Verdict
from scene_clip_ros.core.questions.hypotheses import Target
from scene_clip_ros.core.questions.presence import seconds_after
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.questions.wording import at_second, first_upper, listed, number_of
from scene_clip_ros.core.types import UNKNOWN

_LEAST_SHARE = 0.1


def describe_scene(decider: Decider) -> Verdict:
    """Say what the scene is, what changes, who is there, and what is in the way."""
    sentences, evidence, sure = [], [], []
    for spec in decider.finder.vocabulary.attributes:
        if told := _tell_attribute(decider, spec.name):
            text, frame, probability = told
            sentences.append(text)
            evidence.append(frame)
            sure.append(probability)
    for hazard in decider.finder.vocabulary.hazards:
        found = decider.finder.find(Target(hazard.name, hazard=hazard.name))
        if found is not None and found.shown.any() and found.probability >= 0.6:
            first = found.best(1)[0]
            start = found.first()
            assert start is not None
            when = at_second(seconds_after(decider.finder.window.start_ns, start))
            sentences.append(f"{first_upper(hazard.name.replace('_', ' '))} from {when}")
            evidence.insert(0, first)
    if things := _tell_things(decider):
        sentences.append(things)
    if not sentences:
        return Verdict.abstain("labels and boxes were off, and nothing is recognised")
    confidence = sum(sure) / len(sure) if sure else 0.5
    frames = tuple(dict.fromkeys(evidence))[:5]
    return Verdict(f"{'. '.join(sentences)}.", confidence, frames)


def _tell_attribute(decider: Decider, attribute: str) -> tuple[str, FrameRef, float] | None:
    facts = decider.finder.label_facts(attribute)
    labels = [
        (FrameRef(each.camera, each.stamp_ns), fact)
        for each in facts
        for fact in each.labels
        if fact.attribute == attribute and fact.label != UNKNOWN
    ]
    if not labels:
        return None
    counts = Counter(fact.label for _, fact in labels)
    held = list(dict.fromkeys(fact.label for _, fact in labels))
    often = [name for name in held if counts[name] >= _LEAST_SHARE * len(labels)]
    frame, best = max(labels, key=lambda each: each[1].probability)
    text = f"{first_upper(attribute.replace('_', ' '))}: {listed(often, word='then')}"
    return text, frame, best.probability


def _tell_things(decider: Decider) -> str:
    names = [query.name for query in decider.finder.vocabulary.queries if not query.is_a]
    told = []
    for name in names:
        kinds = decider.finder.vocabulary.with_kinds((name,))
        counted = decider.finder.count(kinds)
        if counted and counted.fewest:
            told.append(number_of(counted.fewest, name))
    return f"Seen: {listed(told)}" if told else ""
