"""How people ask about things and conditions, in several wordings each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be asked for.

    Attributes:
        kinds: Classes of ``semantics.BOX_CLASSES``.
        nouns: Singular with article, and plural.
        countable: Whether anybody would count it.
    """

    kinds: tuple[str, ...]
    nouns: tuple[tuple[str, str], ...]
    countable: bool = True


PEOPLE_KINDS = ("adult", "child", "baby", "wheelchair user", "stroller", "worker")

THINGS: tuple[Thing, ...] = (
    Thing(PEOPLE_KINDS, (("a person", "people"), ("a pedestrian", "pedestrians"))),
    Thing(("cyclist",), (("a cyclist", "cyclists"), ("a bicycle", "bicycles"))),
    Thing(("dog", "deer", "cow"), (("an animal", "animals"),)),
    Thing(("car", "van", "truck", "bus"), (("a vehicle", "vehicles"),)),
    Thing(("traffic cone",), (("a traffic cone", "traffic cones"),), countable=False),
    Thing(("bus",), (("a bus", "buses"),), countable=False),
    Thing(("child", "baby"), (("a child", "children"), ("a kid", "kids")), countable=False),
)

EXISTS = (
    "is there {one}?",
    "are {many} visible?",
    "do you see any {many}?",
    "does the video show {one}?",
    "can {many} be seen?",
    "are there any {many} in the video?",
)
COUNT = ("how many {many} are there?", "how many {many} do you see?", "count the {many}")
COUNT_AT_ONCE = (
    "how many {many} are visible at the same time, at most?",
    "how many {many} can be seen at once?",
)
FIRST = (
    "when does the first {bare} appear?",
    "when is the first {bare} visible?",
    "at what time do you first see {one}?",
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A label of an attribute, as people ask for it.

    Attributes:
        attribute: Name of the attribute.
        label: One of its labels.
        exists: Yes-or-no questions for it.
        options: What it is called in a choice.
        begins: Questions for its beginning.
        ends: Questions for its end.
    """

    attribute: str
    label: str
    exists: tuple[str, ...]
    options: tuple[str, ...]
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "weather",
        "clear",
        ("is the sky clear?", "is the weather sunny?"),
        ("clear",),
    ),
    Condition(
        "weather", "overcast", ("is it overcast?", "is the sky cloudy?"), ("overcast", "cloudy")
    ),
    Condition(
        "weather",
        "rain",
        ("is it raining?", "does it rain?", "is there any rain?"),
        ("rain", "rainy"),
        ("when does it start to rain?", "when does the rain begin?"),
        ("when does it stop raining?", "when does the rain end?"),
    ),
    Condition(
        "weather",
        "snow",
        ("is it snowing?", "does snow fall?", "does it snow?"),
        ("snow", "snowy weather"),
        ("when does it start to snow?", "when does it begin snowing?"),
        ("when does it stop snowing?",),
    ),
    Condition("weather", "fog", ("is it foggy?", "is there fog?"), ("fog", "foggy")),
    Condition(
        "time_of_day",
        "day",
        ("is it daytime?", "is it day?"),
        ("day", "daytime"),
    ),
    Condition("time_of_day", "dusk", ("is it dusk?",), ("dusk", "twilight")),
    Condition(
        "time_of_day",
        "night",
        ("is it night?", "is it dark outside?", "is it nighttime?"),
        ("night", "nighttime"),
        ("when does it get dark?", "when does the night begin?"),
    ),
    Condition(
        "road",
        "highway",
        ("is this a highway?", "are we on a motorway?"),
        ("a highway", "a motorway"),
        ("when do we reach the highway?",),
    ),
    Condition(
        "road",
        "city street",
        ("is this a city street?", "are we in the city?"),
        ("a city street",),
        ("when do we reach the city?", "when does the city street begin?"),
    ),
    Condition(
        "road",
        "residential",
        ("is this a residential street?", "are we in a residential area?"),
        ("a residential street", "a suburb"),
        ("when do we enter the residential area?",),
    ),
    Condition(
        "road",
        "tunnel",
        ("is there a tunnel?", "do we drive through a tunnel?"),
        ("a tunnel",),
        ("when do we enter the tunnel?", "when does the tunnel begin?"),
        ("when do we leave the tunnel?", "when does the tunnel end?"),
    ),
    Condition(
        "road",
        "parking lot",
        ("is this a parking lot?", "are we on a car park?"),
        ("a parking lot",),
    ),
    Condition("surface", "dry", ("is the road dry?",), ("dry",)),
    Condition(
        "surface",
        "wet",
        ("is the road wet?", "is the street wet?"),
        ("wet",),
        ("when does the road become wet?",),
    ),
    Condition(
        "surface",
        "snowy",
        ("is there snow on the road?", "is the road covered with snow?"),
        ("snowy",),
    ),
)
CHOICES = {
    "weather": ("is the weather {options}?", "which is it: {options}?"),
    "time_of_day": ("is it {options}?",),
    "road": ("is this {options}?", "are we on {options}?"),
    "surface": ("is the road {options}?", "is the surface {options}?"),
}


@dataclass(frozen=True, slots=True)
class OnRoad:
    """A thing on the roadway: its kinds, those that may be taken for it, and questions for it."""

    kinds: tuple[str, ...]
    alike: tuple[str, ...]
    exists: tuple[str, ...]


ON_ROAD: tuple[OnRoad, ...] = (
    OnRoad(
        ("adult", "child", "baby", "wheelchair user", "stroller"),
        (*PEOPLE_KINDS, "cyclist"),
        (
            "is anybody on the road?",
            "does a person cross the road?",
            "are there pedestrians on the road?",
        ),
    ),
    OnRoad(
        ("dog", "deer", "cow"),
        ("dog", "deer", "cow"),
        ("is there an animal on the road?", "are there animals on the road?"),
    ),
    OnRoad(
        ("debris",),
        ("debris",),
        ("is there debris on the road?", "do you see debris on the road?"),
    ),
)
ROAD_WORKS = ("are there road works?", "is there a construction site?")
