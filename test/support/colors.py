"""Pictures and a vocabulary that `FakeEncoder` understands."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.types import Frame, ImageArray
from scene_clip_ros.core.vocabulary import (
    AttributeSpec,
    HazardSpec,
    LabelSpec,
    Vocabulary,
)

COLOUR_WORDS = """
templates: ["a {} thing"]
background: [a black thing]
attributes:
  colour: {labels: {red: [red], green: [green], blue: [blue]}}
queries:
  person: [red]
"""
"""A vocabulary file of an attribute of three colours; what is red is a person."""

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
NS = 1_000_000_000


def picture(rgb: tuple[int, int, int], *, size_wh: tuple[int, int] = (8, 6)) -> ImageArray:
    """Return a picture of one colour."""
    return np.full((size_wh[1], size_wh[0], 3), rgb, np.uint8)


def frame(rgb: tuple[int, int, int], t_s: float = 0.0, *, camera: str = "front") -> Frame:
    """Return a frame of one colour, stamped in seconds."""
    return Frame(camera, round(t_s * NS), picture(rgb))


def color_attribute(*names: str) -> AttributeSpec:
    """Return an attribute whose labels are colours."""
    return AttributeSpec("color", tuple(LabelSpec(name, (f"a {name} thing",)) for name in names))


def color_vocabulary() -> Vocabulary:
    """Return an attribute of three colours and a hazard that is red."""
    return Vocabulary(
        attributes=(color_attribute("red", "green", "blue"),),
        hazards=(HazardSpec("red_ahead", ("something red",), ("something green", "a blue one")),),
    )
