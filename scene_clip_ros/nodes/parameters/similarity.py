"""What the similarity picture shows, and how often it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.report.heat_layout import MAX_SIDE


@dataclass(frozen=True, slots=True)
class SimilarityParameters:
    """The function ``similarity``."""

    enabled: bool = parameter(
        True,
        "Draw and publish `<camera>/scene_clip/similarity` for whoever subscribes: the cosines of "
        "the last frames to some texts. Needs frames that are embedded, for labels, embedding or "
        "memory.",
        live=True,
    )
    texts: tuple[str, ...] = parameter(
        (),
        "What the frames are compared with, at most 60 texts, taken as they are. Not set: the "
        "first phrasing of every hazard and of every label of the vocabulary.",
        live=True,
    )
    frames: int = parameter(
        6, "Frames that are shown, one for each drawing.", minimum=1, maximum=30, live=True
    )
    max_rate_hz: float = parameter(
        1.0,
        "Most pictures drawn per second and camera.",
        unit="Hz",
        minimum=0.01,
        maximum=5.0,
        live=True,
    )

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: There are too many texts, or one is empty.
        """
        if len(self.texts) > MAX_SIDE:
            message = (
                f"parameter similarity.texts: expected at most {MAX_SIDE} texts, got "
                f"{len(self.texts)}"
            )
            raise ParameterError(message)
        if not all(text.strip() for text in self.texts):
            message = "parameter similarity.texts: expected texts with words, got an empty one"
            raise ParameterError(message)
