"""Tells questions that pictures and texts held side by side cannot answer, and what they are of."""

from __future__ import annotations

import re

_BEYOND: tuple[tuple[str, str], ...] = (
    (r"^(why|how come|for what reason)\b|\b(reason|cause[sd]?|because)\b", "a reason"),
    (
        r"\bhow (far|close|near)\b|\b(distance|metres|meters|feet|closest|nearest|farthest)\b",
        "a distance",
    ),
    (r"\bhow (fast|quick|quickly|slow)\b|\b(speed|velocity|km h|mph|faster|slower)\b", "a speed"),
    (
        r"\b(intend\w*|intention\w*|intent|plans? to|wants? to|trying to|tries to|going to|"
        r"about to|waiting to|will|would|should|shall|might|could|must)\b|\b(is|are) likely\b",
        "an intent, or what comes next,",
    ),
    (r"\b(safe|safely|dangerous|danger|risky|risk|legal|allowed|wrong|mistake)\b", "a judgement"),
    (r"\b(say|says|read|reads|written|text|licen[cs]e plate|number plate)\b", "reading"),
    (r"\bcolou?rs?\b", "the colour of a thing"),
    (
        r"\b(to|on) (the|our|its) (left|right)\b|\bleft or right\b|\b(left|right) (side|lane)\b|"
        r"\bwhere (is|are|was|were) (?!we\b)",
        "a place in the picture",
    ),
    (
        r"\b(more|fewer|less) \w+( \w+)? than\b|\bmore \w+ or\b|\b(compare|difference)\b|"
        r"\b(busier|bigger|smaller|older|younger|taller)\b",
        "a comparison",
    ),
    (r"\bhow (long|often|many times)\b|\b(duration|how many (seconds|minutes))\b", "a duration"),
    (r"^(who|whose|whom)\b", "who somebody is"),
    (
        r"^what (is|are|was|were) (?!happening|going|visible)(.+) "
        r"(doing|wearing|holding|carrying)\b",
        "what somebody does",
    ),
    (r"\bhow (big|tall|old|wide|high|heavy|large|deep|small|much)\b", "a size"),
)
"""How such questions are asked, and what each is about."""


def beyond_contrasts(text: str) -> str:
    """Return what a question is about that needs a language model; empty if it needs none.

    Args:
        text: Plain words, see `plain_text`.
    """
    return next((about for pattern, about in _BEYOND if re.search(pattern, text)), "")
