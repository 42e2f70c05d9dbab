"""Draws what is held of a frame on the frame."""

from __future__ import annotations

from collections.abc import Collection

from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.alert_types import Alert
from scene_clip_ros.core.masks import FrameMask
from scene_clip_ros.core.types import FrameResult, ImageArray
from scene_clip_ros.report.alert_drawing import draw_banner, draw_zone, place_banner
from scene_clip_ros.report.box_drawing import draw_borders, draw_tags
from scene_clip_ros.report.canvas import GAP, MARGIN, Canvas
from scene_clip_ros.report.label_drawing import draw_attributes, draw_hazards
from scene_clip_ros.report.mask_drawing import draw_legend, draw_mask

VULNERABLE = AlertSettings().labels
"""Labels of people, unless somebody says else."""


def draw_overlay(
    rgb: ImageArray,
    result: FrameResult,
    alert: Alert | None = None,
    *,
    vulnerable: Collection[str] = VULNERABLE,
    mask: FrameMask | None = None,
) -> ImageArray:
    """Draw attributes on the upper left, alert and hazards on the upper right, zone and boxes.

    Masks lie below everything else, their legend in a lower corner.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB, the frame or a scaled copy of it; not written to.
        result: What is held of it.
        alert: What is held of the people in it; ``None`` if nobody judges them.
        vulnerable: Labels of boxes that stand out.
        mask: What prompts describe where; ``None`` for no mask.

    Returns:
        A new ``(H, W, 3)`` uint8 RGB picture.
    """
    canvas = Canvas(rgb.copy())
    if mask is not None:
        draw_mask(canvas, mask)
    if alert is not None:
        draw_zone(canvas, alert)
    drawn = []
    if result.boxes is not None:
        drawn = draw_borders(canvas, result.boxes, alert=alert, vulnerable=vulnerable)
    panel = draw_attributes(canvas, result.attributes)
    left = panel[2] + GAP if panel else MARGIN
    taken = [panel] if panel else []
    top = float(MARGIN)
    if alert is not None:
        banner = place_banner(canvas, left=left)
        draw_banner(canvas, alert, banner)
        taken.append(banner)
        top = banner[3] + GAP if banner[1] == MARGIN else top
    taken += draw_hazards(canvas, result.hazards, top=top, left=left)
    if mask is not None and (legend := draw_legend(canvas, mask, taken=taken)):
        taken.append(legend)
    draw_tags(canvas, drawn, taken=taken)
    return canvas.rgb
