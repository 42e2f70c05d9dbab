"""How long a 1080p frame takes to a unit vector with ViT-B/32, alone and in a batch.

    python benchmarks/image_tower.py --frames 1
    python benchmarks/image_tower.py --frames 16

Weights are random: time does not depend on them. The baseline is what a notebook does: PIL,
open_clip's own preprocessing, torch in fp32, eager. The limit is the time that the multiplications
of the image tower take at the bf16 matrix rate of this machine. A single frame has another limit:
all weights have to come from memory once, however little is computed with them.
"""

from __future__ import annotations

import argparse
import sys

import limits
import numpy as np
import open_clip
from flops import image_tower
from notebook import embed_frames, embedding_of_frame, notebook
from pictures import street
from plain_clip import ARCHITECTURE, random_clip
from row import Outcome, Row
from table import print_outcome
from timing import Contender, take_turns

BATCH_FRAMES = 16
ROUNDS = 6
MIN_RATIO = 5.0
MIN_FRACTION = 0.6


def measure_frame() -> Outcome:
    """Measure a frame at a time."""
    return measure("image_tower", 1)


def measure_batch() -> Outcome:
    """Measure 16 frames at a time."""
    return measure("image_tower_batch", BATCH_FRAMES)


def measure(name: str, frames: int) -> Outcome:
    """Measure batches of so many frames; times are per frame."""
    pictures = (street(2) * frames)[:frames]
    with random_clip() as clip, notebook(clip.weights) as kernel:
        encoder = clip.load()
        before = kernel.run(limits.measure)
        theirs = kernel.run(embedding_of_frame)
        cosine = np.vdot(encoder.encode_images(pictures[:1]), theirs)
        ours_ms, plain_ms = take_turns(
            Contender(lambda: encoder.encode_images(pictures), 5 if frames > 1 else 15, 2),
            Contender(
                lambda: kernel.run(embed_frames, frames), 1 if frames > 1 else 5, tells_ms=True
            ),
            rounds=ROUNDS,
        )
        machine = limits.best(before, kernel.run(limits.measure))
    tower = image_tower(open_clip.get_model_config(ARCHITECTURE))
    limit_ms, value_ms = machine.bf16_ms(tower.flops), ours_ms / frames
    ratio, fraction = plain_ms / ours_ms, limit_ms / value_ms
    row = Row(
        name,
        value=value_ms,
        unit="ms a frame",
        baseline=plain_ms / frames,
        ratio=ratio,
        limit=limit_ms,
        fraction_of_limit=fraction,
        goal="ratio >= 5, fraction of the limit >= 0.6",
        met=ratio >= MIN_RATIO and fraction >= MIN_FRACTION,
    )
    words = (
        f"{ARCHITECTURE}, 1080p RGB to unit vector, batches of {frames}, {encoder.info.precision} "
        f"by {encoder.info.backend} ({encoder.info.backend_reason}), cosine to the baseline "
        f"{cosine:.5f}; limit: {tower.flops / 1e9:.2f} GFLOP at {machine.bf16_tflops:.2f} TFLOP/s "
        f"(bf16; f32 {machine.f32_tflops:.2f}); reading {2 * tower.weights / 1e6:.0f} MB of bf16 "
        f"weights once takes {machine.read_ms(2 * tower.weights):.1f} ms at "
        f"{machine.read_gbps:.0f} GB/s"
    )
    return Outcome(row, words)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1, help="in a batch (%(default)s)")
    print_outcome(measure("image_tower", parser.parse_args().frames))
    return 0


if __name__ == "__main__":
    sys.exit(main())
