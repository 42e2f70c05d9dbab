"""Decides questions of every kind from what is shown in which frames."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from scene_clip_ros.core.questions.finder import Finder
from scene_clip_ros.core.questions.hypotheses import Lexicon, Target
from scene_clip_ros.core.questions.parse import ParsedQuestion
from scene_clip_ros.core.questions.presence import Presence, label_presence, seconds_after
from scene_clip_ros.core.questions.settings import ReasonSettings
from scene_clip_ros.core.questions.types import FrameRef
from scene_clip_ros.core.questions.wording import (
    a_or_an,
    at_second,
    cannot_tell,
    first_upper,
    listed,
    number_of,
    plural_of,
    share_of,
)
from scene_clip_ros.core.types import UNKNOWN

NEED_BOXES = "objects are only counted with boxes, and boxes were off"
NEED_FRAMES = "no frame was embedded, and perception was not asked to look for it"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided.

    Attributes:
        text: In words.
        confidence: In [0, 1]; 0 if abstained.
        evidence: Frames that support it most, best first; empty if abstained.
        abstained: The frames do not tell.
    """

    text: str
    confidence: float
    evidence: tuple[FrameRef, ...]
    abstained: bool = False

    @classmethod
    def abstain(cls, why: str) -> Verdict:
        """Say that nobody can tell, and why."""
        return cls(cannot_tell(why), 0.0, (), abstained=True)


