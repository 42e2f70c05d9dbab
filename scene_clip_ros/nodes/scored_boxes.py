"""The executable ``scored_boxes``: open-vocabulary boxes in a process of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from scene_clip_ros.nodes.parameters import BOXES_ALONE
from scene_clip_ros.nodes.process import run_node
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the node ``scored_boxes``; see :func:`scene_clip_ros.nodes.process.run_node`."""
    run_node(partial(SceneClipNode, "scored_boxes", defaults=BOXES_ALONE), arguments)
