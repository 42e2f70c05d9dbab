"""Runs the live page's server on a thread and a loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future as ThreadFuture

from aiohttp import web

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.nodes.monitor_routes import Routes

BACKLOG = 32
"""Connections that wait, and that are taken in one go."""

MAX_CONNECTIONS = 64
"""Open at the same time, whatever they are for; further ones are closed at once, but for those that
are taken in one go with the last."""

STOP_S = 0.3
"""Longest wait for requests on their way when the server ends, seconds."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        ParameterError: The address is not one of this machine, or the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as err:
        message = (
            f"parameters host and port: expected a free port of this machine, got {host} port "
            f"{port}: {err.strerror or err}"
        )
        raise ParameterError(message) from err


class MonitorServer:
    """Serves until it is stopped.

    Args:
        listening: Socket that listens; closed in the end.
        routes: What is answered.
    """

    def __init__(self, listening: socket.socket, routes: Routes) -> None:
        """Prepare; nothing is answered before `start`."""
        self._listening = listening
        self._routes = routes
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._up: ThreadFuture[None] = ThreadFuture()
        self._thread = threading.Thread(target=self._run, name="scene_monitor_page")

    def start(self) -> None:
        """Serve on a thread of its own, from when this returns.

        Raises:
            OSError: A file of the page cannot be read.
        """
        self._thread.start()
        self._up.result()

    def wake(self) -> None:
        """Let every browser be told what is new; called from any thread, never waits."""
        if self._routes.watchers and not self._loop.is_closed():
            self._call(self._routes.wake)

    def stop(self) -> None:
        """Say goodbye to every browser and end the thread; may be called again."""
        if self._thread.is_alive():
            self._call(self._stop.set)
            self._thread.join()
        self._listening.close()

    @property
    def is_running(self) -> bool:
        """Whether the thread lives."""
        return self._thread.is_alive()

    def _call(self, call: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(call)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as err:  # the thread's edge: told by `start`, or by `is_running`
            if not self._up.done():
                self._up.set_exception(err)
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _serve(self) -> None:
        runner = web.AppRunner(self._routes.application(), access_log=None, shutdown_timeout=STOP_S)
        await runner.setup()
        serve = runner.server
        assert serve is not None

        def connect() -> asyncio.Protocol:
            return serve() if len(serve.connections) < MAX_CONNECTIONS else _Refusal()

        server = await self._loop.create_server(connect, sock=self._listening, backlog=BACKLOG)
        self._up.set_result(None)
        try:
            await self._stop.wait()
        finally:
            server.close()
            await self._routes.close()
            await runner.cleanup()
            self._routes.scene.gallery.close()


class _Refusal(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Close it at once."""
        transport.close()