class Decider:
    """Decides questions about one window."""

    def __init__(self, finder: Finder, lexicon: Lexicon, *, settings: ReasonSettings) -> None:
        """Take what finds frames, and what finds meanings."""
        self.finder = finder
        self.settings = settings
        self._lexicon = lexicon

    def exists(self, parsed: ParsedQuestion) -> Verdict:
        """Decide whether something is there."""
        targets = self._lexicon.find_all(parsed.subject)
        found = self.finder.find_any(targets)
        if found is None:
            return Verdict.abstain(NEED_FRAMES)
        yes, no = ("No", "Yes") if parsed.negated else ("Yes", "No")
        if found.shown.any() and any(target.siblings for target in targets):
            return Verdict.abstain(_in_doubt(targets, found))
        if found.probability >= self.settings.yes and found.shown.any():
            text = f"{yes}: {self._sighting(targets, found)}."
            return Verdict(text, found.probability, found.best(self.settings.max_evidence))
        if found.probability <= self.settings.no and not found.shown.any():
            text = f"{no}: {self._absence(targets, found)}."
            evidence = found.weakest(self.settings.max_evidence)
            return Verdict(text, 1 - found.probability, evidence)
        return Verdict.abstain(_in_doubt(targets, found))

    def which(self, parsed: ParsedQuestion) -> Verdict:
        """Decide which of several options holds."""
        targets = [self._lexicon.find(option) for option in parsed.options]
        attributes = {target.attribute for target in targets}
        if len(attributes) == 1 and (attribute := attributes.pop()):
            return self._which_label(parsed.options, targets, attribute)
        return self._which_text(parsed.options, targets)

    def what(self, parsed: ParsedQuestion) -> Verdict:
        """Decide of which kind something is."""
        attribute = self._lexicon.find_attribute(parsed.subject)
        if attribute:
            labels = next(
                s for s in self.finder.vocabulary.attributes if s.name == attribute
            ).label_names
            targets = [Target(name, attribute=attribute, label=name) for name in labels]
            return self._which_label(labels, targets, attribute)
        return self._what_objects(parsed)

    def when(self, parsed: ParsedQuestion) -> Verdict:
        """Decide when something begins, ends or changes."""
        attribute = self._lexicon.find_attribute(parsed.subject)
        if parsed.edge == "change" and attribute:
            return self._when_changed(attribute)
        targets = self._lexicon.find_all(parsed.subject)
        found = self.finder.find_any(targets)
        if found is None:
            return Verdict.abstain(NEED_FRAMES)
        if not found.shown.any():
            if found.probability > self.settings.no:
                return Verdict.abstain(_in_doubt(targets, found))
            text = f"Never: {self._absence(targets, found)}."
            evidence = found.weakest(self.settings.max_evidence)
            return Verdict(text, 1 - found.probability, evidence)
        return self._edge(parsed, targets, found)

    def count(self, parsed: ParsedQuestion) -> Verdict:
        """Decide how many there are."""
        targets = self._lexicon.find_all(parsed.subject)
        names = tuple(dict.fromkeys(name for target in targets for name in target.objects))
        if not names or any(target.siblings or not target.objects for target in targets):
            return Verdict.abstain(f"boxes do not follow {parsed.subject!r}")
        counted = self.finder.count(names)
        if counted is None:
            return Verdict.abstain(NEED_BOXES)
        noun = _counted_noun(targets)
        if counted.fullest is None:
            evidence = tuple(FrameRef(f.camera, f.stamp_ns) for f in self.finder.window.facts)
            text = f"0: no {plural_of(noun)} in any frame."
            return Verdict(text, counted.confidence, evidence[: self.settings.max_evidence])
        fewest, most = counted.fewest, counted.most
        if parsed.at_once:
            fewest, most = counted.fewest_at_once, counted.most_at_once
        if fewest < most:
            return Verdict.abstain(f"there are {fewest} to {number_of(most, noun)}")
        ending = " at once" if parsed.at_once else f", at most {counted.most_at_once} at once"
        others = self.finder.find_any(targets)
        best = others.best(self.settings.max_evidence) if others else ()
        evidence = tuple(dict.fromkeys((counted.fullest, *best)))
        return Verdict(f"{number_of(most, noun)}{ending}.", counted.confidence, evidence)

    def _which_label(
        self, options: tuple[str, ...], targets: list[Target], attribute: str
    ) -> Verdict:
        facts = self.finder.label_facts(attribute)
        found = [label_presence(facts, attribute, target.label) for target in targets]
        held = [each for each in found if each is not None]
        if len(held) < len(found):
            return Verdict.abstain(NEED_FRAMES)
        total = len(held[0].frames)
        counts = np.array([each.count for each in held])
        second, best = np.argsort(counts, kind="stable")[-2:].tolist()
        if counts[best] == 0:
            return Verdict.abstain(f"none of {listed(options)} is told in {total} frames")
        if counts[best] < self.settings.yes * total / 2:
            return Verdict.abstain(f"{options[best]} only {share_of(int(counts[best]), total)}")
        if counts[best] - counts[second] < self.settings.lead * total:
            told = [f"{options[i]} {share_of(int(counts[i]), total)}" for i in (best, second)]
            return Verdict.abstain(f"both are seen, {' and '.join(told)}")
        winner = held[best]
        confidence = float(winner.strength[winner.shown].mean()) * counts[best] / counts.sum()
        text = f"{first_upper(options[best])}: {share_of(int(counts[best]), total)}."
        return Verdict(text, float(confidence), winner.best(self.settings.max_evidence))

    def _which_text(self, options: tuple[str, ...], targets: list[Target]) -> Verdict:
        found = [self.finder.find(target) for target in targets]
        held = [each for each in found if each is not None]
        if len(held) < len(found):
            return Verdict.abstain(NEED_FRAMES)
        likely = np.array([each.probability for each in held])
        second, best = np.argsort(likely, kind="stable")[-2:].tolist()
        if likely[best] < self.settings.yes or not held[best].shown.any():
            return Verdict.abstain(f"neither {listed(options, word='nor')} is seen clearly")
        if likely[best] - likely[second] < self.settings.lead:
            return Verdict.abstain(f"both {options[best]} and {options[second]} are seen")
        shown = share_of(held[best].count, len(held[best].frames))
        text = f"{first_upper(options[best])}: {shown}."
        confidence = float(likely[best] * (1 - likely[second] / 2))
        return Verdict(text, confidence, held[best].best(self.settings.max_evidence))

    def _what_objects(self, parsed: ParsedQuestion) -> Verdict:
        if not self.finder.has_boxes:
            return Verdict.abstain("what kind of thing it is takes boxes, and boxes were off")
        target = self._lexicon.find(parsed.subject)
        names = target.objects or tuple(query.name for query in self.finder.vocabulary.queries)
        counts: Counter[str] = Counter()
        for name in names:
            counted = self.finder.count((name,))
            counts[name] = counted.fewest if counted else 0
        told = [number_of(count, name) for name, count in counts.most_common() if count]
        found = self.finder.find(Target(parsed.subject, objects=names))
        if not told or found is None:
            return Verdict.abstain(f"none of {len(names)} kinds of things is seen")
        text = f"{first_upper(listed(told))}."
        return Verdict(text, found.probability, found.best(self.settings.max_evidence))

    def _when_changed(self, attribute: str) -> Verdict:
        facts = self.finder.label_facts(attribute)
        labels = [
            (FrameRef(each.camera, each.stamp_ns), fact)
            for each in facts
            for fact in each.labels
            if fact.attribute == attribute and fact.label != UNKNOWN
        ]
        if not labels:
            return Verdict.abstain(NEED_FRAMES)
        held: dict[str, str] = {}
        for frame, fact in labels:
            before = held.setdefault(frame.camera, fact.label)
            if before != fact.label:
                seconds = seconds_after(self.finder.window.start_ns, frame)
                text = f"{first_upper(at_second(seconds))}: from {before} to {fact.label}."
                return Verdict(text, fact.probability, (frame,))
        sure = float(np.mean([fact.probability for _, fact in labels]))
        text = f"Never: {labels[0][1].label} {share_of(len(labels), len(labels))}."
        return Verdict(
            text, sure, tuple(frame for frame, _ in labels[: self.settings.max_evidence])
        )

    def _edge(
        self, parsed: ParsedQuestion, targets: tuple[Target, ...], found: Presence
    ) -> Verdict:
        first, last = self._moments(parsed, targets, found)
        if parsed.edge == "end" and last.stamp_ns == found.frames[-1].stamp_ns:
            text = f"It does not end: {self._sighting(targets, found)}, up to the last one."
            return Verdict(text, found.probability, (last,))
        frame = last if parsed.edge == "end" else first
        others = (each for each in found.best(self.settings.max_evidence) if each != frame)
        moment = at_second(seconds_after(self.finder.window.start_ns, frame))
        text = f"{first_upper(moment)}: {self._sighting(targets, found)}."
        return Verdict(text, found.probability, (frame, *others))

    def _moments(
        self, parsed: ParsedQuestion, targets: tuple[Target, ...], found: Presence
    ) -> tuple[FrameRef, FrameRef]:
        """Return first and last frame of what a question is about: of conditions, one run."""
        run = None
        if all(target.attribute for target in targets):
            run = found.run_that_ends() if parsed.edge == "end" else found.run_that_begins()
        first, last = found.first(), found.last()
        assert first is not None
        assert last is not None
        return run or (first, last)

    def _sighting(self, targets: tuple[Target, ...], found: Presence) -> str:
        what = listed([_noun(target) for target in targets], word="or")
        return f"{what} {share_of(found.count, len(found.frames))}"

    def _absence(self, targets: tuple[Target, ...], found: Presence) -> str:
        what = listed([_noun(target) for target in targets], word="or")
        return f"{what} in none of {len(found.frames)} frames"


def _noun(target: Target) -> str:
    """Return what a target is called in an answer."""
    if target.objects and not target.siblings:
        place = "on the road" if target.hazard else "visible"
        return f"{a_or_an(target.objects[0])} is {place}"
    if target.hazard and not target.siblings:
        return target.hazard.replace("_", " ")
    return target.label or target.text


def _counted_noun(targets: tuple[Target, ...]) -> str:
    """Return what is counted: the name of a query, or something for several."""
    return targets[0].objects[0] if len(targets) == 1 else "of them"


def _in_doubt(targets: tuple[Target, ...], found: Presence) -> str:
    """Say why a presence is neither there nor not."""
    what = listed([target.label or target.text for target in targets], word="or")
    if any(target.siblings for target in targets):
        names = listed([plural_of(target.objects[0]) for target in targets], word="or")
        return f"{names} are seen, but boxes do not tell whether it is {what}"
    if found.shown.any():
        return f"{what} may be seen {share_of(found.count, len(found.frames))}, but not surely"
    return f"{what} may be there, but no two frames in a row show it surely"
