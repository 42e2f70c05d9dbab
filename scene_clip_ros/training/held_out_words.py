"""Wordings that no training has seen, to measure how well a model understands others."""

from __future__ import annotations

HELD_OUT: dict[str, dict[str, tuple[str, ...]]] = {
    "weather": {
        "clear": (
            "a brilliant blue sky",
            "sunshine and blue skies",
            "nice sunny conditions",
            "a bright and sunny afternoon drive",
        ),
        "overcast": (
            "a gloomy sky full of clouds",
            "a grey, sunless sky",
            "heavy cloud cover overhead",
            "a dreary cloudy sky",
        ),
        "rain": (
            "it is raining",
            "a rainstorm",
            "pouring rain",
            "a rainy drive with water drops on the glass",
        ),
        "snow": (
            "it is snowing",
            "a blizzard",
            "snow is falling",
            "a snowy winter drive with flakes everywhere",
        ),
        "fog": (
            "a foggy scene",
            "everything is hidden in fog",
            "murky, misty air",
            "a blanket of fog",
        ),
    },
    "time_of_day": {
        "day": (
            "a daytime scene",
            "broad daylight",
            "a bright daylight view",
            "the road at midday",
        ),
        "dusk": (
            "the evening twilight",
            "the sun going down",
            "a sunset scene",
            "early light at sunrise",
        ),
        "night": (
            "a nighttime scene",
            "late at night",
            "a pitch-dark night",
            "driving in the dark of night",
        ),
    },
    "road": {
        "highway": (
            "a multilane motorway with fast traffic",
            "a long-distance freeway",
            "an interstate highway",
            "driving on the motorway",
        ),
        "city street": (
            "an avenue in the city",
            "a street downtown lined with skyscrapers",
            "an inner-city road",
            "a metropolitan street with shops",
        ),
        "residential": (
            "a suburban neighbourhood",
            "a lane with houses and gardens",
            "a housing estate road",
            "a suburb where families live",
        ),
        "tunnel": (
            "an underpass with lamps on the ceiling",
            "driving through a tunnel",
            "a subterranean roadway",
            "a long covered tunnel",
        ),
        "parking lot": (
            "a parking area full of cars",
            "a lot where cars are parked",
            "parking spaces",
            "a carpark outside a shop",
        ),
    },
    "surface": {
        "dry": ("dry ground", "a dry roadway", "clean dry tarmac", "a road surface that is dry"),
        "wet": (
            "a soaked road",
            "rain-soaked pavement",
            "a shiny wet roadway",
            "puddles on the ground",
        ),
        "snowy": (
            "snow-covered ground",
            "a white, snowy street",
            "a slushy, snow-packed lane",
            "a roadway buried in snow",
        ),
    },
}
"""Wordings that no training sentence contains; the model card reports accuracy on them."""

HELD_OUT_OBJECTS: dict[str, tuple[str, ...]] = {
    "adult": ("somebody on foot", "a passer-by", "a grown-up walking", "a walker"),
    "child": ("a pupil", "a boy or girl", "a youngster", "a little one on foot"),
    "baby": ("a baby on all fours", "a tiny baby on the ground", "a crawling infant"),
    "wheelchair user": ("a man in a wheelchair", "somebody rolling in a wheelchair"),
    "stroller": ("a mother with a pram", "a dad pushing a stroller", "a buggy with a baby in it"),
    "cyclist": ("somebody cycling", "a man on a bike", "a rider on a pushbike"),
    "worker": ("a man in a safety vest", "somebody repairing the road"),
    "dog": ("a dog running about", "somebody's dog"),
    "deer": ("a wild deer", "a stag"),
    "cow": ("a loose cow", "a cow from the farm"),
    "traffic cone": ("orange traffic cones", "cones along the lane"),
    "barrier": ("a red and white barrier", "a roadblock"),
    "debris": ("something lying about", "a box that fell off a truck", "junk in the way"),
}
"""Wordings of what stands or moves on a road, by class of the truth."""

HELD_OUT_ABSENT = (
    "a purple elephant",
    "a red umbrella on a beach",
    "a silver spaceship",
    "a cake with candles",
    "an octopus",
    "a roller coaster",
    "a tiger in the grass",
    "a baseball game",
    "a dentist's chair",
    "a kangaroo",
    "a crowd at a concert",
    "a sandwich",
    "an aquarium",
    "a bride and a groom",
    "a hospital bed",
    "a tractor in a field",
    "a volcano",
    "a mermaid",
    "a turtle on a rock",
    "a stack of coins",
    "a fireplace in a living room",
    "a parachute",
    "a wind turbine",
    "a glass of beer",
    "a rainbow-coloured parrot",
    "a penguin on ice",
    "a snooker table",
    "a lecture hall",
    "a suitcase at an airport",
    "a football stadium",
    "a sleeping cat",
    "a rowing boat",
    "a kite on a beach",
    "a cup of tea",
    "a keyboard and a mouse",
    "somebody playing the guitar",
    "a dragon breathing fire",
    "a pyramid in Egypt",
    "a man shaving",
    "a newspaper",
)
"""What no rendered drive shows."""
