from __future__ import annotations

import base64
import logging
import socket
import threading

import pytest
from asked_window import START_NS, STEP_NS, jpeg, window
from chat_server import (
    REPLY,
    Act,
    ChatServer,
    chat_server,
    closes,
    closes_in_the_middle,
    drips_body,
    drips_headers,
    echoes,
    fails,
    floods,
    never_answers,
    replies,
    says,
)

from scene_clip_ros.core.errors import ReasoningError
from scene_clip_ros.core.questions.types import Answer, FrameRef, Observations
from scene_clip_ros.models.language import endpoint
from scene_clip_ros.models.language.endpoint import THREAD_NAME, EndpointReasoner
from scene_clip_ros.models.language.endpoint_errors import hide_key
from scene_clip_ros.models.language.endpoint_settings import EndpointSettings

KEY = "sk-do-not-tell"
QUESTION = "Is it raining?"


def ask(
    server: ChatServer | str, *, timeout_s: float = 20.0, retries: int = 0, max_frames: int = 8
) -> Answer:
    url = server if isinstance(server, str) else server.url
    settings = EndpointSettings(
        url, "tiny-vlm", KEY, timeout_s=timeout_s, retries=retries, max_frames=max_frames
    )
    return EndpointReasoner(settings).answer(QUESTION, window())


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def join_threads() -> list[str]:
    """Return the names of those that do not end."""
    own = [thread for thread in threading.enumerate() if thread.name == THREAD_NAME]
    for thread in own:
        thread.join(timeout=20)
    return [thread.name for thread in own if thread.is_alive()]


def test_answer_of_the_model_names_the_frames_that_it_saw() -> None:
    with chat_server(says(REPLY)) as server:
        answer = ask(server)
    assert answer == Answer(
        "It rains.",
        "exists",
        0.8,
        False,
        (FrameRef("front", START_NS + STEP_NS), FrameRef("front", START_NS)),
        "tiny-vlm",
    )


def test_pictures_facts_and_question_are_sent() -> None:
    with chat_server(says(REPLY)) as server:
        ask(server)
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.body["model"] == "tiny-vlm"
    assert [base64.b64decode(url.partition(",")[2]) for url in request.pictures()] == [
        jpeg(level) for level in (10, 10, 200, 200)
    ]
    assert all(url.startswith("data:image/jpeg;base64,") for url in request.pictures())
    for expected in (
        "Frame 3: camera front, 1.0 s",
        "weather: rain (0.0 to 0.5 s, probability 0.90); clear (1.0 to 1.5 s, probability 0.90)",
        "Question: Is it raining?",
    ):
        assert expected in request.text()


def test_no_more_frames_are_sent_than_the_budget() -> None:
    with chat_server(says(REPLY)) as server:
        ask(server, max_frames=2)
    assert len(server.requests[0].pictures()) == 2


def test_facts_alone_are_sent_as_one_text() -> None:
    seen = window()
    with chat_server(says(REPLY)) as server:
        reasoner = EndpointReasoner(EndpointSettings(server.url, "tiny-vlm"))
        reasoner.answer(QUESTION, Observations(seen.frames, seen.embeddings, seen.facts))
    content = server.requests[0].body["messages"][0]["content"]
    assert isinstance(content, str)
    assert "weather: rain" in content


def test_nothing_seen_is_not_asked_about() -> None:
    empty = Observations((), window().embeddings[:0])
    with chat_server(says(REPLY)) as server:
        answer = EndpointReasoner(EndpointSettings(server.url, "m")).answer(QUESTION, empty)
    assert answer.abstained
    assert server.requests == []


def test_model_that_cannot_tell_abstains() -> None:
    with chat_server(says("I cannot tell from these frames.")) as server:
        answer = ask(server)
    assert (answer.abstained, answer.confidence, answer.evidence) == (True, 0.0, ())
    assert answer.text == "I cannot tell from these frames."


@pytest.mark.parametrize(
    "first",
    [fails(500), fails(503), fails(429, retry_after="0"), closes, closes_in_the_middle],
    ids=["500", "503", "429", "closed", "cut off"],
)
def test_what_may_pass_is_tried_again(first: Act) -> None:
    with chat_server(first, says(REPLY)) as server:
        answer = ask(server, retries=1)
    assert answer.text == "It rains."
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("act", "tries", "message"),
    [
        (fails(401, '{"error": {"message": "bad key"}}'), 1, "a key that .*API_KEY.* 401: bad key"),
        (fails(403), 1, "a key that .*API_KEY, got HTTP 403"),
        (fails(404, '{"error": "model x not found"}'), 1, "LLM_MODEL .* 404: model x not found"),
        (fails(400, '{"message": "no pictures"}'), 1, "an answer, got HTTP 400: no pictures"),
        (fails(302, location="http://127.0.0.1:1/"), 1, "got HTTP 302"),
        (fails(429, retry_after="60"), 1, "to be let in, got HTTP 429"),
        (fails(500, "<html>" + "oops" * 10_000), 2, "an answer, got HTTP 500$"),
        (closes, 2, "got a broken connection"),
        (says(""), 1, "tiny-vlm: expected an answer, got an empty reply"),
        (says(None), 1, "tiny-vlm: expected an answer, got an empty reply"),
        (says("Sunny, I think."), 1, "expected JSON with an answer, got 'Sunny, I think.'"),
        (says("x" * 500_000), 1, "at most 20000 characters, got 500000"),
        (says('{"answer": "yes", "confidence": 7}'), 1, r"a confidence in \[0, 1\], got 7"),
        (replies(b""), 1, "expected a chat completion, got ''"),
        (replies(b"\xff\x00 rubbish"), 1, "expected a chat completion, got '. rubbish'"),
        (replies(b'{"choices": []}'), 1, 'expected a chat completion, got \'{"choices"'),
        (replies(b"[" * 100_000), 1, "expected a chat completion"),
        (replies(b'{"choices": [{"message": {"content": [1]}}]}'), 1, "a text, got list"),
        (floods, 1, "a reply of at most 1048576 bytes, got a longer one"),
    ],
    ids=[
        "401",
        "403",
        "404",
        "400",
        "redirected",
        "429 for longer than the time limit",
        "500 with a page",
        "closed",
        "empty",
        "null",
        "no JSON",
        "long",
        "confidence out of range",
        "empty body",
        "rubbish",
        "no choices",
        "deep",
        "no text",
        "endless",
    ],
)
def test_useless_replies_are_told_in_one_line(act: Act, tries: int, message: str) -> None:
    with chat_server(act) as server, pytest.raises(ReasoningError, match=message) as caught:
        ask(server, retries=1)
    assert len(server.requests) == tries
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("act", [never_answers, drips_headers, drips_body])
def test_time_limit_holds_whatever_the_server_does(act: Act) -> None:
    message = "expected an answer within 1 s, got none$"
    with chat_server(act) as server:
        with pytest.raises(ReasoningError, match=message):
            ask(server, timeout_s=1.0, retries=2)
        assert server.hung_up.wait(20)
    assert len(server.requests) == 1
    assert join_threads() == []


