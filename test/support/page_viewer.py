"""Watches the live page's stream as a browser does."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

TIMEOUT_S = 30.0
"""Longer than anything takes on a busy machine; only a failing test waits for it."""


@dataclass(frozen=True)
class SeenPicture:
    """A picture as it was sent."""

    head: dict[str, Any]
    jpeg: bytes

    @property
    def stamp_ns(self) -> int:
        return int(self.head["stamp_ns"])


class Viewer:
    """One connection; says that it shows a picture unless it is told not to."""

    def __init__(self, socket: ClientWebSocketResponse, *, shows: bool = True) -> None:
        self.socket = socket
        self.shows = shows
        self.pictures: list[SeenPicture] = []

    async def message(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Return the next JSON message that meets a condition."""
        return await asyncio.wait_for(self._message(condition), TIMEOUT_S)

    async def state(
        self, condition: Callable[[dict[str, Any]], object] = lambda _state: True
    ) -> dict[str, Any]:
        """Return the next state of a camera that meets a condition."""
        return await self.message(lambda m: m["type"] == "camera" and condition(m))

    async def picture(
        self, condition: Callable[[SeenPicture], object] = lambda _picture: True
    ) -> SeenPicture:
        """Return the next picture that meets a condition."""
        return await asyncio.wait_for(self._picture(condition), TIMEOUT_S)

    async def show(self, camera: str = "front") -> None:
        """Say that the last picture is shown."""
        await self.socket.send_str(json.dumps({"shown": camera}))

    async def end(self) -> int | None:
        """Read until the server closes the connection, and return its code."""

        async def read() -> None:
            while await self._next() is not None:
                pass

        await asyncio.wait_for(read(), TIMEOUT_S)
        return self.socket.close_code

    async def _message(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        while (message := await self._next()) is not None:
            if isinstance(message, dict) and condition(message):
                return message
        raise ConnectionError(self.socket.close_code)

    async def _picture(self, condition: Callable[[SeenPicture], object]) -> SeenPicture:
        while (message := await self._next()) is not None:
            if isinstance(message, SeenPicture) and condition(message):
                return message
        raise ConnectionError(self.socket.close_code)

    async def _next(self) -> dict[str, Any] | SeenPicture | None:
        message = await self.socket.receive()
        if message.type == WSMsgType.TEXT:
            return dict(json.loads(message.data))
        if message.type != WSMsgType.BINARY:
            return None
        (size,) = struct.unpack(">I", message.data[:4])
        picture = SeenPicture(json.loads(message.data[4 : 4 + size]), message.data[4 + size :])
        self.pictures.append(picture)
        if self.shows:
            await self.show(picture.head["camera"])
        return picture


@asynccontextmanager
async def viewing(url: str, *, shows: bool = True, **options: Any) -> AsyncIterator[Viewer]:
    """Watch the page with an address; options go to aiohttp's ``ws_connect``."""
    async with (
        ClientSession() as session,
        session.ws_connect(f"{url}live", max_msg_size=0, **options) as socket,
    ):
        yield Viewer(socket, shows=shows)
