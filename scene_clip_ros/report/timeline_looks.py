"""How the values of a timeline look: a colour and a pattern each, so that neither stands alone.

Colour-blind people can tell the colours apart, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.report.safe_colours import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    to_html,
)

_COLOURS = tuple(map(to_html, (SKY, ORANGE, GREEN, YELLOW, PURPLE, BLUE, VERMILLION)))
_PATTERNS = ("plain", "rising", "dots", "falling", "crossed", "upright", "level")

_STROKE = 'stroke="#fff" stroke-opacity=".55" stroke-width="2" fill="none"'
_DOT = 'fill="#fff" fill-opacity=".7"'
_SHAPES = {
    "rising": f'<path d="M-2 10 10 -2M4 16 16 4M-8 4 4 -8" {_STROKE}/>',
    "falling": f'<path d="M-2 2 10 14M4 -4 16 8M-8 8 4 20" {_STROKE}/>',
    "dots": f'<circle cx="3" cy="3" r="1.7" {_DOT}/><circle cx="9" cy="9" r="1.7" {_DOT}/>',
    "crossed": f'<path d="M0 0 12 12M12 0 0 12" {_STROKE}/>',
    "upright": f'<path d="M3 0V12M9 0V12" {_STROKE}/>',
    "level": f'<path d="M0 3H12M0 9H12" {_STROKE}/>',
    "open": '<path d="M-2 8 8 -2M4 14 14 4" stroke="#8a94a0" stroke-width="1" fill="none"/>',
}
"""Pattern tiles of 12 by 12 pixels, by name; ``plain`` needs none."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a value looks.

    Attributes:
        colour: Of its bars, as HTML writes it.
        pattern: On the colour; ``plain`` for none.
        border: Colour of the border.
    """

    colour: str
    pattern: str = "plain"
    border: str = "none"


UNKNOWN_LOOK = Look("#ffffff", "open", "#8a94a0")
HAZARD_LOOK = Look(to_html(VERMILLION), "rising")
CAUTION_LOOK = Look(to_html(YELLOW), "plain", "#7a6a00")
WARNING_LOOK = Look(to_html(VERMILLION), "rising", "#6b2f00")


def label_look(index: int) -> Look:
    """Return the look of a label by its number in the attribute; 49 differ from each other."""
    pattern = index + index // len(_COLOURS)
    return Look(_COLOURS[index % len(_COLOURS)], _PATTERNS[pattern % len(_PATTERNS)])


def draw_patterns() -> str:
    """Return an SVG without a size that defines the patterns; a page needs it once."""
    tiles = "".join(
        f'<pattern id="look-{name}" width="12" height="12" patternUnits="userSpaceOnUse">'
        f"{shape}</pattern>"
        for name, shape in _SHAPES.items()
    )
    return f'<svg class="defs" width="0" height="0" aria-hidden="true"><defs>{tiles}</defs></svg>'


def draw_swatch(look: Look) -> str:
    """Return a small SVG that shows a look, for a legend."""
    return f'<svg class="swatch" width="22" height="14" aria-hidden="true">{fill(look)}</svg>'


def fill(look: Look) -> str:
    """Return shapes that fill an SVG with a look."""
    ground = f'<rect width="100%" height="100%" fill="{look.colour}"/>'
    if look.pattern != "plain":
        ground += f'<rect width="100%" height="100%" fill="url(#look-{look.pattern})"/>'
    if look.border != "none":
        ground += (
            f'<rect width="100%" height="100%" fill="none" stroke="{look.border}" '
            'stroke-width="2"/>'
        )
    return ground
