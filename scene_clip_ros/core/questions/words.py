"""What words of a question mean to the parser: fillers, synonyms, and what only a person knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")

_CONTRACTIONS: Mapping[str, str] = {
    "what's": "what is",
    "where's": "where is",
    "when's": "when is",
    "how's": "how is",
    "who's": "who is",
    "it's": "it is",
    "there's": "there is",
    "isn't": "is",
    "aren't": "are",
    "wasn't": "was",
    "weren't": "were",
    "doesn't": "does",
    "don't": "do",
    "didn't": "did",
    "can't": "can",
    "we're": "we are",
    "day-time": "daytime",
    "night-time": "nighttime",
}
"""Written out; "isn't it raining?" asks the same as "is it raining?"."""

_IRREGULAR: Mapping[str, str] = {
    "people": "person",
    "persons": "person",
    "someone": "person",
    "somebody": "person",
    "anyone": "person",
    "anybody": "person",
    "bike": "bicycle",
    "bikes": "bicycle",
    "men": "man",
    "women": "woman",
    "children": "child",
    "kids": "child",
    "kid": "child",
    "babies": "baby",
    "buses": "bus",
    "bus": "bus",
    "tyres": "tire",
    "tyre": "tire",
    "debris": "debris",
    "lying": "lie",
    "roadworks": "roadwork",
    "raining": "rain",
    "rains": "rain",
    "rained": "rain",
    "snowing": "snow",
    "snows": "snow",
    "snowed": "snow",
    "crosses": "cross",
    "crossed": "cross",
}

_FILLERS = """
    a an the this that these those any some one ones all at of in on by to for from with is are
    was were be been being it its we us our you i me there here do does did has have had can
    could so as like just now currently still ever already anywhere somewhere only time point
    moment during while out outside around along through into onto over across scene video clip
    footage recording picture pictures image images frame frames camera view sight drive ride
    trip film road street lane roadway way driving drives looks look looking kind type sort and
    visible present seen shown see show shows appear appears appeared appearing heavily hard
    actually really anyone's weather condition conditions daylight's area environment whole
    surface pavement ground asphalt covered first last entire sky case true happen
    happens happening get gets got getting become becomes became becoming under which what
    walk walks walking stand standing drove went go goes
"""

FILLERS = frozenset(_FILLERS.split())
"""Words that say nothing about what is asked for."""

SYNONYMS: Mapping[str, str] = {
    "daytime": "day",
    "daylight": "day",
    "noon": "day",
    "midday": "day",
    "light outside": "day",
    "light": "day",
    "bright": "day",
    "nighttime": "night",
    "dark": "night",
    "darkness": "night",
    "midnight": "night",
    "dawn": "dusk",
    "twilight": "dusk",
    "sunset": "dusk",
    "sunrise": "dusk",
    "evening": "dusk",
    "sunny": "clear",
    "sunshine": "clear",
    "sun shining": "clear",
    "clear sky": "clear",
    "blue sky": "clear",
    "cloudless": "clear",
    "fine": "clear",
    "cloudy": "overcast",
    "clouds": "overcast",
    "grey": "overcast",
    "gray": "overcast",
    "rainy": "rain",
    "rainfall": "rain",
    "downpour": "rain",
    "drizzle": "rain",
    "snowfall": "snow",
    "snowstorm": "snow",
    "snow storm": "snow",
    "falling snow": "snow",
    "foggy": "fog",
    "mist": "fog",
    "misty": "fog",
    "haze": "fog",
    "hazy": "fog",
    "motorway": "highway",
    "freeway": "highway",
    "expressway": "highway",
    "interstate": "highway",
    "city": "city street",
    "city centre": "city street",
    "city center": "city street",
    "city road": "city street",
    "downtown": "city street",
    "urban": "city street",
    "town": "city street",
    "suburb": "residential",
    "suburban": "residential",
    "neighbourhood": "residential",
    "neighborhood": "residential",
    "car park": "parking lot",
    "parking area": "parking lot",
    "parking place": "parking lot",
    "parking": "parking lot",
    "soaked": "wet",
    "slippery": "wet",
    "puddles": "wet",
    "snow-covered": "snowy",
    "slush": "snowy",
    "pedestrian": "person",
    "human": "person",
    "human being": "person",
    "man": "person",
    "woman": "person",
    "adult": "person",
    "walker": "person",
    "passer-by": "person",
    "boy": "child",
    "girl": "child",
    "infant": "baby",
    "toddler": "baby",
    "wheelchair": "wheelchair user",
    "person wheelchair": "wheelchair user",
    "pram": "stroller",
    "pushchair": "stroller",
    "baby carriage": "stroller",
    "bicycle": "cyclist",
    "bicyclist": "cyclist",
    "biker": "motorcyclist",
    "motorcycle": "motorcyclist",
    "motorbike": "motorcyclist",
    "car": "vehicle",
    "automobile": "vehicle",
    "traffic": "vehicle",
    "stoplight": "traffic light",
    "traffic signal": "traffic light",
    "road sign": "traffic sign",
    "sign": "traffic sign",
    "street sign": "traffic sign",
    "cone": "traffic cone",
    "pylon": "traffic cone",
    "wildlife": "animal",
    "obstacle": "debris",
    "rubbish": "debris",
    "lost cargo": "debris",
    "roadwork": "road works",
    "construction": "road works",
    "construction site": "road works",
    "construction zone": "road works",
    "construction works": "road works",
    "work zone": "road works",
}
"""Everyday words, and the name of a vocabulary that each stands for, if the vocabulary has it."""

LIES_ON_ROAD: Mapping[str, str] = {"snow": "snowy", "rain": "wet", "water": "wet"}
"""What the weather leaves on a road, and the label of the surface that it makes."""

HIDDEN_BY: Mapping[str, frozenset[str]] = {
    "tunnel": frozenset({"weather", "time_of_day", "surface"})
}
"""Labels under which nobody can tell some attributes."""

ATTRIBUTE_WORDS: Mapping[str, tuple[str, ...]] = {
    "weather": ("weather", "sky", "weather condition", "condition outside"),
    "time_of_day": ("time of day", "time", "daytime", "light", "lighting", "part of the day"),
    "road": ("road", "street", "place", "area", "environment", "surroundings", "location"),
    "surface": (
        "surface",
        "road surface",
        "ground",
        "pavement",
        "asphalt",
        "condition of the road",
        "state of the road",
        "road condition",
    ),
}
"""What people call attributes; an attribute of another name is called by its name."""


def plain_text(text: str) -> str:
    """Return the words of a text in lower case with single spaces, contractions written out.

    Returns:
        Letters, digits, and hyphens and apostrophes within words; empty for a text without words.
    """
    lowered = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    words = _WORD.findall(lowered)
    return " ".join(_CONTRACTIONS.get(word, word) for word in words)


def stem(word: str) -> str:
    """Return what singular and plural, and the usual forms of a verb, have in common.

    Args:
        word: In lower case.
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    if word.endswith("ing") and len(word) > 5:
        return word[:-3]
    return word


def content_of(text: str) -> frozenset[str]:
    """Return the stems of the words that say something."""
    return frozenset(stem(word) for word in plain_text(text).split() if word not in FILLERS)
