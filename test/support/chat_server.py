"""A real HTTP server on this machine that plays an OpenAI-compatible endpoint, well or badly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

REPLY = '{"answer": "It rains.", "confidence": 0.8, "evidence": [2, 1]}'


@dataclass(frozen=True)
class Request:
    """What a client sent; names of headers in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    def parts(self) -> list[dict[str, Any]]:
        """Return the parts of its one message."""
        (message,) = self.body["messages"]
        return message["content"]

    def pictures(self) -> list[str]:
        """Return the addresses of its pictures."""
        return [part["image_url"]["url"] for part in self.parts() if part["type"] == "image_url"]

    def text(self) -> str:
        """Return all its texts."""
        content = self.body["messages"][0]["content"]
        if isinstance(content, str):
            return content
        return "\n".join(part["text"] for part in content if part["type"] == "text")


@dataclass
class ChatServer:
    """What a server was asked; ``url`` is its base URL."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    hung_up: Event = field(default_factory=Event)
    """The client closed a connection on which it was still being answered."""
    stopping: Event = field(default_factory=Event)


Act = Callable[["_Handler"], None]
"""What the server does with one request."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        chat = self.server.chat
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        chat.requests.append(Request(self.path, headers, body))
        acts = self.server.acts
        try:
            acts[min(len(chat.requests), len(acts)) - 1](self)
        except OSError:
            chat.hung_up.set()
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    def __init__(self, chat: ChatServer, acts: tuple[Act, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chat, self.acts = chat, acts


@contextmanager
def chat_server(*acts: Act) -> Iterator[ChatServer]:
    """Serve until the block ends.

    Args:
        acts: What is done with each request in turn; the last one with all others, too.
    """
    chat = ChatServer()
    with _Server(chat, acts) as server:
        chat.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield chat
        finally:
            chat.stopping.set()
            server.shutdown()
            thread.join()


def says(text: str | None) -> Act:
    """Answer as a chat model that says a text."""
    body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]}
    return replies(json.dumps(body).encode())


def replies(body: bytes) -> Act:
    """Answer with status 200 and any body."""
    return lambda handler: handler.send(200, body, content_type="application/json")


def fails(status: int, body: str = '{"error": {"message": "no"}}', **headers: str) -> Act:
    """Answer with another status; headers with ``_`` for ``-``."""
    return lambda handler: handler.send(status, body.encode(), **headers)


def echoes(status: int, before: str = "", after: str = "") -> Act:
    """Answer with the headers of the request, sorted, between two texts."""

    def echo(handler: _Handler) -> None:
        said = json.dumps(dict(sorted(handler.headers.items())))
        handler.send(status, f"{before}{said}{after}".encode())

    return echo


def never_answers(handler: _Handler) -> None:
    """Wait until the client closes the connection, or the server stops."""
    _drip(handler, b"")


def drips_headers(handler: _Handler) -> None:
    """Answer at 20 bytes a second, with headers that do not end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: ")
    _drip(handler, b"x")


def drips_body(handler: _Handler) -> None:
    """Answer at 20 bytes a second, with a body that does not end."""
    handler.send_response(200)
    handler.end_headers()
    _drip(handler, b" ")


def floods(handler: _Handler) -> None:
    """Answer with a body that does not end, as fast as it is taken."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.chat.stopping.is_set():
        handler.wfile.write(b" " * 65536)


def closes(handler: _Handler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def closes_in_the_middle(handler: _Handler) -> None:
    """Close the connection before the whole body is sent."""
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


def _drip(handler: _Handler, byte: bytes) -> None:
    handler.connection.settimeout(0.05)
    while not handler.server.chat.stopping.is_set():
        handler.wfile.write(byte)
        try:
            gone = not handler.connection.recv(1)
        except TimeoutError:
            continue
        if gone:
            raise ConnectionResetError
