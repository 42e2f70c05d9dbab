"""Writes under a rendered frame what a person might."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.sim.camera import Camera
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


def write_captions(
    attributes: dict[str, str | None],
    boxes: tuple[TruthBox, ...],
    camera: Camera,
    rng: np.random.Generator,
) -> tuple[str, ...]:
    """Write captions for a frame.

    Args:
        attributes: Truth by attribute; ``None`` is left out.
        boxes: Everything visible.
        camera: Whose picture it is.
        rng: Chooses among wordings.

    Returns:
        The scene as a whole, then what stands out, then each attribute alone.
    """
    said = {
        name: str(rng.choice(WORDS[name][label]))
        for name, label in attributes.items()
        if label is not None
    }
    captions = [_scene(said)]
    notable = sorted(boxes, key=lambda b: -_weight(b, camera))[:3]
    captions += [_about(box, said, rng) for box in notable if _weight(box, camera) > 0]
    captions += list(said.values())
    return tuple(dict.fromkeys(captions))


def _scene(said: dict[str, str]) -> str:
    parts = [said["road"]]
    if "weather" in said:
        parts.append(f"with {said['weather']}")
    if "time_of_day" in said:
        parts.append(said["time_of_day"])
    text = " ".join(parts)
    return f"{text}, {said['surface']}" if "surface" in said else text


def _weight(box: TruthBox, camera: Camera) -> float:
    """Return how much a box stands out: its height in the picture, and being on the road."""
    tall = (box.xyxy[3] - box.xyxy[1]) / camera.height
    if tall < 0.045 or box.visible < 0.35:
        return 0.0
    rare = 0.3 if box.kind in ("car", "van", "truck", "bus") else 1.0
    return tall * rare * (2.0 if box.on_road else 1.0)


def _about(box: TruthBox, said: dict[str, str], rng: np.random.Generator) -> str:
    thing = str(rng.choice(OBJECTS[box.kind]))
    if (
        rng.random() < 0.35
        and thing.startswith("a ")
        and box.kind in ("car", "van", "truck", "bus")
    ):
        article = "an" if box.colour[0] in "aeiou" else "a"
        thing = f"{article} {box.colour} {thing[2:]}"
    if box.kind in ("car", "van", "truck", "bus"):
        place = (
            "ahead"
            if abs(box.across_m) < 1.8
            else ("on the right" if box.across_m > 0 else "on the left")
        )
        return f"{thing} {place} on {said['road']}"
    if not box.on_road:
        return f"{thing} beside the road"
    if (
        box.kind in ("adult", "child", "baby", "wheelchair user", "stroller", "cyclist")
        and rng.random() < 0.5
    ):
        return f"{thing} crossing the road"
    return f"{thing} on the road" if abs(box.across_m) < 3 else f"{thing} at the edge of the road"
