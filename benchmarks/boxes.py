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
from pathlib import Path
from tempfile import TemporaryDirectory

import limits
import open_clip
import torch
from flops import image_tower
from notebook import embed_queries, find_boxes, load_detector, notebook
from pictures import street
from plain_clip import ARCHITECTURE, random_clip
from row import Outcome, Row
from safetensors.torch import save_file
from table import print_outcome
from timing import Contender, elapsed_ms, take_turns
from torchvision import models

from scene_clip_ros.core.prompts import expand
from scene_clip_ros.core.types import Frame
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.models.proposer import ProposalLimits
from scene_clip_ros.models.proposer_source import load_proposer
from scene_clip_ros.pipeline.regions import RegionFinder, crops_of
from scene_clip_ros.resources import DRIVING_VOCABULARY

DETECTOR = "fasterrcnn_mobilenet_v3_large_320_fpn"
REGIONS = 100
ROUNDS = 2
MIN_RATIO = 10.0


def measure() -> Outcome:
    """Find and embed the regions of one frame, again and again.

    Raises:
        ValueError: The detector proposes fewer regions.
    """
    (rgb,) = street(1)
    frame, queries = Frame("front", 0, rgb), query_prompts()
    with (
        random_clip() as clip,
        notebook(clip.weights) as kernel,
        TemporaryDirectory() as folder,
    ):
        weights = random_detector(Path(folder))
        kernel.run(load_detector, DETECTOR, weights)
        proposer = load_proposer(
            DETECTOR,
            str(weights),
            device="cpu",
            backend="auto",
            limits=ProposalLimits(count=REGIONS),
            cache=clip.networks(),
        )
        encoder = clip.load()
        # No embedding is taken again: the same frame comes every time.
        finder = RegionFinder(proposer, encoder, reuse_s=0.0)
        regions = finder.find([frame])[0].proposals.xyxy
        if len(regions) != REGIONS:
            message = f"expected a detector that proposes {REGIONS} regions, got {len(regions)}"
            raise ValueError(message)
        before = kernel.run(limits.measure)
        ours_ms, look_ms, read_ms = take_turns(
            Contender(lambda: finder.find([frame]), 3),
            Contender(lambda: kernel.run(find_boxes, regions), 1, 0, tells_ms=True),
            Contender(lambda: kernel.run(embed_queries, queries), 1, 0, tells_ms=True),
            rounds=ROUNDS,
        )
        machine = limits.best(before, kernel.run(limits.measure))
    detect_ms = elapsed_ms(lambda: proposer.propose([rgb]))
    tower = image_tower(open_clip.get_model_config(ARCHITECTURE))
    crops = len(crops_of(rgb, regions).windows)
    limit_ms = machine.bf16_ms(crops * tower.flops)
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
        f"{REGIONS} regions of a 1080p frame, {crops} crops, {DETECTOR} and {ARCHITECTURE} "
        f"with random weights, {proposer.info.backend} and {encoder.info.backend} "
        f"{encoder.info.precision}; of which the "
        f"detector {detect_ms:.0f} ms; baseline: torch fp32 eager, crops one at a time "
        f"{look_ms:.0f} ms, {sum(map(len, queries))} prompts of all queries anew "
        f"{read_ms:.0f} ms; without these {look_ms / ours_ms:.1f}x; limit: "
        f"{crops * tower.flops / 1e12:.2f} TFLOP of crops at {machine.bf16_tflops:.2f} "
        "TFLOP/s (bf16)"
    )
    return Outcome(row, words)


def random_detector(folder: Path) -> Path:
    """Write the random weights of a detector, the same every time, and return the file."""
    torch.manual_seed(0)
    network = models.get_model(DETECTOR, weights=None, weights_backbone=None).eval()
    weights = folder / "detector.safetensors"
    save_file(network.state_dict(), weights)
    return weights


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
