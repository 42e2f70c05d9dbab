"""The live page's node in a test, and what is asked of its server."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import numpy as np
from aiohttp import ClientSession
from monitored_camera import spinning
from ros_world import RosWorld, overrides
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.msg import FrameHit
from scene_clip_ros.nodes.scene_monitor import SceneMonitorNode
from scene_clip_ros.nodes.stamps import time_message


def start(world: RosWorld, **parameters: Any) -> SceneMonitorNode:
    given = overrides(**{"port": 0, "transport": "compressed", "stale_after_s": 0.5, **parameters})
    return world.add(SceneMonitorNode(context=world.context, parameter_overrides=given))


def run(world: RosWorld, watching: Coroutine[Any, Any, Any]) -> Any:
    """Run what a browser does while the nodes are spun."""
    with spinning(world):
        return asyncio.run(watching)


async def fetch(url: str, method: str = "GET", **options: Any) -> tuple[int, dict[str, str], str]:
    async with (
        ClientSession() as session,
        session.request(method, url, allow_redirects=False, **options) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.text()


async def post(url: str, path: str, body: Any, **options: Any) -> tuple[int, dict[str, Any]]:
    async with (
        ClientSession() as session,
        session.post(f"{url}{path}", json=body, **options) as answer,
    ):
        return answer.status, await answer.json()


def found(camera: str = "front", *, stamp_s: int = 99) -> FrameHit:
    header = Header(stamp=time_message(stamp_s * 10**9))
    jpeg = encode_jpeg(np.zeros((8, 8, 3), np.uint8))
    thumbnail = CompressedImage(header=header, format="jpeg", data=list(jpeg))
    return FrameHit(header=header, camera=camera, score=0.3, z=4.5, thumbnail=thumbnail)
