"""How labels and hazards are decided."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.pipeline.function_schedule import MAX_RATE_HZ
from scene_clip_ros.pipeline.settings import LabelSettings

_LABELS = LabelSettings()


@dataclass(frozen=True, slots=True)
class LabelParameters:
    """The function ``labels``, and how attributes are decided."""

    enabled: bool = parameter(True, "Publish `<camera>/scene_clip/labels`.", live=True)
    max_rate_hz: float = parameter(
        0.0,
        "Most frames labelled per second and camera, by their stamps; 0: every frame. The others "
        "have no labels. Frames that neither labels, embedding nor memory get are not embedded.",
        unit="Hz",
        minimum=0.0,
        maximum=MAX_RATE_HZ,
        live=True,
    )
    tau_s: float = parameter(
        _LABELS.tau_s,
        "Time constant of the smoothing of attributes. Changing a decision setting starts every "
        "camera anew.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
    )
    dwell_s: float = parameter(
        _LABELS.dwell_s,
        "How long another label must lead before it is held.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
    )
    switch_margin: float = parameter(
        _LABELS.switch_margin,
        "Lead in probability that another label needs over the held one.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    unknown_margin: float = parameter(
        _LABELS.unknown_margin,
        "Lead in probability of the best label over the second below which an attribute is "
        "`unknown`.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    cosine_floor: float = parameter(
        -1.0,
        "Cosine of the best label below which an attribute is `unknown`; -1: as the model's "
        "calibration says, without one no floor.",
        minimum=-1.0,
        maximum=1.0,
        live=True,
    )


@dataclass(frozen=True, slots=True)
class HazardParameters:
    """How hazards are decided."""

    tau_s: float = parameter(
        _LABELS.hazard_tau_s,
        "Time constant of the smoothing of hazards.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
    )
    dwell_s: float = parameter(
        _LABELS.hazard_dwell_s,
        "How long a hazard must persist to become active, and be gone to become inactive.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
    )
    on_probability: float = parameter(
        _LABELS.hazard_on_probability,
        "Probability at which a hazard becomes active.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    off_probability: float = parameter(
        _LABELS.hazard_off_probability,
        "Probability below which it becomes inactive again; at most that of `on`.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )


def label_settings(labels: LabelParameters, hazards: HazardParameters) -> LabelSettings:
    """Return how attributes and hazards are decided.

    Raises:
        ParameterError: A hazard would become active and inactive at once.
    """
    return LabelSettings(
        tau_s=labels.tau_s,
        dwell_s=labels.dwell_s,
        switch_margin=labels.switch_margin,
        unknown_margin=labels.unknown_margin,
        cosine_floor=None if labels.cosine_floor == -1.0 else labels.cosine_floor,
        hazard_tau_s=hazards.tau_s,
        hazard_dwell_s=hazards.dwell_s,
        hazard_on_probability=hazards.on_probability,
        hazard_off_probability=hazards.off_probability,
    )
