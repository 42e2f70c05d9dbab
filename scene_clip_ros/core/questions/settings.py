"""How surely something must be seen to be told: every setting with its range and default."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.ranges import require_in_range, require_whole_in_range
from scene_clip_ros.core.standing_out import MIN_LEAD


@dataclass(frozen=True, slots=True)
class ReasonSettings:
    """How questions are decided.

    Attributes:
        yes: Probability from which something is there, in [0, 1].
        no: Probability up to which it is not, in [0, yes]; in between, the answer abstains.
        lead: Share of the frames by which the best of several must lead the second, in [0, 1].
        share: Share of the frames in which the best of several must be seen, in [0, 1].
        track: Probability from which a followed object is taken for real, in [0, 1].
        min_lead: Lead over texts about something else from which a frame shows a text that no
            vocabulary covers, in deviations, in [0, 100]; depends on the model, see
            `standing_out`.
        max_frames: Most frames that texts are compared with, in [1, 100000].
        max_evidence: Most frames told as evidence, in [1, 1000].
    """

    yes: float = 0.6
    no: float = 0.4
    lead: float = 0.2
    share: float = 0.3
    track: float = 0.5
    min_lead: float = MIN_LEAD
    max_frames: int = 240
    max_evidence: int = 5

    def __post_init__(self) -> None:
        """Refuse values outside their ranges.

        Raises:
            ParameterError: Names the setting, its range and the value.
        """
        for name in ("yes", "no", "lead", "share", "track"):
            require_in_range(name, getattr(self, name), (0.0, 1.0))
        require_in_range("min_lead", self.min_lead, (0.0, 100.0))
        require_whole_in_range("max_frames", self.max_frames, (1, 100_000))
        require_whole_in_range("max_evidence", self.max_evidence, (1, 1000))
        if self.no > self.yes:
            message = f"no: expected at most yes ({self.yes:g}), got {self.no:g}"
            raise ParameterError(message)
