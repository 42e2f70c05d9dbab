"""Asks a language model at an OpenAI-compatible endpoint: vLLM, Ollama, llama.cpp and others.

Nothing is read from the environment here, neither the variables of the ``openai`` package nor those
of proxies: only what the settings say decides where pictures go. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from threading import Thread
from typing import Any

from scene_clip_ros.core.questions.types import Answer, Observations
from scene_clip_ros.models.language.endpoint_errors import (
    EndpointError,
    RefusedError,
    endpoint_error,
    hide_key,
    timeout_error,
)
from scene_clip_ros.models.language.endpoint_settings import EndpointSettings
from scene_clip_ros.models.language.prompt import Prompt, build_prompt
from scene_clip_ros.models.language.reply import NOTHING_SEEN, abstention, excerpt, parse_reply

THREAD_NAME = "language-model"
MAX_TOKENS = 1024
"""Most tokens that are asked for; a model that thinks aloud needs more than its answer takes."""
MAX_REPLY_BYTES = 1 << 20
MAX_ERROR_BYTES = 1 << 14
FIRST_PAUSE_S = 0.25
"""Before the second try; it doubles with each."""
GRACE_S = 1.0
"""Added to the time limit before the thread that talks to the endpoint is given up."""

LEAST_KEY = 8
"""Characters of a key that is hidden in answers; shorter ones stand for none, as ``EMPTY``."""

_KEPT_HEADERS = {"content-length", "transfer-encoding", "x-stainless-raw-response"}
"""The last one is how `openai` itself remembers what to make of the response."""

_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody; where TLS is not spoken, reading whom to trust is a tenth of a second wasted."""


class EndpointReasoner:
    """A language model elsewhere. Each question is one request, sent by a thread of its own."""

    def __init__(self, settings: EndpointSettings) -> None:
        """Load the ``openai`` package; the endpoint is not asked for anything yet."""
        self._settings = settings
        # The first one takes a second, which no question should wait for.
        _ = _open_client(settings).chat.completions

    @property
    def name(self) -> str:
        """The model's name at the endpoint."""
        return self._settings.model

    def answer(self, question: str, seen: Observations) -> Answer:
        """Show a few frames and the facts to the model, and ask it.

        Args:
            question: In English, 1 to ``MAX_QUESTION_LENGTH`` characters.
            seen: What it is about.

        Returns:
            The answer; an abstention if the model says so, or nothing was seen.

        Raises:
            ReasoningError: The question is empty or too long, or there is no usable answer within
                ``timeout_s``, all tries together.
        """
        prompt = build_prompt(question, seen, self._settings.max_frames)
        if prompt.is_blank:
            return abstention(NOTHING_SEEN, prompt.kind, self.name)
        return parse_reply(self._reply(prompt), prompt, self.name)

    def _reply(self, prompt: Prompt) -> str:
        """Wait for a thread that ends by itself, even where the network does not let go of it.

        An event loop can be interrupted whatever it waits for, a blocking socket cannot. Names of
        hosts are looked up by the system, which takes its own time: then only the thread waits.
        """
        outcome: Future[str] = Future()
        talk = _Talk(self._settings, prompt)
        Thread(target=talk.run, args=(outcome,), name=THREAD_NAME, daemon=True).start()
        try:
            return outcome.result(self._settings.timeout_s + GRACE_S)
        except FutureTimeoutError:
            raise timeout_error(self._settings, talk.failed) from None


class _Talk:
    """The tries to get one reply."""

    def __init__(self, settings: EndpointSettings, prompt: Prompt) -> None:
        self._settings = settings
        self._prompt = prompt
        self.failed: EndpointError | None = None
        """What the last try failed with."""

    def run(self, outcome: Future[str]) -> None:
        """Set the reply, or an `EndpointError`."""
        try:
            asyncio.run(self._settle(outcome))
        except Exception as err:
            if not outcome.done():
                outcome.set_exception(endpoint_error(err, self._settings))

    async def _settle(self, outcome: Future[str]) -> None:
        deadline = asyncio.get_running_loop().time() + self._settings.timeout_s
        try:
            reply = await asyncio.wait_for(self._try(deadline), self._settings.timeout_s)
        except asyncio.TimeoutError:
            outcome.set_exception(timeout_error(self._settings, self.failed))
        except Exception as err:
            outcome.set_exception(endpoint_error(err, self._settings))
        else:
            outcome.set_result(reply)

    async def _try(self, deadline: float) -> str:
        """Ask until there is a reply, no try may do better, or the next one would come too late."""
        tries = 0
        async with _open_client(self._settings) as client:
            while True:
                try:
                    return await _ask(client, self._settings, self._prompt)
                except Exception as err:
                    self.failed = endpoint_error(err, self._settings)
                pause_s = max(FIRST_PAUSE_S * 2**tries, self.failed.retry_after_s or 0.0)
                too_late = asyncio.get_running_loop().time() + pause_s >= deadline
                if tries >= self._settings.retries or not self.failed.may_pass or too_late:
                    raise self.failed
                await asyncio.sleep(pause_s)
                tries += 1


