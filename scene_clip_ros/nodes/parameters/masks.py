"""Which masks are made, and how often."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.masks import DEFAULT_THRESHOLD, MaskPrompts
from scene_clip_ros.nodes.parameter_table import parameter


@dataclass(frozen=True, slots=True)
class MaskParameters:
    """The function ``masks``."""

    enabled: bool = parameter(
        False,
        "Mark the pixels that the prompts describe, and publish `<camera>/scene_clip/mask` to "
        "whoever subscribes; the overlay then shows them. Switched on while running, the model is "
        "loaded beside the cameras.",
        live=True,
    )
    serve: bool = parameter(
        True,
        "Offer `scene_clip/segment`; its model is loaded by the first request, if masks are off.",
    )
    model: str = parameter(
        "embedded",
        "`embedded`, a folder with a CLIPSeg checkpoint of transformers, or the hub name of one "
        "that is in the local cache.",
    )
    prompts: tuple[str, ...] = parameter(
        ("road", "person", "vehicle", "vegetation", "sky"),
        "What is marked, at most 255 texts; the pixels of the first have the value 1.",
        live=True,
    )
    thresholds: tuple[float, ...] = parameter(
        (DEFAULT_THRESHOLD,),
        "Least probability of a marked pixel, one for all prompts or one for each.",
        minimum=0.0,
        maximum=1.0,
        items=float,
        live=True,
    )
    max_rate_hz: float = parameter(
        5.0,
        "Most masks made per second and camera; 0: one for every frame, as far as the model can.",
        unit="Hz",
        minimum=0.0,
        maximum=120.0,
        live=True,
    )

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: The prompts cannot be looked for, or the number of thresholds is
                neither 1 nor theirs.
        """
        try:
            self.wanted()
        except ParameterError as err:
            message = f"masks.prompts, masks.thresholds: {err}"
            raise ParameterError(message) from err

    def wanted(self) -> MaskPrompts:
        """Return what is marked."""
        return MaskPrompts(self.prompts, self.thresholds)