def test_time_limit_holds_for_all_tries_together() -> None:
    with chat_server(fails(500), never_answers) as server:
        with pytest.raises(ReasoningError, match=r"within 5 s, got none; before that: .* HTTP 500"):
            ask(server, timeout_s=5.0, retries=5)
        assert server.hung_up.wait(20)
    assert len(server.requests) == 2


def test_no_try_is_begun_that_would_come_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "FIRST_PAUSE_S", 60.0)
    with chat_server(fails(500)) as server, pytest.raises(ReasoningError, match="got HTTP 500"):
        ask(server, timeout_s=30.0, retries=10)
    assert len(server.requests) == 1


def test_server_that_is_down_is_told() -> None:
    url = f"http://127.0.0.1:{unused_port()}/v1"
    with pytest.raises(ReasoningError, match=f"{url}: expected an endpoint, got no connection"):
        ask(url)


def test_unknown_host_is_told() -> None:
    with pytest.raises(ReasoningError, match="expected an endpoint, got an unknown host"):
        ask("http://nowhere.invalid/v1")


def test_time_limit_holds_while_a_host_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    found = threading.Event()

    def look_up(*_args: object, **_options: object) -> list[object]:
        found.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(ReasoningError, match=r"expected an answer within 0\.3 s, got none"):
        ask("http://slow.invalid/v1", timeout_s=0.3)
    found.set()
    assert join_threads() == []


def test_server_that_speaks_no_tls_is_told() -> None:
    with chat_server(says(REPLY)) as server, pytest.raises(ReasoningError, match="trusted TLS"):
        ask(server.url.replace("http://", "https://"))


def test_key_is_sent_and_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = fails(401, f'{{"error": {{"message": "wrong key {KEY} for you"}}}}')
    with chat_server(echo) as server, pytest.raises(ReasoningError) as caught:
        ask(server)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert "wrong key *** for you" in str(caught.value)
    assert KEY not in repr(EndpointSettings(server.url, "tiny-vlm", KEY))
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    "act",
    [
        echoes(200),
        echoes(200, '{"choices": [{"message": {"content": "'),
        echoes(400),
        echoes(401, "wrong: "),
        says(f"You sent Bearer {KEY}."),
        says(f'{{"answer": "Bearer {KEY}", "confidence": "{KEY}"}}'),
    ],
    ids=["body", "cut body", "JSON", "text", "words", "confidence"],
)
def test_key_that_a_server_repeats_is_hidden(act: Act) -> None:
    with chat_server(act) as server, pytest.raises(ReasoningError) as caught:
        ask(server)
    assert KEY not in str(caught.value)
    assert KEY[:6] not in str(caught.value)


@pytest.mark.parametrize("most", range(1, 40))
def test_of_a_key_at_the_end_of_what_is_read_nothing_is_left(most: int) -> None:
    told = hide_key(f"header: {KEY} and {KEY}"[:most], KEY)
    assert KEY not in told
    assert len(KEY) < 4 or not told.endswith(KEY[:4])


def test_key_in_an_answer_is_hidden() -> None:
    with chat_server(says(REPLY.replace("rains", KEY))) as server:
        assert ask(server).text == "It ***."


def test_words_that_stand_for_no_key_are_left_alone() -> None:
    with chat_server(says(REPLY.replace("rains", "is EMPTY"))) as server:
        reasoner = EndpointReasoner(EndpointSettings(server.url, "m", "EMPTY"))
        assert reasoner.answer(QUESTION, window()).text == "It is EMPTY."


def test_nothing_else_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = f"http://127.0.0.1:{unused_port()}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, dead)
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-secret: secret\nAuthorization: Bearer secret")
    with chat_server(says(REPLY)) as server:
        EndpointReasoner(EndpointSettings(server.url, "tiny-vlm")).answer(QUESTION, window())
    headers = server.requests[0].headers
    needed = {"host", "content-type", "accept", "user-agent", "content-length"}
    assert headers.keys() == needed | {"x-stainless-raw-response"}
    assert "secret" not in str(headers)


@pytest.mark.parametrize("question", ["", "  ", "x" * 1001], ids=["empty", "blank", "long"])
def test_question_that_is_none_is_refused(question: str) -> None:
    with chat_server(says(REPLY)) as server, pytest.raises(ReasoningError, match="question: "):
        EndpointReasoner(EndpointSettings(server.url, "m")).answer(question, window())
    assert server.requests == []
