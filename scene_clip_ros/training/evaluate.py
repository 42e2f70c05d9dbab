"""Measures a model on rendered drives of seeds that no training used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from scene_clip_ros.core.types import Frame
from scene_clip_ros.core.vocabulary import AttributeSpec, LabelSpec, Vocabulary
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.pipeline.pipeline import Pipeline
from scene_clip_ros.report.scoring import SceneAnswer, SceneScore, SceneTruth, score_scenes
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario
from scene_clip_ros.sim.truth import RenderedFrame
from scene_clip_ros.training.held_out_words import HELD_OUT

UNSEEN_SEED = 900_000_000
"""First seed of evaluation drives; training draws its seeds far below."""

SCENARIOS = (
    "city-day",
    "city-night",
    "city-rain",
    "residential-day",
    "residential-snow",
    "highway-day",
    "highway-fog",
    "highway-night",
    "tunnel",
    "parking-lot",
    "weather-turns",
    "crossing-child",
    "animal-on-road",
    "road-works",
    "demo-tour",
)


@dataclass(frozen=True, slots=True)
class EvaluationDrives:
    """Which drives a model is measured on.

    Attributes:
        rounds: Drives of each scenario.
        seconds: Length of each.
        rate_hz: Frames per second.
        size_wh: Picture size, pixels.
        scenarios: Names of scenarios.
        first_seed: Of the first drive; the others follow.
    """

    rounds: int = 2
    seconds: float = 12.0
    rate_hz: float = 2.0
    size_wh: tuple[int, int] = (640, 360)
    scenarios: tuple[str, ...] = SCENARIOS
    first_seed: int = UNSEEN_SEED

    def __len__(self) -> int:
        """Return the number of drives."""
        return self.rounds * len(self.scenarios)

    def __iter__(self) -> Iterator[Drive]:
        """Set every drive up in turn."""
        for number in range(len(self)):
            name, seed = self.scenarios[number % len(self.scenarios)], self.first_seed + number
            scenario = make_scenario(name, seed=seed, seconds=self.seconds)
            yield Drive(
                scenario,
                seed=seed,
                seconds=self.seconds,
                size_wh=self.size_wh,
                rate_hz=self.rate_hz,
                camera=f"drive{number}",
            )


def reworded(
    vocabulary: Vocabulary, wordings: Mapping[str, Mapping[str, tuple[str, ...]]] = HELD_OUT
) -> Vocabulary:
    """Replace every attribute's phrasings, by default with those held out of training."""

    def swap(attribute: AttributeSpec) -> AttributeSpec:
        words = wordings[attribute.name]
        return replace(
            attribute,
            labels=tuple(LabelSpec(label.name, words[label.name]) for label in attribute.labels),
        )

    return replace(vocabulary, attributes=tuple(swap(a) for a in vocabulary.attributes))


def measure(
    encoder: Encoder, vocabularies: Mapping[str, Vocabulary], drives: Iterable[Drive]
) -> dict[str, SceneScore]:
    """Label drives with several vocabularies at once, as the nodes do, and score every frame.

    Args:
        encoder: The model.
        vocabularies: By the name under which the accuracies come back.
        drives: Rendered drives; each one's camera name must be its own.

    Returns:
        The score by vocabulary.
    """
    pipelines = {name: Pipeline(encoder, vocabulary) for name, vocabulary in vocabularies.items()}
    answers: defaultdict[str, list[SceneAnswer]] = defaultdict(list)
    truths: list[SceneTruth] = []
    for drive in drives:
        for rendered in drive:
            truths.append(_truth(rendered))
            frame = Frame(rendered.truth.camera, rendered.stamp_ns, rendered.rgb)
            for name, pipeline in pipelines.items():
                result = pipeline.process([frame])[0]
                labels = {state.name: state.label for state in result.attributes}
                hazards = {state.name: state.active for state in result.hazards}
                answers[name].append(SceneAnswer(frame.camera, frame.stamp_ns, labels, hazards))
    return {name: score_scenes(said, truths) for name, said in answers.items()}


def _truth(rendered: RenderedFrame) -> SceneTruth:
    truth = rendered.truth
    return SceneTruth(truth.camera, truth.stamp_ns, truth.attributes, truth.hazards)
