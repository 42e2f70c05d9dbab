"""How long it takes to find and embed 100 regions of a 1080p frame, beside a notebook.

    python benchmarks/boxes.py

The detector is torchvision's Faster R-CNN with MobileNetV3 at 320 pixels, the model that embeds
ViT-B/32, both with random weights. Every region is embedded twice, tight and with what is around.

The baseline does the same with the same regions: the detector in fp32, eager; every crop alone
through PIL, open_clip's own preprocessing and the model in fp32, eager; and the prompts of all
queries embedded anew for every frame, one query at a time. The limit is the time that the
multiplications of the image tower take for all crops, at the bf16 matrix rate of this machine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import limits
import open_clip
import torch
from flops import image_tower
from pictures import street
from PIL import Image
from plain_clip import ARCHITECTURE, PlainClip, random_clip
from row import Outcome, Row
from safetensors.torch import save_file
from table import print_outcome
from timing import Contender, elapsed_ms, take_turns
from torchvision import models
from torchvision.transforms import functional as transforms

from scene_clip_ros.core.prompts import expand
from scene_clip_ros.core.types import Frame, ImageArray
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.models.proposer import ProposalLimits
from scene_clip_ros.models.proposer_source import load_proposer
from scene_clip_ros.pipeline.regions import CONTEXTS, RegionFinder, crop_square
from scene_clip_ros.resources import DRIVING_VOCABULARY

DETECTOR = "fasterrcnn_mobilenet_v3_large_320_fpn"
REGIONS = 100
ROUNDS = 2
MIN_RATIO = 10.0


@dataclass(frozen=True, slots=True)
class Notebook:
    """The task without this package.

    Attributes:
        detector: Faster R-CNN, as torchvision builds it.
        clip: Embeds crops and prompts.
        queries: Prompts by query.
    """

    detector: Any
    clip: PlainClip
    queries: Sequence[Sequence[str]]

    def look(self, rgb: ImageArray, crops: Sequence[ImageArray]) -> None:
        """Find regions in a picture and embed the crops of regions."""
        with torch.inference_mode():
            self.detector([transforms.to_tensor(Image.fromarray(rgb))])
        for crop in crops:
            self.clip.embed_pictures([crop])

    def read(self) -> None:
        """Embed the prompts of all queries."""
        for prompts in self.queries:
            self.clip.embed_texts(prompts)


def measure() -> Outcome:
    """Find and embed the regions of one frame, again and again.

    Raises:
        ValueError: The detector proposes fewer regions.
    """
    before = limits.measure()
    (rgb,) = street(1)
    with random_clip() as clip, TemporaryDirectory() as folder:
        detector, weights = random_detector(Path(folder))
        proposer = load_proposer(
            DETECTOR,
            str(weights),
            device="cpu",
            backend="auto",
            limits=ProposalLimits(count=REGIONS),
            cache=clip.networks(),
        )
        encoder = clip.load()
    # The frame is the same every time: nothing may be taken again.
    finder = RegionFinder(proposer, encoder, reuse_s=0.0)
    frame = Frame("front", 0, rgb)
    regions = finder.find([frame])[0].proposals.xyxy
    if len(regions) != REGIONS:
        message = f"expected a detector that proposes {REGIONS} regions, got {len(regions)}"
        raise ValueError(message)
    crops = [crop_square(rgb, box, context=context) for box in regions for context in CONTEXTS]
    notebook = Notebook(detector, clip.plain, query_prompts())
    ours_ms, look_ms, read_ms = take_turns(
        Contender(lambda: finder.find([frame]), 3),
        Contender(lambda: notebook.look(rgb, crops), 1, 0),
        Contender(notebook.read, 1, 0),
        rounds=ROUNDS,
    )
    detect_ms = elapsed_ms(lambda: proposer.propose([rgb]))
    tower = image_tower(open_clip.get_model_config(ARCHITECTURE))
    machine = limits.best(before, limits.measure())
    limit_ms = machine.bf16_ms(len(crops) * tower.flops)
    plain_ms = look_ms + read_ms
    row = Row(
        "boxes",
        value=ours_ms,
        unit="ms a frame",
        baseline=plain_ms,
        ratio=plain_ms / ours_ms,
        limit=limit_ms,
        fraction_of_limit=limit_ms / ours_ms,
        goal="ratio >= 10",
        met=plain_ms / ours_ms >= MIN_RATIO,
    )
    words = (
        f"{REGIONS} regions of a 1080p frame, {len(crops)} crops, {DETECTOR} and {ARCHITECTURE} "
        f"with random weights, {proposer.info.backend} and {encoder.info.backend} "
        f"{encoder.info.precision}; of which the "
        f"detector {detect_ms:.0f} ms; baseline: torch fp32 eager, crops one at a time "
        f"{look_ms:.0f} ms, {sum(map(len, notebook.queries))} prompts of all queries anew "
        f"{read_ms:.0f} ms; without these {look_ms / ours_ms:.1f}x; limit: "
        f"{len(crops) * tower.flops / 1e12:.2f} TFLOP of crops at {machine.bf16_tflops:.2f} "
        "TFLOP/s (bf16)"
    )
    return Outcome(row, words)


def random_detector(folder: Path) -> tuple[Any, Path]:
    """Return a detector with random weights, the same every time, and a file that holds them."""
    torch.manual_seed(0)
    network = models.get_model(DETECTOR, weights=None, weights_backbone=None).eval()
    weights = folder / "detector.safetensors"
    save_file(network.state_dict(), weights)
    return network, weights


def query_prompts() -> list[tuple[str, ...]]:
    """Return the prompts of every query of the shipped vocabulary."""
    vocabulary = load_vocabulary(DRIVING_VOCABULARY)
    return [expand(query.phrasings, vocabulary.templates) for query in vocabulary.queries]


def main() -> int:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    print_outcome(measure())
    return 0


if __name__ == "__main__":
    sys.exit(main())
