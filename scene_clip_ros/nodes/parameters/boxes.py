"""Which regions are proposed, and how boxes are decided."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.rate_governor import MIN_RATE_BOUNDS_HZ, LatencyBudget
from scene_clip_ros.models.proposer import ProposalLimits
from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.pipeline.box_settings import BoxSettings
from scene_clip_ros.pipeline.function_schedule import MAX_RATE_HZ

_LIMITS = ProposalLimits()
_BOXES = BoxSettings()
_BUDGET = LatencyBudget()


@dataclass(frozen=True, slots=True)
class BoxParameters:
    """The function ``boxes``."""

    enabled: bool = parameter(
        True,
        "Find what the queries of the vocabulary ask for and publish `<camera>/scene_clip/boxes`. "
        "The detector is loaded at start-up only if this is true then.",
        live=True,
    )
    max_rate_hz: float = parameter(
        0.0,
        "Most frames per second and camera in which objects are found, by their stamps; 0: every "
        "frame. Of the others nothing is published. Alerts are STALE if boxes come more slowly "
        "than `alert.stale_after_s`.",
        unit="Hz",
        minimum=0.0,
        maximum=MAX_RATE_HZ,
        live=True,
    )
    min_rate_hz: float = parameter(
        _BUDGET.min_rate_hz,
        "Rate that `latency_budget_s` leaves to boxes at least, however late results come, so that "
        "alerts live: more than 1 / `alert.stale_after_s`.",
        unit="Hz",
        minimum=MIN_RATE_BOUNDS_HZ[0],
        maximum=MIN_RATE_BOUNDS_HZ[1],
        live=True,
    )
    detector: str = parameter(
        "embedded",
        "What proposes regions: `embedded`, a folder with `region_config.json`, or a Faster R-CNN "
        "of torchvision by name, e.g. `fasterrcnn_resnet50_fpn_v2`.",
    )
    weights: str = parameter(
        "",
        "Its weights: a .safetensors or .pt file, or a tag that torchvision knows and whose file "
        "is in torch's cache. Empty: those that come with it.",
    )
    max_regions: int = parameter(
        _LIMITS.count,
        "Most regions of a picture that are scored; the best are kept.",
        minimum=1,
        maximum=1000,
    )
    min_side: float = parameter(
        _LIMITS.min_side,
        "Shortest width and height of a region, as a share of the picture's height.",
        minimum=0.0,
        maximum=0.5,
    )
    max_area: float = parameter(
        _LIMITS.max_area,
        "Largest area of a region, as a share of the picture's.",
        minimum=0.01,
        maximum=1.0,
    )
    min_score: float = parameter(
        _BOXES.min_score,
        "Objects with a lower fused score, smoothed along their track, are not told. Changing a "
        "setting of the boxes starts every track anew.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    weak_score: float = parameter(
        _BOXES.weak_score,
        "Score from which a box carries on with an object that is known already.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    language_score: float = parameter(
        _BOXES.language_score,
        "Score from which what the detector has no class for is told at all.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    cosine_floor: float = parameter(
        -1.0,
        "Cosine below which a query that no class of the detector confirms does not fit; -1: as "
        "the model's calibration says, without one 0.",
        minimum=-1.0,
        maximum=1.0,
        live=True,
    )
    detector_weight: float = parameter(
        _BOXES.detector_weight,
        "How much the detector's own class counts where it has one that matches a query; what is "
        "left is that of language and objectness.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    same_iou: float = parameter(
        _BOXES.same_iou,
        "Overlap, as intersection over union, above which of two boxes of one family of queries "
        "only the better is kept.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    other_iou: float = parameter(
        _BOXES.other_iou,
        "The same for two boxes of different families; those that the detector has a class for "
        "are never left out for others.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    tau_s: float = parameter(
        _BOXES.tau_s,
        "Time constant of the smoothing of box and score along a track.",
        unit="s",
        minimum=0.0,
        maximum=10.0,
        live=True,
    )
    max_lost_s: float = parameter(
        _BOXES.max_lost_s,
        "How long an object that is missed keeps its id.",
        unit="s",
        minimum=0.0,
        maximum=10.0,
        live=True,
    )
    sure_score: float = parameter(
        _BOXES.sure_score,
        "Score from which a new object is told at once.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    confirm_hits: int = parameter(
        _BOXES.confirm_hits,
        "Sightings from which any other object is told.",
        minimum=1,
        maximum=100,
        live=True,
    )

    reuse_s: float = parameter(
        _BOXES.reuse_s,
        "How long the embedding of a region is taken again while nothing changes there, which is "
        "worth it while the vehicle stands. 0: every region is embedded in every frame.",
        unit="s",
        minimum=0.0,
        maximum=10.0,
        live=True,
    )

    def settings(self) -> BoxSettings:
        """Return how boxes are scored, kept and followed."""
        return BoxSettings(
            min_score=self.min_score,
            weak_score=self.weak_score,
            language_score=self.language_score,
            cosine_floor=None if self.cosine_floor == -1.0 else self.cosine_floor,
            detector_weight=self.detector_weight,
            same_iou=self.same_iou,
            other_iou=self.other_iou,
            tau_s=self.tau_s,
            max_lost_s=self.max_lost_s,
            sure_score=self.sure_score,
            confirm_hits=self.confirm_hits,
            reuse_s=self.reuse_s,
        )

    def limits(self) -> ProposalLimits:
        """Return which regions are kept."""
        return ProposalLimits(
            count=self.max_regions, min_side=self.min_side, max_area=self.max_area
        )
