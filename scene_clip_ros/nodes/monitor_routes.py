"""What the live page's server answers: the page's files, its stream, searches and questions."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, web

from scene_clip_ros.core.errors import ParameterError, ServiceError
from scene_clip_ros.nodes.monitor_access import Access
from scene_clip_ros.nodes.monitor_calls import BusyError, ServiceCaller
from scene_clip_ros.nodes.monitor_messages import to_json
from scene_clip_ros.nodes.monitor_watcher import Scene, Watcher
from scene_clip_ros.resources import MONITOR_PAGE

FILES = {
    "/": ("index.html", "text/html"),
    "/monitor.css": ("monitor.css", "text/css"),
    "/monitor.js": ("monitor.js", "text/javascript"),
    "/camera_panel.js": ("camera_panel.js", "text/javascript"),
    "/elements.js": ("elements.js", "text/javascript"),
    "/question_forms.js": ("question_forms.js", "text/javascript"),
    "/stream.js": ("stream.js", "text/javascript"),
    "/timeline.js": ("timeline.js", "text/javascript"),
}
"""Everything that is served, by path; nothing else is looked for."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Server": "scene_monitor",
    "X-Content-Type-Options": "nosniff",
}

MAX_BODY_BYTES = 8 * 1024
MAX_MESSAGE_BYTES = 512
"""Of what a browser says on the stream."""

HEARTBEAT_S = 10.0
"""Browsers that do not answer a ping for half as long are let go."""

CLOSE_S = 0.3
"""Longest wait for a browser to say goodbye."""

Handler = Callable[[web.Request], Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A service that the page may ask.

    Attributes:
        caller: Calls it.
        request: Makes its request of what the page sends, or raises ParameterError.
        answer: Makes what the page gets of its response.
    """

    caller: ServiceCaller
    request: Callable[[Any], Any]
    answer: Callable[[Any], dict[str, Any]]


@dataclass(slots=True)
class Routes:
    """The handlers; used on the page's loop only.

    Attributes:
        access: Who may open the page.
        cookie: Name of the cookie that keeps the token.
        scene: What browsers are told of.
        questions: By path, e.g. ``/search``.
        max_clients: Browsers that may watch at the same time.
        on_error: Told of what should not happen.
        on_watched: Told whether somebody watches, when that changes.
    """

    access: Access
    cookie: str
    scene: Scene
    questions: Mapping[str, Question]
    max_clients: int
    on_error: Callable[[str], None]
    on_watched: Callable[[bool], None]
    watchers: set[Watcher] = field(default_factory=set)

    def application(self) -> web.Application:
        """Return the application that answers."""
        app = web.Application(
            middlewares=[_middleware(self._guarded)], client_max_size=MAX_BODY_BYTES
        )
        app.on_response_prepare.append(_add_headers)
        for path, (name, kind) in FILES.items():
            app.router.add_get(path, _file_handler((MONITOR_PAGE / name).read_bytes(), kind))
        app.router.add_get("/live", self._live)
        for path, question in self.questions.items():
            app.router.add_post(path, self._question_handler(question))
        return app

    def wake(self) -> None:
        """Let every browser be told what is new."""
        for watcher in self.watchers:
            watcher.news.set()

    async def close(self) -> None:
        """Say goodbye to every browser that still listens."""
        goodbyes = [
            watcher.socket.close(code=WSCloseCode.GOING_AWAY, message=b"the node has ended")
            for watcher in self.watchers
        ]
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(*goodbyes, return_exceptions=True), CLOSE_S)

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse whoever may not, and tell errors in one line."""
        opens_page = request.method in ("GET", "HEAD") and request.path == "/"
        refusal = self.access.refusal(request.headers, needs_origin=not opens_page)
        if refusal is not None:
            return _problem(refusal.status, refusal.reason)
        if not self.access.admits(self._offered(request)):
            return _problem(401, "open this page with its whole address, which ends in ?token=…")
        if opens_page and "token" in request.query:
            return self._remember_token()
        try:
            return await handler(request)
        except web.HTTPException as err:
            return _problem(err.status, err.reason)
        except Exception as err:  # the server's edge: the page must stay alive
            self.on_error(f"{request.method} {request.path}: {type(err).__name__}: {err}")
            return _problem(500, "something went wrong; the node's log says what")

    def _offered(self, request: web.Request) -> list[str]:
        return [request.cookies.get(self.cookie, ""), request.query.get("token", "")]

    def _remember_token(self) -> web.Response:
        """Keep the token in a cookie, so that it leaves the address bar and the history."""
        response = web.Response(status=303, headers={"Location": "/"})
        if self.access.token:
            response.set_cookie(self.cookie, self.access.token, httponly=True, samesite="Lax")
        return response

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            timeout=CLOSE_S,
            heartbeat=HEARTBEAT_S,
            max_msg_size=MAX_MESSAGE_BYTES,
            compress=False,
        )
        await socket.prepare(request)
        if len(self.watchers) >= self.max_clients:
            reason = f"{self.max_clients} browsers watch already"
            await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=reason.encode())
            return socket
        watcher = Watcher(socket, self.scene)
        self._count(watcher, comes=True)
        try:
            await watcher.run()
        except Exception as err:  # the watcher's edge: the stream has begun, so it can only end
            self.on_error(f"live page: {type(err).__name__}: {err}")
        finally:
            self._count(watcher, comes=False)
        return socket

    def _count(self, watcher: Watcher, *, comes: bool) -> None:
        was_watched = bool(self.watchers)
        (self.watchers.add if comes else self.watchers.discard)(watcher)
        if bool(self.watchers) != was_watched:
            self.on_watched(comes)

    def _question_handler(self, question: Question) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            try:
                asked = question.request(await _json(request))
                response = await question.caller.call(asked)
            except ParameterError as err:
                return _problem(400, str(err))
            except BusyError as err:
                return _problem(429, str(err))
            except ServiceError as err:
                return _problem(503, str(err))
            if not response.success:
                return _problem(422, f"refused: {response.message}")
            return _answer(200, question.answer(response))

        return handle


async def _json(request: web.Request) -> Any:
    """Return the body of a request.

    Raises:
        ParameterError: It is not JSON.
    """
    if request.content_type != "application/json":
        message = f"expected application/json, got {request.content_type[:80]!r}"
        raise ParameterError(message)
    try:
        return json.loads(await request.text())
    except (ValueError, LookupError, RecursionError) as err:
        message = "expected a JSON object, got something else"
        raise ParameterError(message) from err


def _file_handler(content: bytes, kind: str) -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind, charset="utf-8")

    return handle


def _middleware(guard: Callable[[web.Request, Handler], Any]) -> Any:
    async def run(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await guard(request, handler)

    return web.middleware(run)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def _problem(status: int, reason: str) -> web.Response:
    return _answer(status, {"error": " ".join(reason.split())})


def _answer(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, text=to_json(body), content_type="application/json")
