"""The executable ``scene_clip``: every function in one process, with one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from scene_clip_ros.nodes.process import run_node
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the node ``scene_clip``; see :func:`scene_clip_ros.nodes.process.run_node`."""
    run_node(SceneClipNode, arguments)
