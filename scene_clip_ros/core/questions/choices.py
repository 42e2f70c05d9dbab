"""Decides which of several things it is, and of what kind it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.questions.hypotheses import Target
from scene_clip_ros.core.questions.labels import decide_attribute, decide_label
from scene_clip_ros.core.questions.objects import NEED_BOXES
from scene_clip_ros.core.questions.parse import ParsedQuestion
from scene_clip_ros.core.questions.verdict import NEED_FRAMES, Case, Verdict
from scene_clip_ros.core.questions.wording import first_upper, listed, number_of, share_of


def decide_which(case: Case, parsed: ParsedQuestion) -> Verdict:
    """Decide which of several options holds."""
    targets = [case.lexicon.find(option) for option in parsed.options]
    attributes = {target.attribute for target in targets}
    if len(attributes) == 1 and (attribute := attributes.pop()):
        labels = [target.label for target in targets]
        return decide_label(case, attribute, labels, options=parsed.options)
    return _which_is_seen(case, parsed.options, targets)


def decide_what(case: Case, parsed: ParsedQuestion) -> Verdict:
    """Decide of which kind something is."""
    attribute = case.lexicon.find_attribute(parsed.subject)
    if attribute:
        return decide_attribute(case, attribute)
    return _which_kinds(case, parsed)


def _which_is_seen(case: Case, options: Sequence[str], targets: Sequence[Target]) -> Verdict:
    found = [each for target in targets if (each := case.finder.find(target))]
    if len(found) < len(targets):
        return Verdict.abstain(NEED_FRAMES)
    likely = np.array([each.probability for each in found])
    second, best = np.argsort(likely, kind="stable")[-2:].tolist()
    if likely[best] < case.settings.yes or not found[best].shown.any():
        return Verdict.abstain(f"{listed(options, word='or')} is not seen clearly")
    if likely[best] - likely[second] < case.settings.lead:
        return Verdict.abstain(f"both {options[best]} and {options[second]} may be seen")
    shown = share_of(found[best].count, len(found[best].frames))
    confidence = float(likely[best] * (1 - likely[second] / 2))
    text = f"{first_upper(options[best])}: {shown}."
    return Verdict(text, confidence, found[best].best(case.most))


def _which_kinds(case: Case, parsed: ParsedQuestion) -> Verdict:
    """Tell the kinds of what is followed."""
    target = case.lexicon.find(parsed.subject)
    names = target.objects or tuple(query.name for query in case.finder.vocabulary.queries)
    counts = [(name, case.finder.count((name,))) for name in names]
    found = case.finder.find(Target(parsed.subject, objects=names))
    if found is None or not case.finder.has_boxes:
        return Verdict.abstain(NEED_BOXES)
    seen = [(name, count.fewest) for name, count in counts if count and count.fewest]
    told = [number_of(count, name) for name, count in sorted(seen, key=lambda each: -each[1])]
    if not told:
        return Verdict.abstain(f"nothing is followed that is {parsed.subject!r}")
    return Verdict(f"{first_upper(listed(told))}.", found.probability, found.best(case.most))
