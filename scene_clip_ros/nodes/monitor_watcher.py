"""One browser that watches: what it is sent, and when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from scene_clip_ros.nodes.monitor_board import Board
from scene_clip_ros.nodes.monitor_gallery import Gallery
from scene_clip_ros.nodes.monitor_messages import camera_message, to_json

IDLE_S = 0.5
"""Longest time between two looks at what is new, and between two messages of a silent camera."""

REST_S = 0.1
"""Longest time that what is new waits for more to be told with it."""

SEND_TIMEOUT_S = 10.0
"""A browser that takes nothing for so long is let go, seconds."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What browsers are told of.

    Attributes:
        board: What is known of every camera.
        gallery: Their pictures.
        hello: First message: the cameras, and how things are shown.
        picture_s: Returns when the newest picture of a camera came; None: none yet.
        services: Returns which services are offered, by name.
        max_rate_hz: Most pictures per second and camera; states do not wait for them.
    """

    board: Board
    gallery: Gallery
    hello: dict[str, Any]
    picture_s: Callable[[str], float | None]
    services: Callable[[], dict[str, bool]]
    max_rate_hz: float

    @property
    def cameras(self) -> list[str]:
        """Names of the cameras."""
        return [camera["name"] for camera in self.hello["cameras"]]


@dataclass(slots=True)
class _Sent:
    """What a browser has of one camera."""

    version: int = -1
    change: int = 0
    told_s: float = float("-inf")
    picture: int = 0
    is_shown: bool = True


@dataclass(slots=True, eq=False)
class Watcher:
    """Tells one browser what is new.

    Pictures are sent one at a time: the next one when the browser says that it shows the last.
    So a slow one gets fewer of them, and always the newest.

    Attributes:
        socket: Of the browser.
        scene: What it is told of.
        news: Set when something has come.
    """

    socket: web.WebSocketResponse
    scene: Scene
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _sent: dict[str, _Sent] = field(default_factory=dict)
    _services: dict[str, bool] | None = None

    async def run(self) -> None:
        """Tell until the browser leaves."""
        self._sent = {camera: _Sent() for camera in self.scene.cameras}
        reading = asyncio.create_task(self._read())
        reading.add_done_callback(lambda _done: self.news.set())
        try:
            await self._send({**self.scene.hello, "now_s": self.scene.board.clock_s()})
            while not (reading.done() or self.socket.closed):
                self.news.clear()
                await self._tell()
                await asyncio.sleep(min(1 / self.scene.max_rate_hz, REST_S))
                await self._wait()
        except (ConnectionError, asyncio.TimeoutError):
            pass  # it has left, or takes nothing any more
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self.news.wait(), IDLE_S)
        except asyncio.TimeoutError:
            return

    async def _read(self) -> None:
        """Take what the browser says until it leaves, or says what makes no sense."""
        async for message in self.socket:
            camera = _shown_camera(message.data) if message.type == WSMsgType.TEXT else None
            if camera not in self._sent:
                await self.socket.close(
                    code=WSCloseCode.POLICY_VIOLATION, message=b"expected the name of a camera"
                )
                return
            self._sent[camera].is_shown = True
            self.news.set()

    async def _tell(self) -> None:
        """Send what is new: states first, they are small and may be a warning."""
        services = self.scene.services()
        if services != self._services:
            self._services = services
            await self._send({"type": "services", **services})
        for camera, sent in self._sent.items():
            await self._tell_state(camera, sent)
        for camera, sent in self._sent.items():
            await self._show_picture(camera, sent)

    async def _tell_state(self, camera: str, sent: _Sent) -> None:
        board = self.scene.board
        view = board.view(camera, changes_since=sent.change)
        now_s = board.clock_s()
        if view.version == sent.version and not view.changes and now_s - sent.told_s < IDLE_S:
            return
        sent.version, sent.told_s = view.version, now_s
        sent.change = view.changes[-1].number if view.changes else sent.change
        await self._send(
            camera_message(
                camera,
                view,
                now_s=now_s,
                stale_after_s=board.stale_after_s,
                picture_s=self.scene.picture_s(camera),
            )
        )

    async def _show_picture(self, camera: str, sent: _Sent) -> None:
        if not sent.is_shown:
            return
        picture = await self.scene.gallery.current(camera)
        if picture is None or picture.number == sent.picture:
            return
        sent.picture, sent.is_shown = picture.number, False
        await asyncio.wait_for(self.socket.send_bytes(picture.payload), SEND_TIMEOUT_S)

    async def _send(self, message: dict[str, Any]) -> None:
        await asyncio.wait_for(self.socket.send_str(to_json(message)), SEND_TIMEOUT_S)


def _shown_camera(text: str) -> str | None:
    """Return which camera's picture is shown, by ``{"shown": camera}``; None for anything else."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    camera = message.get("shown") if isinstance(message, dict) else None
    return camera if isinstance(camera, str) else None
