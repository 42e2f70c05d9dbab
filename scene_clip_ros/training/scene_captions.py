"""Writes captions of several things in a picture, and tells which pictures they fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scene_clip_ros.sim.captions import stands_out
from scene_clip_ros.sim.truth import TruthBox

Words = Mapping[str, Sequence[str]]

_MOST_SAID = 4
_THING_SHARE = 0.5
_PROMINENT = 0.1
"""Share of the picture's height from which a thing is written of."""

COMMON = frozenset({"car", "van", "truck", "bus"})
"""Found on so many pictures that nobody looks for one by them."""


@dataclass(frozen=True, slots=True)
class SceneContents:
    """What a picture shows.

    Attributes:
        labels: Label by attribute; without those that cannot be told.
        kinds: Classes of what stands out in it.
        prominent: Those of them that nobody could overlook.
    """

    labels: Mapping[str, str]
    kinds: frozenset[str] = frozenset()
    prominent: frozenset[str] = frozenset()

    @classmethod
    def of(cls, truth: Mapping[str, Any], *, height_px: int) -> SceneContents:
        """Read a record of ``FrameTruth.to_json`` of a picture ``height_px`` pixels tall."""
        labels = {name: label for name, label in truth["attributes"].items() if label is not None}
        boxes = [box for box in map(TruthBox.from_json, truth["boxes"]) if not box.parked]
        noted = [box for box in boxes if stands_out(box, height_px)]
        large = [box for box in noted if box.xyxy[3] - box.xyxy[1] >= _PROMINENT * height_px]
        return cls(labels, *(frozenset(box.kind for box in each) for each in (noted, large)))


@dataclass(frozen=True, slots=True)
class SceneCaption:
    """A sentence, and what it says.

    Attributes:
        text: The words.
        labels: Label by attribute that it names.
        kind: Class of the thing that it names; ``None``: of none.
    """

    text: str
    labels: Mapping[str, str]
    kind: str | None = None

    def fits(self, contents: SceneContents) -> bool:
        """Say whether all of it is true of a picture."""
        if any(contents.labels.get(name) != label for name, label in self.labels.items()):
            return False
        return self.kind is None or self.kind in contents.kinds


@dataclass(frozen=True, slots=True)
class CaptionWriter:
    """Writes in given words.

    Attributes:
        label_words: Wordings by label, by attribute.
        kind_words: Wordings by class of the truth; of other classes it does not write.
        fewest: Attributes that a caption names at least, where that many are known, in [1, 4].
    """

    label_words: Mapping[str, Words]
    kind_words: Words
    fewest: int = 1

    def write(self, contents: SceneContents, rng: np.random.Generator) -> SceneCaption:
        """Name up to four attributes of a picture and, half the time, a prominent thing in it.

        Args:
            contents: Of the picture; at least one attribute.
            rng: Chooses what is said, and how.
        """
        known = [name for name in contents.labels if not _goes_unsaid(name, contents.labels)]
        many = min(len(known), int(rng.integers(self.fewest, _MOST_SAID + 1)))
        said = rng.choice(len(known), many, replace=False)
        labels = {known[i]: contents.labels[known[i]] for i in sorted(said.tolist())}
        words = [_one_of(self.label_words[name][label], rng) for name, label in labels.items()]
        kinds = sorted((contents.prominent - COMMON) & self.kind_words.keys())
        kind = _one_of(kinds, rng) if kinds and rng.random() < _THING_SHARE else None
        if kind is not None:
            words.insert(0, _one_of(self.kind_words[kind], rng))
        return SceneCaption(join_words(words, rng), labels, kind)


def _goes_unsaid(name: str, labels: Mapping[str, str]) -> bool:
    """Tell whether nobody mentions an attribute: at night there is no blue sky to speak of."""
    by_night = labels.get("time_of_day") == "night"
    return name == "weather" and labels[name] == "clear" and by_night


def join_words(words: Sequence[str], rng: np.random.Generator) -> str:
    """Join wordings with commas; now and then the last with "and" or "with"."""
    if len(words) == 1:
        return words[0]
    link = _one_of((", ", ", ", " and ", " with "), rng)
    return ", ".join(words[:-1]) + link + words[-1]


def _one_of(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
