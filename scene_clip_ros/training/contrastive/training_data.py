"""The pairs of a training: what is learnt, what is held out, what cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.training.contrastive.folders import find_pairs
from scene_clip_ros.training.contrastive.job import TrainingJob
from scene_clip_ros.training.contrastive.pairs import Pair, PairList
from scene_clip_ros.training.contrastive.validation import split_pairs


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Pairs.

    Attributes:
        pairs: To train on, two at least.
        held_out: To validate on, if any.
        problems: What could not be used, as sentences.
        digest: Differs for other pairs.
    """

    pairs: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    problems: tuple[str, ...]
    digest: str

    @property
    def captions(self) -> int:
        """Number of captions that are trained on."""
        return sum(len(pair.captions) for pair in self.pairs)


def load_data(job: TrainingJob) -> TrainingData:
    """Find the pairs of a job.

    Raises:
        SourceError: The data cannot be read, or has fewer than two pairs.
    """
    found, others = find_pairs(job.data), PairList(())
    if job.validation is None:
        pairs, held_out = split_pairs(found.pairs, job.share, seed=job.start.seed)
    else:
        others = find_pairs(job.validation)
        pairs, held_out = found.pairs, others.pairs
    if len(pairs) < 2:
        message = f"{job.data}: expected two pairs or more to train on, got {len(pairs)}"
        raise SourceError(message)
    problems = (*found.problems, *others.problems)
    return TrainingData(pairs, held_out, problems, f"{found.digest()} {others.digest()}")