def _open_client(settings: EndpointSettings) -> Any:
    import openai

    async def say_only_what_is_needed(request: Any) -> None:
        """Replace the headers: `openai` adds what it finds in the environment, and telemetry."""
        for name in set(request.headers) - _KEPT_HEADERS:
            del request.headers[name]
        request.headers["host"] = request.url.netloc.decode("ascii")
        request.headers["content-type"] = request.headers["accept"] = "application/json"
        request.headers["user-agent"] = "scene-clip-ros"
        if settings.api_key:
            request.headers["authorization"] = f"Bearer {settings.api_key}"

    async def refuse_other_status(response: Any) -> None:
        if response.status_code != 200:
            raise await _refusal(response, settings.api_key)

    http_client = openai.DefaultAsyncHttpxClient(
        verify=_NO_AUTHORITIES if settings.base_url.startswith("http://") else True,
        trust_env=False,
        follow_redirects=False,
        timeout=settings.timeout_s,
        event_hooks={"request": [say_only_what_is_needed], "response": [refuse_other_status]},
    )
    return openai.AsyncOpenAI(
        api_key="none", base_url=settings.base_url, max_retries=0, http_client=http_client
    )


async def _ask(client: Any, settings: EndpointSettings, prompt: Prompt) -> str:
    """Make one request and return what the model said."""
    model = settings.model
    async with client.chat.completions.with_streaming_response.create(
        model=model,
        messages=[{"role": "user", "content": _content(prompt)}],
        max_tokens=MAX_TOKENS,
        temperature=0,
    ) as response:
        body = await _read(response.iter_bytes(), MAX_REPLY_BYTES)
    if len(body) > MAX_REPLY_BYTES:
        message = f"{model}: expected a reply of at most {MAX_REPLY_BYTES} bytes, got a longer one"
        raise EndpointError(message)
    return _message_text(body, settings)


def _content(prompt: Prompt) -> str | list[dict[str, Any]]:
    """Return the parts of the message; one text where there are no pictures."""
    parts: list[dict[str, Any]] = [_text(prompt.instructions)]
    for frame in prompt.frames:
        parts.append(_text(frame.caption))
        if frame.jpeg:
            data = base64.b64encode(frame.jpeg).decode("ascii")
            url = {"url": f"data:image/jpeg;base64,{data}"}
            parts.append({"type": "image_url", "image_url": url})
    parts.append(_text(prompt.closing()))
    if any(frame.jpeg for frame in prompt.frames):
        return parts
    return "\n".join(part["text"] for part in parts)


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _message_text(body: bytes, settings: EndpointSettings) -> str:
    model, key = settings.model, settings.api_key
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        said = excerpt(hide_key(body.decode("utf-8", "replace"), key))
        message = f"{model}: expected a chat completion, got {said!r}"
        raise EndpointError(message) from None
    if content is not None and not isinstance(content, str):
        message = f"{model}: expected a text, got {type(content).__name__}"
        raise EndpointError(message)
    return hide_key(content or "", key if len(key) >= LEAST_KEY else "")


async def _refusal(response: Any, key: str) -> RefusedError:
    body = await _read(response.aiter_bytes(), MAX_ERROR_BYTES)
    text = hide_key(body.decode("utf-8", "replace"), key)[:MAX_ERROR_BYTES]
    try:
        retry_after_s = min(3600.0, max(0.0, float(response.headers.get("retry-after", ""))))
    except ValueError:
        retry_after_s = None
    return RefusedError(response.status_code, text, retry_after_s)


async def _read(chunks: AsyncIterator[bytes], most: int) -> bytes:
    """Read to the end, or just beyond a number of bytes."""
    read = bytearray()
    async for chunk in chunks:
        read += chunk
        if len(read) > most:
            break
    return bytes(read)
