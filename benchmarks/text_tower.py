"""How long 64 prompts take to unit vectors with the text tower of ViT-B/32.

    python benchmarks/text_tower.py

Weights are random: time does not depend on them. Prompts are those of the shipped vocabulary. The
baseline embeds them one at a time, with torch in fp32, eager. The limit is the time that the
multiplications take at the bf16 matrix rate of this machine, with every prompt as long as the model
allows, as open_clip computes it.
"""

from __future__ import annotations

import argparse
import sys

import limits
import numpy as np
import open_clip
from flops import text_tower
from notebook import embed_prompts, embedding_of_prompt, notebook
from plain_clip import ARCHITECTURE, random_clip
from row import Outcome, Row
from table import print_outcome
from timing import Contender, take_turns

from scene_clip_ros.core.prompts import vocabulary_prompts
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.resources import DRIVING_VOCABULARY

PROMPTS = 64
ROUNDS = 3
MIN_RATIO = 3.0


def measure() -> Outcome:
    """Measure prompts in one call, and one at a time."""
    prompts = vocabulary_prompts(load_vocabulary(DRIVING_VOCABULARY))[:PROMPTS]
    with random_clip() as clip, notebook(clip.weights) as kernel:
        encoder = clip.load()
        before = kernel.run(limits.measure)
        theirs = kernel.run(embedding_of_prompt, prompts[0])
        cosine = np.vdot(encoder.encode_texts(prompts[:1]), theirs)
        ours_ms, plain_ms = take_turns(
            Contender(lambda: encoder.encode_texts(prompts), 3),
            Contender(lambda: kernel.run(embed_prompts, prompts), 1, 0, tells_ms=True),
            rounds=ROUNDS,
        )
        machine = limits.best(before, kernel.run(limits.measure))
    tower = text_tower(open_clip.get_model_config(ARCHITECTURE))
    limit_ms = machine.bf16_ms(PROMPTS * tower.flops)
    row = Row(
        "text_tower",
        value=ours_ms,
        unit=f"ms for {PROMPTS} prompts",
        baseline=plain_ms,
        ratio=plain_ms / ours_ms,
        limit=limit_ms,
        fraction_of_limit=limit_ms / ours_ms,
        goal="ratio >= 3",
        met=plain_ms / ours_ms >= MIN_RATIO,
    )
    words = (
        f"{ARCHITECTURE}, prompts to unit vectors in one call, {encoder.info.backend} "
        f"{encoder.info.precision}, cosine to the baseline {cosine:.5f}; baseline: one prompt at "
        f"a time, torch fp32 eager; limit: {PROMPTS * tower.flops / 1e9:.0f} GFLOP at "
        f"{machine.bf16_tflops:.2f} TFLOP/s (bf16)"
    )
    return Outcome(row, words)


def main() -> int:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    print_outcome(measure())
    return 0


if __name__ == "__main__":
    sys.exit(main())
