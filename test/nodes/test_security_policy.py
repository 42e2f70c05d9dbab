"""The policy for SROS 2 in docs/security.md names what the node uses, and no more."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from ros_world import RosWorld

from scene_clip_ros.nodes.scene_clip_node import SceneClipNode

NODE = "scene_clip"
FORBIDDEN = {f"/{NODE}/set_parameters", f"/{NODE}/set_parameters_atomically"}


@pytest.fixture
def profile(repository: Path) -> ET.Element:
    text = (repository / "docs" / "security.md").read_text(encoding="utf-8")
    (policy,) = re.findall(r"```xml\n(.*?)```", text, flags=re.DOTALL)
    (profile,) = ET.fromstring(policy).iter("profile")
    return profile


@pytest.fixture
def node(world: RosWorld, tmp_path: Path) -> SceneClipNode:
    domain = tmp_path / "odd.yaml"
    domain.write_text("weather: [clear]\n")
    return world.scene_clip(odd__file=str(domain), masks__enabled=True, use_sim_time=True)


def allowed(profile: ET.Element, kind: str, action: str) -> set[str]:
    """Return the patterns that a policy allows, as full names."""
    assert (profile.get("ns"), profile.get("node")) == ("/", NODE)
    (group,) = (group for group in profile.iter(f"{kind}s") if group.get(action) == "ALLOW")
    names = [str(item.text) for item in group.iter(kind)]
    return {f"/{NODE}/{name[2:]}" if name.startswith("~/") else f"/{name}" for name in names}


def check(used: set[str], patterns: set[str]) -> None:
    """Check that each name used is allowed, and each pattern used."""
    assert {name for name in used if not any(fnmatch(name, it) for it in patterns)} == set()
    assert {it for it in patterns if not any(fnmatch(name, it) for name in used)} == set()


def test_what_the_node_publishes_is_allowed(node: SceneClipNode, profile: ET.Element) -> None:
    used = {name for name, _ in node.get_publisher_names_and_types_by_node(NODE, "/")}

    check(used, allowed(profile, "topic", "publish"))


def test_what_the_node_subscribes_to_is_allowed(node: SceneClipNode, profile: ET.Element) -> None:
    used = {name for name, _ in node.get_subscriber_names_and_types_by_node(NODE, "/")}

    check(used, allowed(profile, "topic", "subscribe"))


def test_the_services_of_the_node_are_allowed_but_for_changing_parameters(
    node: SceneClipNode, profile: ET.Element
) -> None:
    used = {name for name, _ in node.get_service_names_and_types_by_node(NODE, "/")}

    assert used >= FORBIDDEN
    check(used - FORBIDDEN, allowed(profile, "service", "reply"))
