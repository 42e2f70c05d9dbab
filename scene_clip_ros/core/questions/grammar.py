"""The patterns by which English questions are told apart; of plain words, see `plain_text`."""

from __future__ import annotations

import re

AUXILIARY = r"(?:is|are|was|were|does|do|did|has|have|had|can|could|am|be|been)"

POLITE = re.compile(
    r"^((please|hey|hi|hello|ok|okay|so|and|well|now|but|then|also|or|scene clip|"
    r"(can|could|would|will) you (please )?(tell|say)( me| us)?|do you know|tell me|tell us|say|"
    r"i want to know|i would like to know|let me know|i wonder|answer)\b ?)+"
)
"""What comes before a question and is no part of it."""

CONTEXT = re.compile(
    r"\b(in|during|on|of|from|throughout|within|over) (the|this|that|these|our|your) "
    r"((whole|entire|last|current|dashcam|recorded) )?"
    r"(video|videos|clip|scene|footage|recording|picture|pictures|image|images|frames?|drive|ride|"
    r"trip|film|camera|view|excerpt|bag|past)( (clip|footage|video|picture))?\b"
    r"|\b(right now|at the moment|at present|at any (time|point|moment)|at some (point|time)|"
    r"at all|please|or not|anywhere|(to )?be seen|in view|in sight|into (view|sight))\b"
)
"""What says that a question is about what was seen, as every question is."""

DESCRIBE = re.compile(
    r"^(what (is|was|are) (happening|going on|to be seen|visible|there)|what (happens|happened)|"
    r"what (do|did|can|could) (you|we|i|be|the camera) (see|seen|observe)|"
    r"what does it show|what (does|do) (the|this) (video|clip|footage|scene|camera|picture)s? "
    r"(show|contain)|what is (this|it|(the|this) (video|clip|scene)) (about|showing)|"
    r"what is (this|it|in|here)|what (is|are) (in|on) the (video|picture|clip|scene|camera|image)|"
    r"((can|could|would|will) you )?(describe|summari[sz]e|explain|recap)\b.*|"
    r"(give|write|make) (me |us )?(a|an|the) (short |brief )?(description|summary|overview)\b.*|"
    r"(description|summary|overview)|what (is|was) the (situation|scene|scenery)( like)?)$"
)

COUNT = re.compile(
    r"^(?:what is )?(?:the )?(?:total )?(?:how many|number of|count(?: the| all)*) (.+)$"
)
AT_ONCE = re.compile(
    r"\b(at once|at (the same|one|a) time|simultaneously|at most|together|"
    r"in one (frame|picture))\b"
)
EACH = re.compile(r"\b(different|distinct|individual|unique|separate)\b")
SOME_OF_THEM = re.compile(
    r"\b(cross|crosses|crossed|crossing|on the (road|street|sidewalk)|stand|wear|walk)\b"
)
"""What only some of the counted do, or where only some are."""

WHEN = re.compile(
    r"^(?:when|at (?:what|which) (?:time|point|moment|second)|from when on|since when|until when)\b"
    rf"(?: exactly)? ?(?:is the (?:first|last) time )?(?:{AUXILIARY} )?(?:there )?(.*)$"
)
ENDS = re.compile(
    r"\b(stop|stops|end|ends|over|leave|leaves|exit|exits|disappear\w*|vanish\w*|gone|last)\b"
)
CHANGES = re.compile(r"\b(change|changes|changed|turn|switch)$")
SOMEONE_MOVES = re.compile(
    r"^(?:we|you|i|the (?:car|vehicle|ego|ego vehicle|camera)) "
    r"(?=(?:enter|leave|exit|reach|arrive|drive|get|come|see|go|meet|pass|first)\b)"
)
"""Whoever enters a tunnel is not what is asked for; the tunnel is."""

BEGINNING_OR_END = re.compile(
    r"\b(first|last|appears?|appeared|starts? to|starts?|started|begins?|began|beginning|show up|"
    r"turn up|come|comes|came|become|becomes|get|gets|turns?( to| into)?|changes?( to| into)?|"
    r"switch( to)?|enters?|arrives?|reach|see|seen|visible|leaves?|exits?|stops?|ends?|over|"
    r"disappears?|vanish|gone|earliest|it|to|first time)\b"
)

NO_CHOICE = re.compile(r"^(is|are|was|were) there\b|^(do|did|can) (you|we)\b|^(does|did) the \w+ ")
"""Beginnings of questions for any of several things, to be answered with yes or no."""

