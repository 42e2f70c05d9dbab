"""A node that runs with models that know colours, and questions to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asked_colors import SIGNALS
from reasoners import NotingReasoner
from ros_world import RosWorld, overrides

from scene_clip_ros.models.fake_encoder import FakeEncoder
from scene_clip_ros.models.fake_proposer import FakeProposer
from scene_clip_ros.nodes.configured import FindReasoner, find_configured_reasoner
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode
from scene_clip_ros.srv import Ask, SetEnabled

SERVICE = "scene_clip/ask"


def write_vocabulary(folder: Path) -> str:
    """Write the vocabulary of signals and return its path."""
    path = folder / "colours.yaml"
    path.write_text(SIGNALS)
    return str(path)


def run_node(
    world: RosWorld,
    vocabulary: str,
    find_reasoner: FindReasoner = find_configured_reasoner,
    **options: Any,
) -> SceneClipNode:
    """Run the node; ``__`` in the name of a parameter stands for a dot."""
    return world.add(
        SceneClipNode(
            load_encoder=lambda _values: FakeEncoder(),
            load_proposer=lambda _values: FakeProposer(),
            find_reasoner=find_reasoner,
            context=world.context,
            parameter_overrides=overrides(vocabulary=vocabulary, **options),
        )
    )


def ask(world: RosWorld, question: str = "is it red?", **request: Any) -> Ask.Response:
    """Ask a question and return the response."""
    return world.call(Ask, SERVICE, Ask.Request(question=question, **request))


def wait_for_seen(world: RosWorld, reasoner: NotingReasoner, frames: int) -> None:
    """Wait until a question would be about so many frames."""

    def is_met() -> bool:
        ask(world, window_s=0.0)
        return len(reasoner.seen.frames) == len(reasoner.seen.facts) == frames

    world.wait_until(is_met, f"{frames} frames")


def switch(world: RosWorld, function: str, *, enabled: bool) -> None:
    """Switch a function on or off."""
    request = SetEnabled.Request(function=function, enabled=enabled)
    assert world.call(SetEnabled, "scene_clip/set_enabled", request).success
