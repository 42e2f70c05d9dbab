"""Writes under a rendered frame what a person might."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from scene_clip_ros.sim.script.actors import VEHICLES
from scene_clip_ros.sim.truth import TruthBox

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "weather": {
        "clear": (
            "a clear sky",
            "sunny weather",
            "clear weather",
            "fine weather without clouds",
            "good visibility and a clear sky",
        ),
        "overcast": (
            "an overcast sky",
            "grey clouds",
            "cloudy weather",
            "a dull cloudy sky",
            "a sky covered by clouds",
        ),
        "rain": (
            "rain",
            "heavy rain",
            "rainy weather",
            "raindrops on the windscreen",
            "a downpour",
        ),
        "snow": (
            "falling snow",
            "snowfall",
            "snowy weather",
            "snowflakes in the air",
            "a snow storm",
        ),
        "fog": ("fog", "thick fog", "foggy weather", "mist with low visibility", "dense mist"),
    },
    "time_of_day": {
        "day": ("by day", "in daylight", "during the day", "in the daytime", "at noon"),
        "dusk": ("at dusk", "at dawn", "in the twilight", "at sunset", "at sunrise"),
        "night": ("at night", "in the dark", "in the night", "after dark", "by night"),
    },
    "road": {
        "highway": (
            "a highway",
            "a motorway",
            "a freeway with several lanes",
            "a multi-lane highway",
            "an interstate",
        ),
        "city street": (
            "a city street",
            "a downtown street",
            "an urban street between tall buildings",
            "a busy city road",
            "a street in the city centre",
        ),
        "residential": (
            "a residential street",
            "a street in a suburb",
            "a quiet neighbourhood road",
            "a road between family houses",
            "a suburban street",
        ),
        "tunnel": (
            "a tunnel",
            "a road tunnel",
            "the inside of a tunnel",
            "an underground road with ceiling lamps",
            "a tunnel with lit walls",
        ),
        "parking lot": (
            "a parking lot",
            "a car park",
            "rows of parked cars in a parking lot",
            "a large parking area",
            "a car park with marked bays",
        ),
    },
    "surface": {
        "dry": ("a dry road", "dry asphalt", "dry pavement"),
        "wet": (
            "a wet road",
            "wet asphalt with reflections",
            "a road covered with water",
            "a slick, wet street",
        ),
        "snowy": (
            "a snow-covered road",
            "snow on the road",
            "a snowy road surface",
            "a white road under snow",
        ),
    },
}
"""Wordings that the shipped model is trained on, by attribute and label."""

OBJECTS: dict[str, tuple[str, ...]] = {
    "adult": ("a person", "a pedestrian", "a man", "a woman", "someone walking"),
    "child": ("a child", "a kid", "a small child", "a young boy", "a little girl"),
    "baby": (
        "a baby crawling",
        "a crawling baby",
        "an infant",
        "a baby on hands and knees",
        "a toddler",
    ),
    "wheelchair user": (
        "a person in a wheelchair",
        "a wheelchair user",
        "someone using a wheelchair",
    ),
    "stroller": (
        "a person with a stroller",
        "someone pushing a pram",
        "a parent with a baby carriage",
        "a stroller",
    ),
    "cyclist": ("a cyclist", "a person on a bicycle", "someone riding a bike", "a bicycle rider"),
    "worker": ("a road worker", "a worker in a high-visibility vest", "a construction worker"),
    "car": ("a car", "a passenger car", "an automobile"),
    "van": ("a van", "a delivery van", "a minivan"),
    "truck": ("a truck", "a lorry", "a cargo truck"),
    "bus": ("a bus", "a city bus", "a coach"),
    "dog": ("a dog", "a stray dog"),
    "deer": ("a deer", "a deer with antlers"),
    "cow": ("a cow", "cattle"),
    "traffic cone": ("a traffic cone", "an orange cone", "road work cones"),
    "barrier": ("a striped barrier", "a construction barrier"),
    "debris": ("debris", "a lost object", "rubbish", "an obstacle"),
}
"""Wordings for what stands or moves on a road, by ground-truth class."""


_MAY_CROSS = frozenset({"adult", "child", "baby", "wheelchair user", "stroller", "cyclist"})
_MOST_NOTABLE = 3
_MIN_TALL = 0.045
_MIN_VISIBLE = 0.35
_MIN_CONTRAST = 0.05


def write_captions(
    attributes: Mapping[str, str | None],
    boxes: Iterable[TruthBox],
    height_px: int,
    rng: np.random.Generator,
) -> tuple[str, ...]:
    """Write captions for a frame.

    Args:
        attributes: Truth by attribute; ``None`` is left out.
        boxes: Everything visible.
        height_px: Of the picture, pixels.
        rng: Chooses among wordings.

    Returns:
        The scene as a whole, then what stands out, then each attribute alone; none twice.
    """
    said = {
        name: str(rng.choice(WORDS[name][label]))
        for name, label in attributes.items()
        if label is not None
    }
    notable = sorted(boxes, key=lambda box: -_weight(box, height_px))[:_MOST_NOTABLE]
    things = [_about(box, said["road"], rng) for box in notable if stands_out(box, height_px)]
    return tuple(dict.fromkeys([_scene(said), *things, *said.values()]))


def stands_out(box: TruthBox, height_px: int) -> bool:
    """Say whether anybody would mention a thing in a picture ``height_px`` pixels tall."""
    return _weight(box, height_px) > 0


def _scene(said: dict[str, str]) -> str:
    text = said["road"]
    if "weather" in said:
        text += f" with {said['weather']}"
    if "time_of_day" in said:
        text += f" {said['time_of_day']}"
    if "surface" in said:
        text += f", {said['surface']}"
    return text


def _weight(box: TruthBox, height_px: int) -> float:
    """Return how much a box stands out: its height in the picture, and being on the road."""
    tall = (box.xyxy[3] - box.xyxy[1]) / height_px
    if tall < _MIN_TALL or box.visible < _MIN_VISIBLE or box.contrast < _MIN_CONTRAST:
        return 0.0
    rare = 0.3 if box.kind in VEHICLES else 1.0
    return tall * rare * (2.0 if box.on_road else 1.0)


def _about(box: TruthBox, road: str, rng: np.random.Generator) -> str:
    thing = str(rng.choice(OBJECTS[box.kind]))
    coloured = rng.random() < 0.35
    if box.kind in VEHICLES:
        if coloured and thing.startswith("a "):
            article = "an" if box.colour[0] in "aeiou" else "a"
            thing = f"{article} {box.colour} {thing[2:]}"
        return f"{thing} {_side(box.across_m)} on {road}"
    if not box.on_road:
        return f"{thing} beside the road"
    if box.kind in _MAY_CROSS and rng.random() < 0.5:
        return f"{thing} crossing the road"
    return f"{thing} on the road" if abs(box.across_m) < 3 else f"{thing} at the edge of the road"


def _side(across_m: float) -> str:
    if abs(across_m) < 1.8:
        return "ahead"
    return "on the right" if across_m > 0 else "on the left"
