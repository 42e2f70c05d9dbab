"""The executable ``frame_memory``: the last minutes to be searched, in a process of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from scene_clip_ros.nodes.parameters import MEMORY_ALONE
from scene_clip_ros.nodes.process import run_node
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the node ``frame_memory``; see :func:`scene_clip_ros.nodes.process.run_node`."""
    run_node(partial(SceneClipNode, "frame_memory", defaults=MEMORY_ALONE), arguments)
