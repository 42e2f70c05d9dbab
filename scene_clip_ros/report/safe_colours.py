"""Colours that stay apart in every common form of colour blindness.

Those of Okabe and Ito, "Color universal design" (2008), as ``(R, G, B)`` from 0 to 255.
"""

from __future__ import annotations

ORANGE = (230, 159, 0)
SKY = (86, 180, 233)
GREEN = (0, 158, 115)
YELLOW = (240, 228, 66)
BLUE = (0, 114, 178)
VERMILLION = (213, 94, 0)
PURPLE = (204, 121, 167)


def to_html(colour: tuple[int, int, int]) -> str:
    """Return a colour as HTML and SVG write it, e.g. ``#0072b2``."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
