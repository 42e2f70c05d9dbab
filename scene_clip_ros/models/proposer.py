"""The seam between perception and any detector that proposes regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scene_clip_ros.core.box_types import Proposals
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.types import ImageArray


@dataclass(frozen=True, slots=True)
class ProposerInfo:
    """What a loaded proposer is.

    Attributes:
        model_id: Architecture, weights and weight digest in one string.
        classes: Names of the detector's own classes, in the order of their scores; may be empty.
        device: ``cpu`` or ``cuda``.
        backend: Runtime that looks at whole pictures, e.g. ``torch``.
        backend_reason: One line for a person: why that runtime, with its version and figures.
    """

    model_id: str
    classes: tuple[str, ...]
    device: str
    backend: str = "torch"
    backend_reason: str = ""


@dataclass(frozen=True, slots=True)
class ProposalLimits:
    """Which regions are kept.

    Attributes:
        count: Most regions a picture, ≥ 1; the best are kept.
        min_side: Shortest width and height, as a share of the picture's height, in [0, 1).
        max_area: Largest area, as a share of the picture's, in (0, 1].
    """

    count: int = 48
    min_side: float = 0.008
    max_area: float = 0.9

    def __post_init__(self) -> None:
        """Refuse limits that leave nothing.

        Raises:
            ParameterError: Names the limit, its range and the value.
        """
        if self.count < 1:
            message = f"proposal count: expected 1 or more, got {self.count}"
            raise ParameterError(message)
        if not 0 <= self.min_side < 1:
            message = f"proposal min_side: expected a share in [0, 1), got {self.min_side}"
            raise ParameterError(message)
        if not 0 < self.max_area <= 1:
            message = f"proposal max_area: expected a share in (0, 1], got {self.max_area}"
            raise ParameterError(message)


class Proposer(Protocol):
    """Proposes regions that may hold an object. Called from one thread only."""

    @property
    def info(self) -> ProposerInfo:
        """What is loaded."""

    def propose(self, images: Sequence[ImageArray]) -> list[Proposals]:
        """Propose regions in pictures of any sizes; what is found in one depends on no other.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each; sizes may differ.

        Returns:
            Regions by picture, in pixels of that picture, best first.

        Raises:
            ModelError: The model failed on at least one of the pictures.
        """
