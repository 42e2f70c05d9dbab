"""Between the messages of masks and the records of ``core``: no decisions."""

from __future__ import annotations

import array
from collections.abc import Sequence

import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from scene_clip_ros.core.masks import BACKGROUND, FrameMask, MaskPrompts
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.msg import LabelMap
from scene_clip_ros.srv import Segment

_NAMED = 3
"""Prompts whose share a response names in words."""


def mask_message(labels: ImageArray, header: Header) -> Image:
    """Return a mono8 message of ``(H, W)`` uint8 labels; copies the pixels once."""
    height, width = labels.shape
    message = Image(header=header, height=height, width=width, encoding="mono8", step=width)
    message.data = array.array("B", np.ascontiguousarray(labels).tobytes())
    return message


def label_map_message(names: Sequence[str], header: Header) -> LabelMap:
    """Return the meaning of labels: the background, then one name each."""
    return LabelMap(header=header, labels=[BACKGROUND, *names])


def prompts_from_request(request: Segment.Request) -> MaskPrompts:
    """Return what is to be marked.

    Raises:
        ParameterError: It cannot be looked for.
    """
    return MaskPrompts(tuple(request.texts), (request.threshold,))


def segment_response(mask: FrameMask, header: Header, *, map_header: Header) -> Segment.Response:
    """Return the response that tells which pixels were marked.

    Args:
        mask: Of a frame.
        header: Of the frame.
        map_header: When, by the node's clock.
    """
    return Segment.Response(
        success=True,
        message=_describe(mask),
        mask=mask_message(mask.labels, header),
        label_map=label_map_message(mask.names, map_header),
    )


def _describe(mask: FrameMask) -> str:
    """Say what covers how much of the picture, the largest first."""
    shares = sorted(zip(mask.coverage, mask.names, strict=True), key=lambda each: -each[0])
    marked = [f"{name}: {share:.1%} of the picture" for share, name in shares if share > 0]
    if not marked:
        return "no pixel is marked"
    more = len(marked) - _NAMED
    return ", ".join(marked[:_NAMED]) + (f", and {more} more" if more > 0 else "")
