"""Says decisions in words."""

from __future__ import annotations

from collections.abc import Sequence

_PLURALS = {
    "person": "people",
    "child": "children",
    "baby": "babies",
    "debris": "pieces of debris",
}
_UNCOUNTED = {"debris": "debris"}


def a_or_an(noun: str) -> str:
    """Return a noun with its article: "an animal"."""
    if noun in _UNCOUNTED:
        return _UNCOUNTED[noun]
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def plural_of(noun: str) -> str:
    """Return the plural: "people", "traffic lights"."""
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun}s"


def number_of(count: int, noun: str) -> str:
    """Return "1 person", "3 people"."""
    if count == 1:
        return "1 piece of debris" if noun == "debris" else f"1 {noun}"
    return f"{count} {plural_of(noun)}"


def share_of(count: int, total: int) -> str:
    """Return "in 14 of 50 frames"."""
    if total == 1:
        return "in the only frame" if count else "not in the only frame"
    return f"in all {total} frames" if count == total else f"in {count} of {total} frames"


def first_upper(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def at_second(seconds: float) -> str:
    """Return "12.3 s after the start"; "at the start" up to 50 ms."""
    return "at the start" if seconds < 0.05 else f"{seconds:.1f} s after the start"


def of_camera(camera: str) -> str:
    """Return " (camera front)", to be said behind something."""
    return f" (camera {camera})"


def listed(parts: Sequence[str], *, word: str = "and") -> str:
    """Return "a, b and c"; empty for none."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def cannot_tell(why: str) -> str:
    """Return the text of an answer that abstains."""
    return f"Cannot tell: {why}."
