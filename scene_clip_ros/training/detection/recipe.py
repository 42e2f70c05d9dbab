"""Makes the shipped detector: renders, fits, exports, measures. One command rebuilds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torchvision.models.detection import FasterRCNN

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.model_source import EMBEDDED, find_model
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.models.proposer_source import load_proposer
from scene_clip_ros.models.region_network import CONFIG_FILE, WEIGHTS_FILE, RegionConfig
from scene_clip_ros.models.weights_file import read_weights
from scene_clip_ros.report.drive_scoring import DriveScore
from scene_clip_ros.report.score_records import alert_score_rows, box_score_rows
from scene_clip_ros.training.detection.fit import (
    RegionFit,
    RegionFitSettings,
    Report,
    fit_regions,
    new_network,
)
from scene_clip_ros.training.detection.samples import CLASSES, SAMPLE_WH, WIDTHS_PX, SceneSamples
from scene_clip_ros.training.evaluate_boxes import BoxDrives, boxes_alone, measure_boxes
from scene_clip_ros.training.model_card import CARD_FILE, wrapped
from scene_clip_ros.training.scenes import (
    DRIVES_PER_SHARD,
    FRAMES_PER_DRIVE,
    ensure_scenes,
    load_scenes,
)

_TRUNK_PREFIX = "visual.trunk."


@dataclass(frozen=True, slots=True)
class RegionRecipe:
    """How much of everything goes into the detector.

    Attributes:
        shards: Rendered shards of 240 pictures.
        steps: Of the fit.
    """

    shards: int = 71
    steps: int = 15000


def train_regions(
    folder: Path, *, work: Path, recipe: RegionRecipe, report: Report, workers: int = 2
) -> None:
    """Do everything but measuring, and write the detector into a folder.

    Args:
        folder: Where configuration and weights go.
        work: Folder for pictures and checkpoints; a run resumes there.
        recipe: How much.
        report: Called with the step and the losses now and then.
        workers: Processes that render, ≥ 1.
    """
    scenes = load_scenes(ensure_scenes(work / "scenes", recipe.shards, workers=workers))
    fit = RegionFit(new_network(embedded_trunk()))
    fit_regions(
        fit,
        SceneSamples(scenes),
        settings=RegionFitSettings(steps=recipe.steps),
        checkpoint=work / "regions.pt",
        report=report,
    )
    export_regions(fit.averaged, folder)


def embedded_trunk() -> dict[str, torch.Tensor]:
    """Return the weights of the embedded CLIP's image tower, which knows the rendered world.

    Raises:
        ModelError: The embedded CLIP has another tower.
    """
    state = read_weights(find_model(EMBEDDED, None).weights)
    trunk = {
        name.removeprefix(_TRUNK_PREFIX): value
        for name, value in state.items()
        if name.startswith(_TRUNK_PREFIX)
    }
    if not trunk:
        message = f"expected an embedded CLIP with weights {_TRUNK_PREFIX}*, got none"
        raise ModelError(message)
    return trunk


def export_regions(network: FasterRCNN, folder: Path) -> None:
    """Write configuration and weights (half precision) for ``load_proposer``."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: value.half().contiguous() if value.is_floating_point() else value.contiguous()
        for name, value in network.state_dict().items()
    }
    save_file(state, folder / WEIGHTS_FILE)
    config = RegionConfig(classes=CLASSES)
    (folder / CONFIG_FILE).write_text(config.to_json(), encoding="utf-8")


def finish_regions(
    folder: Path, vocabulary: Vocabulary, recipe: RegionRecipe, *, drives: BoxDrives | None = None
) -> None:
    """Measure and describe the detector in a folder, together with the embedded CLIP.

    Args:
        folder: Holds configuration and weights; the card is written beside them.
        vocabulary: What is looked for.
        recipe: How it was trained.
        drives: What it is measured on; the default evaluation if not given.
    """
    pipeline = boxes_alone(load_open_clip(), load_proposer(str(folder)), vocabulary)
    measured = drives or BoxDrives()
    score = measure_boxes(pipeline, measured)
    card = write_region_card(folder, recipe, measured, score)
    (folder / CARD_FILE).write_text(card, encoding="utf-8")


def write_region_card(
    folder: Path, recipe: RegionRecipe, drives: BoxDrives, score: DriveScore
) -> str:
    """Return the model card as Markdown."""
    size = (folder / WEIGHTS_FILE).stat().st_size / 1e6
    pictures = recipe.shards * DRIVES_PER_SHARD * FRAMES_PER_DRIVE
    width, height = RegionConfig(classes=CLASSES).size_wh
    seen_width, seen_height = drives.size_wh
    sections = (
        "# scene-clip-regions",
        "A small Faster R-CNN that ships with scene_clip_ros and proposes the regions that CLIP "
        "then scores. **It knows one world: the drives that this package renders.** For a vehicle, "
        "load one of torchvision's detectors, trained on photographs.",
        "## What it is",
        f"torchvision's Faster R-CNN of {size:.1f} MB in half precision over timm `regnetx_002` "
        "with a feature pyramid of 64 channels at strides 4 to 64; pictures are scaled to at most "
        f"{width}x{height} pixels, and its box head looks twice. Its own classes: "
        f"{', '.join(CLASSES)}.",
        "## How it was trained",
        f"On {pictures:,} frames of {pictures // FRAMES_PER_DRIVE:,} drives, more than half of "
        f"which script people, animals or road works: {recipe.steps:,} steps of 12 parts of "
        f"{SAMPLE_WH[0]}x{SAMPLE_WH[1]} pixels of pictures scaled to widths from "
        f"{WIDTHS_PX[0]:g} to {WIDTHS_PX[1]:g}, recoloured, softened and noisy. "
        "The trunk starts from the embedded CLIP's image tower. Parked vehicles are "
        "things to find like any other. No photograph was used. Rebuild it with",
        f"    scene-clip train-regions -o FOLDER --shards {recipe.shards} --steps {recipe.steps}",
        "## Accuracy",
        f"Of the boxes and alerts that the nodes publish, on {len(drives)} rendered drives of "
        f"{drives.seconds:g} s at {drives.rate_hz:g} Hz, {seen_width}x{seen_height} pixels, with "
        "seeds that training never used. "
        "Things count that are clear to see, by the limits of the public benchmarks (docs/cli.md, "
        "score).",
        _table(score),
    )
    return "\n\n".join(wrapped(section) for section in sections) + "\n"


def _table(score: DriveScore) -> str:
    rows = [
        *(box_score_rows(score.boxes) if score.boxes else ()),
        *(alert_score_rows(score.alerts) if score.alerts else ()),
    ]
    return "\n".join(["| | | |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)])
