"""A way to a server that can fall silent while its connections stay open."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from typing import Any


class FreezableProxy:
    """Passes connections on to a port of this machine.

    Frozen, it still accepts, and passes nothing on: what a stopped process looks like.

    Attributes:
        port: Its own.
    """

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._pumps: set[asyncio.Task[None]] = set()

    def freeze(self) -> None:
        """Pass nothing on until `thaw`."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def thaw(self) -> None:
        """Pass on what has come meanwhile, and everything after it."""
        self._loop.call_soon_threadsafe(self._flows.set)

    @contextlib.contextmanager
    def running(self) -> Iterator[FreezableProxy]:
        """Listen on a thread until the end of the block."""
        server = self._loop.run_until_complete(asyncio.start_server(self._connect, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        thread = threading.Thread(target=self._loop.run_forever)
        thread.start()
        try:
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self._end(server), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _end(self, server: asyncio.Server) -> None:
        server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._begin(self._pump(reader, far_writer))
        self._begin(self._pump(far_reader, writer))

    def _begin(self, pumping: Coroutine[Any, Any, None]) -> None:
        pump = self._loop.create_task(pumping)
        self._pumps.add(pump)
        pump.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # one side has left, so the other one is let go
        finally:
            writer.close()