BEFORE_OPTIONS = re.compile(
    rf"^(?:(?:which|what)(?: of (?:these|them))? )?(?:{AUXILIARY} )?"
    r"(?:(?:it|this|that|there|we|the (?:weather|time of day|time|car|road|street|surface|sky|"
    r"ground))\b ?)?"
)
BEFORE_OPTION = re.compile(r"^(?:rather|(?:is|are) (?:it|this|that|we))\b")

WHERE_ARE_WE = re.compile(r"^where (are|were) we\b")
WHAT = re.compile(
    rf"^(?:(?:what|which) (?:(?:kind|type|sort|part|state|condition) of )?"
    rf"|(?:how) )(?:{AUXILIARY} )?(.+)$"
)
BESIDE_WHAT = re.compile(
    r"\b(like|is it|is this|are we on|are we in|is there|are there|is that|look|"
    r"do (you|we) see|can (you|we) see)\b"
)
ARTICLE = re.compile(r"^(?:the|a|an|this|that|our)\b")

EXISTS = re.compile(rf"^(?:if |whether )?(?:it (?:is|was) )?(?:{AUXILIARY} )?(.+)$")
SEEING = re.compile(
    r"^(?:(?:you|we|i|one|anyone|it|the (?:video|clip|scene|camera|picture|footage|recording|"
    r"drive)|this|there|they) (?:ever )?)?(?:see|find|spot|detect|notice|recogni[sz]e|observe|show|"
    r"contain|include|have|happen to see|come across|meet|pass)\b ?(.*)$"
)
PLACEHOLDER = re.compile(r"^(?:there|it|this|that|we)\b")
NOBODY = re.compile(r"\b(nobody|no-one|no one|noone)\b")
NOTHING_ON = re.compile(r"\bnothing(?= (?:is |was |lies |lying )?(?:on|in) )")
NEGATION = re.compile(r"\b(no|not|without|never|free of|nothing|none)\b")
ABSENCE = re.compile(r"\b(no|not|without|never|none)\b")

_ROAD = r"(?:roads?|streets?|roadway|lane|way|path|highway|motorway)"
_CLEAR = r"(?:clear|empty|free|deserted|unobstructed)"
EMPTY_ROAD = re.compile(
    rf"^(?:the|our|this|that)? ?(?:whole |entire )?{_ROAD}"
    r"(?: ahead(?: of (?:us|the car|our car))?| in front(?: of (?:us|the car|our car))?)?"
    rf"(?: (?:is|was|are|were))?(?: (?:completely|totally|all|really))? {_CLEAR}"
    r"(?: ahead)?(?: (?:of|from) (?:any )?(.+))?$"
    rf"|^(?:a|an|the|any) {_CLEAR} {_ROAD}(?: ahead)?$"
)
"""A road with nothing on it, or without what the group names; "clear" is no weather there."""

MAYBE_EMPTY_ROAD = re.compile(
    rf"\b{_ROAD} (?:\w+ ){{0,4}}{_CLEAR}\b(?! (?:weather|sky|skies|day|night))|\b{_CLEAR} {_ROAD}\b"
)
"""Where "clear" may well be no weather."""

_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {word: number for number, word in enumerate(_NUMBER_WORDS.split())}
_NUMBER = rf"(?:\d{{1,4}}|{'|'.join(NUMBERS)})"
AT_MOST = re.compile(r"\b(?:no|not) more than\b")
AT_LEAST = re.compile(r"\b(?:no|not) (?:less|fewer) than\b")
NUMBER = re.compile(
    r"^(?:(?P<than>more than|over|at least|less than|fewer than|under|at most|up to|exactly|"
    rf"precisely|only|just) )?(?P<number>{_NUMBER})"
    rf"(?: or (?P<other>more|fewer|less|{_NUMBER}))? (?!of\b|or\b)(?P<of>.+)$"
)
"""A number of things, and how theirs is to compare with it."""

SEVERAL = re.compile(r"^(?:several|multiple|a couple of|a pair of|more than just one) (?P<of>.+)$")

EITHER = re.compile(
    rf"^{AUXILIARY} (?!(?:it|this|that|we|the (?:weather|time of day|time|car|road|street|surface|"
    r"sky|ground))\b).*\bor(?: \S+)+? "
    r"(?:visible|present|seen|shown|there|here|around|nearby|ahead|\w+ing|"
    r"(?:on|in|in front of|near|at|beside|behind|across) .+)$"
)
"""Whether one of several does something, or is somewhere, which is no choice between them."""
