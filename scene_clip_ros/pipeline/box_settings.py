"""How boxes are decided: every setting with its unit, range and default."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.box_fusion import FusionRule
from scene_clip_ros.core.box_tracker import TrackRule
from scene_clip_ros.core.ranges import require_in_range

_FUSION = FusionRule()
_TRACK = TrackRule()


@dataclass(frozen=True, slots=True)
class BoxSettings:
    """How boxes are scored, kept and followed.

    Attributes:
        min_score: Objects with a lower score are not told, in [0, 1].
        weak_score: Boxes from this score on carry on with an object that is known already, in
            [0, 1]; above ``min_score`` it is as that.
        language_score: Score from which what the detector has no class for is told at all, in
            [0, 1]: language alone is easily mistaken.
        cosine_floor: Cosine below which a query that no class of the detector confirms does not
            fit, in [-1, 1]; None: as the model's calibration says, without one 0.
        detector_weight: How much the detector's own class counts where it has one that matches a
            query, in [0, 1]; what is left is that of language and objectness.
        same_iou: Overlap, as intersection over union, above which of two boxes of one family of
            queries only the better is kept, in [0, 1].
        other_iou: The same for two boxes of different families, in [0, 1]; families that the
            detector has a class for and families that it has none for are kept apart.
        tau_s: Time constant of the smoothing of scores along a track, seconds in [0, 10].
        max_lost_s: How long a track is kept without a box, seconds in [0, 10].
        sure_score: A new track is published at once from this score on, in [0, 1].
        confirm_hits: One with a lower score, from so many sightings on, in [1, 100].
        reuse_s: How long the embedding of a region is taken again while nothing changes there,
            seconds in [0, 10]; 0: every region is embedded in every frame.
    """

    min_score: float = _FUSION.min_score
    weak_score: float = 0.15
    language_score: float = 0.75
    cosine_floor: float | None = None
    detector_weight: float = _FUSION.detector_weight
    same_iou: float = _FUSION.same_iou
    other_iou: float = _FUSION.other_iou
    tau_s: float = _TRACK.tau_s
    max_lost_s: float = _TRACK.max_lost_s
    sure_score: float = _TRACK.sure_score
    confirm_hits: int = _TRACK.confirm_hits
    reuse_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        require_in_range("weak_score", self.weak_score, (0.0, 1.0))
        require_in_range("reuse_s", self.reuse_s, (0.0, 10.0))
        self.fusion_rule()
        self.track_rule()

    def fusion_rule(self, *, calibrated_cosine_floor: float | None = None) -> FusionRule:
        """Return how factors become one score.

        Args:
            calibrated_cosine_floor: What holds if ``cosine_floor`` is None; None: the default.
        """
        floors = (self.cosine_floor, calibrated_cosine_floor, _FUSION.cosine_floor)
        return FusionRule(
            cosine_floor=next(floor for floor in floors if floor is not None),
            detector_weight=self.detector_weight,
            min_score=min(self.min_score, self.weak_score),
            language_score=self.language_score,
            same_iou=self.same_iou,
            other_iou=self.other_iou,
        )

    def track_rule(self) -> TrackRule:
        """Return how objects are followed."""
        return TrackRule(
            tau_s=self.tau_s,
            max_lost_s=self.max_lost_s,
            min_score=self.min_score,
            sure_score=self.sure_score,
            confirm_hits=self.confirm_hits,
        )
