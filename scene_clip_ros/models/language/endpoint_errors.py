"""Says in one line what went wrong at an endpoint, and whether to try again."""

from __future__ import annotations

import json
import socket
import ssl
from html import escape
from typing import Any
from urllib.parse import quote

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.models.language.endpoint_settings import (
    API_KEY,
    BASE_URL,
    MODEL,
    EndpointSettings,
)
from scene_clip_ros.models.language.reply import one_line

SERVER_CHARACTERS = 200
"""Most that is told of what a server says is wrong."""

HIDDEN = "***"
LEAST_TOLD = 4
"""Characters of the beginning of a key from which it is hidden at the end of a text."""

_PASSING_STATUS = frozenset({408, 409, 425, 429})
_HINTS = {
    401: f"a key that it takes in {API_KEY}",
    403: f"a key that it takes in {API_KEY}",
    404: f"{BASE_URL} and {MODEL} of a model that is there",
    429: "to be let in",
}


class RefusedError(Exception):
    """The endpoint replied with a status other than 200."""

    def __init__(self, status: int, body: str, retry_after_s: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.retry_after_s = retry_after_s


class EndpointError(ReasoningError):
    """What a person is told of a failed try.

    Attributes:
        may_pass: Whether another try may do better.
        retry_after_s: Seconds that the endpoint asks to wait; None: it does not say.
    """

    def __init__(
        self, message: str, *, may_pass: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        self.retry_after_s = retry_after_s


def endpoint_error(err: BaseException, settings: EndpointSettings) -> EndpointError:
    """Translate what a try failed with; the key is in no message."""
    if isinstance(err, EndpointError):
        return err
    if refused := _find(err, RefusedError):
        return _status_error(refused, settings)
    where = settings.base_url
    if _find(err, socket.gaierror):
        return EndpointError(f"{where}: expected an endpoint, got an unknown host", may_pass=True)
    if _find(err, ConnectionRefusedError):
        return EndpointError(f"{where}: expected an endpoint, got no connection", may_pass=True)
    if tls := _find(err, ssl.SSLError):
        said = _said(tls, settings)
        return EndpointError(f"{where}: expected a trusted TLS connection, got {said}")
    said = _said(_root(err), settings)
    return EndpointError(
        f"{where}: expected an answer, got a broken connection: {said}", may_pass=True
    )


def timeout_error(settings: EndpointSettings, before: EndpointError | None) -> EndpointError:
    """Return that time is up; ``before``: what an earlier try failed with."""
    message = f"{settings.base_url}: expected an answer within {settings.timeout_s:g} s, got none"
    return EndpointError(f"{message}; before that: {before}" if before else message)


def hide_key(text: str, key: str) -> str:
    """Return a text without a key, plain or as JSON, URLs and pages write it, even if cut off.

    Args:
        text: All that was read; what is cut off before is not found.
        key: Empty: there is none.
    """
    if not key:
        return text
    in_json = json.dumps(key)[1:-1]
    for form in dict.fromkeys(
        (key, in_json, in_json.replace("/", r"\/"), escape(key), quote(key, ""))
    ):
        text = text.replace(form, HIDDEN)
        lengths = range(min(len(form), len(text)), LEAST_TOLD - 1, -1)
        cut = next((length for length in lengths if text.endswith(form[:length])), 0)
        text = f"{text[:-cut]}{HIDDEN}" if cut else text
    return text


def _status_error(refused: RefusedError, settings: EndpointSettings) -> EndpointError:
    body = hide_key(refused.body, settings.api_key)
    said = one_line(hide_key(_server_message(body), settings.api_key), SERVER_CHARACTERS)
    expected = _HINTS.get(refused.status, "an answer")
    message = f"{settings.base_url}: expected {expected}, got HTTP {refused.status}"
    return EndpointError(
        f"{message}: {said}" if said else message,
        may_pass=refused.status in _PASSING_STATUS or refused.status >= 500,
        retry_after_s=refused.retry_after_s,
    )


def _server_message(body: str) -> str:
    """Return the message in an error's JSON, as OpenAI, vLLM, Ollama and llama.cpp write it."""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return "" if body.lstrip().startswith("<") else body
    for key in ("error", "message", "detail"):
        if isinstance(value, dict) and key in value:
            value = value[key]
    return value if isinstance(value, str) else body


def _find(err: BaseException, kind: type[Any]) -> Any:
    """Return the error of a kind among an error and its causes; None if there is none."""
    return next((cause for cause in _causes(err) if isinstance(cause, kind)), None)


def _root(err: BaseException) -> BaseException:
    return next((cause for cause in reversed(_causes(err)) if str(cause)), err)


def _causes(err: BaseException) -> list[BaseException]:
    """Return an error, what caused it, and so on; of a group, the first."""
    causes: list[BaseException] = []
    current: BaseException | None = err
    while current is not None and current not in causes:
        causes.append(current)
        group: Any = getattr(current, "exceptions", None)
        current = group[0] if group else current.__cause__ or current.__context__
    return causes


def _said(err: BaseException, settings: EndpointSettings) -> str:
    told = hide_key(str(err), settings.api_key)
    return one_line(told, SERVER_CHARACTERS) or type(err).__name__
