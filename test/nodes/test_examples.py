"""The programs in docs/examples do what their words say, over real DDS."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from ros_world import Inbox, RosWorld
from std_msgs.msg import Bool

from scene_clip_ros.msg import PedestrianAlert

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.fixture
def locks(world: RosWorld, graph: Any) -> Inbox:
    spec = importlib.util.spec_from_file_location("people_lock", EXAMPLES / "people_lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    graph.add(module.PeopleLock(context=world.context))
    return world.inbox(Bool, "lock")


def test_lock_is_closed_before_anything_is_known(locks: Inbox) -> None:
    assert locks.wait_count(1)[0].data is True


@pytest.mark.parametrize(
    ("level", "locked"),
    [
        (PedestrianAlert.CLEAR, False),
        (PedestrianAlert.CAUTION, False),
        (PedestrianAlert.WARNING, True),
        (PedestrianAlert.STALE, True),
    ],
)
def test_lock_follows_the_alert(world: RosWorld, locks: Inbox, level: int, *, locked: bool) -> None:
    alerts = world.publisher(PedestrianAlert, "alert")
    alerts.publish(PedestrianAlert(level=PedestrianAlert.CLEAR))
    locks.wait_for(lambda lock: not lock.data, "the lock to open")

    locks.messages.clear()
    alerts.publish(PedestrianAlert(level=level))

    locks.wait_for(lambda lock: lock.data is locked, "the lock to follow")


def test_lock_closes_when_alerts_end(world: RosWorld, locks: Inbox) -> None:
    world.publisher(PedestrianAlert, "alert").publish(PedestrianAlert())
    locks.wait_for(lambda lock: not lock.data, "the lock to open")
    locks.wait_for_new(lambda lock: lock.data, "the lock to close")
