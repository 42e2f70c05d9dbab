"""Describes a model that somebody trained: on what, how, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scene_clip_ros.report.fit_rows import FitRow
from scene_clip_ros.training.model_card import wrapped


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What a card tells beside the measurements.

    Attributes:
        name: Of the model.
        architecture: What it was built from.
        weights: What it started from.
        data: Name of the data, without the way to it.
        pairs: Pictures that were trained on.
        captions: Of these pictures.
        held_out: Pictures that were held out.
        unusable: Pictures or captions that were left out.
        loss: Name of the loss.
        batch: Pairs a step.
        rate: Peak learning rate.
        seed: Of everything that was drawn.
        locked: Towers that were kept as they were.
    """

    name: str
    architecture: str
    weights: str
    data: str
    pairs: int
    captions: int
    held_out: int
    unusable: int
    loss: str
    batch: int
    rate: float
    seed: int
    locked: tuple[str, ...] = ()


def write_card(facts: TrainingFacts, rows: Sequence[FitRow]) -> str:
    """Write the card of a fit; ``rows`` are all that it logged, one at least."""
    last = rows[-1]
    locked = f" The {facts.locked[0]} tower was kept as it was." if facts.locked else ""
    sections = (
        f"# {facts.name}",
        f"A CLIP of the architecture {facts.architecture}, which started from {facts.weights}.",
        "## Training",
        f"{facts.pairs:,} pictures with {facts.captions:,} captions, from `{facts.data}`; "
        f"{facts.held_out:,} more were held out, {facts.unusable:,} could not be used. "
        f"{last.step:,} steps of {facts.batch} pairs ({last.epoch:.3g} epochs) with the loss "
        f"{facts.loss}, a peak learning rate of {facts.rate:g} and seed {facts.seed}, in "
        f"{last.seconds / 60:.1f} minutes.{locked} `metrics.jsonl` and `curves.png` show how it "
        "went.",
        "## Measured",
        *_measured(rows, facts),
        "It knows what its pictures showed. Measure it on yours before you rely on it; calibrate "
        "its scores for your labels with `scene-clip calibrate`.",
    )
    return "\n\n".join(wrapped(section) for section in sections) + "\n"


def _measured(rows: Sequence[FitRow], facts: TrainingFacts) -> tuple[str, ...]:
    measured = [row for row in rows if row.val_loss is not None]
    if not measured:
        return ("Nothing: no pairs were held out.",)
    first, last = measured[0], measured[-1]
    lines = ["| held-out pairs | at first | in the end |", "|---|---|---|"]
    for title, before, after in (
        ("picture → caption, recall@1", first.image_to_text_1, last.image_to_text_1),
        ("picture → caption, recall@5", first.image_to_text_5, last.image_to_text_5),
        ("caption → picture, recall@1", first.text_to_image_1, last.text_to_image_1),
        ("caption → picture, recall@5", first.text_to_image_5, last.text_to_image_5),
    ):
        lines.append(f"| {title} | {_percent(before)} | {_percent(after)} |")
    return (
        f"Among all captions, or pictures, of the {facts.held_out:,} held-out pairs. What several "
        "pictures are called counts as right for each.",
        "\n".join(lines),
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
