from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from asked_window import window
from chat_server import REPLY, Act, ChatServer, chat_server, fails, says
from tiny_vlm import save_tiny_vlm

from scene_clip_ros.core.errors import ModelError, ParameterError, ReasoningError
from scene_clip_ros.core.questions.types import Answer, Observations, QuestionKind
from scene_clip_ros.models.language.reasoner_choice import load_reasoner


class Contrasts:
    """Answers every question but those with "why"; of some it says that it needs more."""

    name = "contrastive"

    def answer(self, question: str, seen: Observations) -> Answer:
        kind: QuestionKind = "language" if question.startswith("Why") else "exists"
        if kind == "language" or "unclear" in question:
            return Answer("Cannot tell: too hard.", kind, 0.0, True, (), self.name)
        return Answer("Yes.", kind, 0.9, False, seen.frames[:1], self.name)


def environ(server: ChatServer) -> dict[str, str]:
    return {
        "SCENE_CLIP_LLM_BASE_URL": server.url,
        "SCENE_CLIP_LLM_MODEL": "tiny-vlm",
        "SCENE_CLIP_LLM_RETRIES": "0",
    }


def ask(name: str, question: str, act: Act) -> tuple[Answer, int]:
    """Return the answer, and how often the endpoint was asked."""
    with chat_server(act) as server:
        reasoner = load_reasoner(name, Contrasts(), environ=environ(server))
        return reasoner.answer(question, window()), len(server.requests)


@pytest.mark.parametrize(
    ("name", "question", "backend", "asked"),
    [
        ("contrastive", "Why?", "contrastive", 0),
        ("endpoint", "Is it light?", "tiny-vlm", 1),
        ("auto", "Is it light?", "contrastive", 0),
        ("auto", "Is it unclear?", "contrastive", 0),
        ("auto", "Why did it stop?", "tiny-vlm", 1),
    ],
)
def test_reasoner_of_the_name_answers(name: str, question: str, backend: str, asked: int) -> None:
    answer, times = ask(name, question, says(REPLY))
    assert (answer.backend, times) == (backend, asked)


def test_failing_endpoint_leaves_the_abstention_and_says_why() -> None:
    answer, _ = ask("auto", "Why did it stop?", fails(500, "out of memory"))
    assert (answer.abstained, answer.kind, answer.backend) == (True, "language", "contrastive")
    assert answer.text.startswith("Cannot tell: too hard. The language model failed: http://")
    assert answer.text.endswith("got HTTP 500: out of memory")


def test_auto_without_an_endpoint_is_contrastive() -> None:
    answer = load_reasoner("auto", Contrasts(), environ={}).answer("Why?", window())
    assert answer.text == "Cannot tell: too hard."


def test_environment_of_the_process_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCENE_CLIP_LLM_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("SCENE_CLIP_LLM_MODEL", "of-the-process")
    assert load_reasoner("endpoint", Contrasts()).name == "of-the-process"
    assert load_reasoner("auto", Contrasts()).name == "contrastive or of-the-process"


def test_model_in_a_folder_answers(tmp_path: Path) -> None:
    save_tiny_vlm(tmp_path / "tiny-vlm")
    reasoner = load_reasoner(
        f"local:{tmp_path / 'tiny-vlm'}", Contrasts(), device="cpu", environ={}
    )
    assert reasoner.answer("Is it light?", window((250,))).text == "It is bright."
    assert reasoner.name == "tiny-vlm"


@pytest.mark.parametrize(
    ("name", "environment", "error", "message"),
    [
        ("gpt", {}, ParameterError, "one of auto, contrastive, endpoint, local:FOLDER, got 'gpt'"),
        ("local:", {}, ParameterError, "reasoner: expected one of"),
        ("local:/nowhere", {}, ModelError, "/nowhere: expected a folder"),
        ("endpoint", {}, ReasoningError, "SCENE_CLIP_LLM_BASE_URL: expected an OpenAI-compatible"),
        (
            "auto",
            {"SCENE_CLIP_LLM_BASE_URL": "http://localhost/v1"},
            ReasoningError,
            "SCENE_CLIP_LLM_MODEL: expected the model's name",
        ),
        ("local:/nowhere", {"SCENE_CLIP_LLM_TIMEOUT_S": "x"}, ReasoningError, "TIMEOUT_S"),
    ],
)
def test_what_cannot_be_loaded_is_told(
    name: str, environment: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        load_reasoner(name, Contrasts(), environ=environment)


def test_choosing_loads_nothing_heavy() -> None:
    program = (
        "import sys; import scene_clip_ros.models.language.reasoner_choice;"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd="/"
    )
    assert {"cv2", "open_clip", "openai", "torch", "transformers"}.isdisjoint(run.stdout.split())
