"""Recordings are watched once, and asked on the command line, at a prompt, or from a pipe."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asked_colors import SIGNALS
from chat_server import chat_server, closes, says
from recordings import write_picture, write_video

from scene_clip_ros.cli.main import main
from scene_clip_ros.core.vocabulary import parse_vocabulary
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.folders import read_picture
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, FakeEncoder
from scene_clip_ros.pipeline.pipeline import Pipeline

START_S = 1_700_000_000
RED_OR_BLUE = "is the signal red or blue?"
IS_GREEN = "is the signal green?"
KEYS = ["answer", "kind", "confidence", "abstained", "evidence", "backend"]


@dataclass(frozen=True)
class Printed:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Ask = Callable[..., Printed]


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCENE_CLIP_LLM_BASE_URL", raising=False)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run the command with a model that knows colours."""

    def load_pipeline(_parameters: object) -> Pipeline:
        return Pipeline(FakeEncoder(), parse_vocabulary(SIGNALS, source="colours"))

    monkeypatch.setattr("scene_clip_ros.cli.asking.load_pipeline", load_pipeline)

    def run(*words: str | Path) -> Printed:
        capsys.readouterr()
        try:
            code = main(["ask", *map(str, words)])
        except SystemExit as err:
            code = err.code
        return Printed(code, *capsys.readouterr())

    return run


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """A bag of ten frames a second: in front, red for 2 s, then blue for 1 s; behind, green."""
    path = tmp_path / "drive.mcap"
    with BagWriter(path) as writer:
        for index in range(30):
            stamp_ns = START_S * 10**9 + index * 10**8
            for camera, color in (("front", "red" if index < 20 else "blue"), ("rear", "green")):
                rgb = np.full((24, 32, 3), COLOR_WORDS[color], np.uint8)
                write_picture(writer, camera, stamp_ns, rgb)
    return path


def since_start(record: dict[str, Any]) -> list[float]:
    """Return when the evidence was taken, seconds from the start of the drive."""
    return [(stamp_ns - START_S * 10**9) / 1e9 for stamp_ns in record["evidence"]]


def test_a_script_gets_one_object(ask: Ask, drive: Path) -> None:
    printed = ask(drive, "--camera", "front", "--question", RED_OR_BLUE, "--json")

    (record,) = printed.records
    assert (printed.code, list(record)) == (0, KEYS)
    assert (record["kind"], record["abstained"], record["backend"]) == (
        "which",
        False,
        "contrastive",
    )
    assert "red" in record["answer"].lower()
    assert 0 < record["confidence"] <= 1
    assert record["evidence"]
    assert all(0 <= t_s < 2 for t_s in since_start(record))


def test_questions_are_answered_in_their_order(ask: Ask, drive: Path) -> None:
    asked = ("--question", IS_GREEN, "--question", "why?", "--question", RED_OR_BLUE)

    records = ask(drive, *asked, "--json").records

    assert [record["kind"] for record in records] == ["exists", "language", "which"]
    assert [record["abstained"] for record in records] == [False, True, False]
    assert (records[1]["confidence"], records[1]["evidence"]) == (0.0, [])


def test_cameras_and_the_last_seconds_can_be_chosen(ask: Ask, drive: Path) -> None:
    rear = ask(drive, "--camera", "rear", "--question", IS_GREEN, "--json").records[0]
    end = ask(
        drive, "--camera", "front", "--last", "0.9s", "--question", RED_OR_BLUE, "--json"
    ).records[0]

    assert rear["answer"].lower().startswith("yes")
    assert "blue" in end["answer"].lower()
    assert all(2 <= t_s < 3 for t_s in since_start(end))


def test_frames_are_watched_at_the_rate(ask: Ask, drive: Path) -> None:
    words = (drive, "--camera", "rear", "--question", IS_GREEN)

    assert "15 frames" in ask(*words).out
    assert "30 frames" in ask(*words, "--rate", "10").out


def test_a_person_reads_when_the_evidence_was_seen(ask: Ask, drive: Path) -> None:
    printed = ask(drive, "--camera", "front", "--last", "0.45s", "--question", RED_OR_BLUE)

    question, answer, how, *moments = printed.out.splitlines()
    assert question == RED_OR_BLUE
    assert "blue" in answer.lower()
    assert how.strip().startswith("confidence ")
    assert how.endswith(", contrastive")
    assert "  +0:02.500   front   stamp 1700000002.500000000" in moments


def test_a_sheet_shows_the_evidence(ask: Ask, drive: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"

    ask(drive, "--question", RED_OR_BLUE, "--question", IS_GREEN, "--sheet", sheet)

    pixels = read_picture(sheet).reshape(-1, 3).astype(int)
    for color in ("red", "green"):
        distance = np.abs(pixels - COLOR_WORDS[color]).max(axis=1)
        assert (distance < 12).sum() > 10_000, color


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (f"{IS_GREEN}\n\n  {RED_OR_BLUE}\n", ["exists", "which"]),
        (f"{IS_GREEN}\nexit\n{RED_OR_BLUE}\n", ["exists"]),
        (f"{IS_GREEN}\nQUIT\n{RED_OR_BLUE}\n", ["exists"]),
        (IS_GREEN, ["exists"]),
        ("", []),
    ],
    ids=["to the end", "exit", "quit", "no last newline", "nothing"],
)
def test_questions_come_from_a_pipe(
    ask: Ask, drive: Path, monkeypatch: pytest.MonkeyPatch, *, content: str, kinds: list[str]
) -> None:
    pipe(monkeypatch, content.encode())

    printed = ask(drive, "--json")

    assert printed.code == 0
    assert [record["kind"] for record in printed.records] == kinds
    assert "Question>" not in printed.out


def test_a_line_that_cannot_be_asked_is_told_and_the_next_is_answered(
    ask: Ask, drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, b"x" * 1001 + b"\n\xff\xfe?!\n" + RED_OR_BLUE.encode() + b"\n")

    printed = ask(drive, "--json")

    assert printed.code == 2
    assert printed.err.splitlines()[0] == (
        "scene-clip: error: question: expected at most 1000 characters, got 1001"
    )
    assert printed.records[-1]["kind"] == "which"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Type something at a real terminal."""
    ours, theirs = pty.openpty()
    stdin = os.fdopen(theirs, "r")
    monkeypatch.setattr(sys, "stdin", stdin)

    def write(keys: bytes) -> None:
        os.write(ours, keys)

    yield write
    stdin.close()
    os.close(ours)


def test_a_person_is_prompted_until_exit(
    ask: Ask, drive: Path, terminal: Callable[[bytes], None]
) -> None:
    terminal(f"{RED_OR_BLUE}\n{'x' * 1001}\n{IS_GREEN}\nexit\n".encode())

    printed = ask(drive)

    assert printed.code == 0
    assert printed.out.count("Question> ") == 4
    assert printed.out.count("confidence") == 2
    assert printed.err.splitlines() == [
        "scene-clip: error: question: expected at most 1000 characters, got 1001"
    ]


def test_the_end_of_the_input_ends_the_prompt(
    ask: Ask, drive: Path, terminal: Callable[[bytes], None]
) -> None:
    terminal(b"\x04")

    printed = ask(drive)

    assert (printed.code, printed.out, printed.err) == (0, "Question> \n", "")


class Interrupted(io.StringIO):
    """A terminal at which Ctrl-C is pressed."""

    def isatty(self) -> bool:
        return True

    def readline(self, *_args: object) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_ends_the_prompt_cleanly(
    ask: Ask, drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Interrupted())

    printed = ask(drive)

    assert (printed.code, printed.err) == (0, "")


def use_endpoint(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SCENE_CLIP_LLM_BASE_URL", url)
    monkeypatch.setenv("SCENE_CLIP_LLM_MODEL", "tiny")
    monkeypatch.setenv("SCENE_CLIP_LLM_RETRIES", "0")


def test_a_language_model_is_shown_pictures_and_its_failure_is_one_line(
    ask: Ask, drive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = says('{"answer": "It waits.", "confidence": 0.9, "evidence": [1]}')
    with chat_server(closes, reply) as server:
        use_endpoint(monkeypatch, server.url)
        printed = ask(
            drive, "--backend", "endpoint", "--question", "why?", "--question", "why now?", "--json"
        )

    assert printed.code == 2
    (line,) = printed.err.splitlines()
    assert line.startswith("scene-clip: error: ")
    assert "broken connection" in line
    (record,) = printed.records
    assert (record["answer"], record["backend"]) == ("It waits.", "tiny")
    assert len(record["evidence"]) == 1
    assert server.requests[1].pictures()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["{}/none.mp4", "--question", "red?"], "none.mp4: expected a bag, video, folder"),
        (["{}/drive.mcap", "--question", " "], "question: expected a question with words"),
        (["{}/drive.mcap", "--question", "x" * 1001], "at most 1000 characters, got 1001"),
        (["{}/drive.mcap", "--camera", "moon", "--question", "red?"], "moon"),
        (["{}/drive.mcap", "--rate", "0", "--question", "red?"], "expected a number above 0"),
        (["{}/drive.mcap", "--last", "soon", "--question", "red?"], "expected a time above 0"),
        (["{}/drive.mcap", "--backend", "oracle", "--question", "red?"], "got 'oracle'"),
        (
            ["{}/drive.mcap", "--backend", "endpoint", "--question", "red?"],
            "SCENE_CLIP_LLM_BASE_URL: expected",
        ),
        (["{}/drive.mcap", "--sheet", "a.gif", "--question", "red?"], "ends in .png or .jpg"),
        (["live", "--backend", "contrastive"], "--backend: expected a recording, got 'live'"),
        (["live", "--rate", "2"], "--rate: expected a recording, got 'live'"),
        (["live", "--no-boxes"], "--no-boxes: expected a recording, got 'live'"),
        *(
            (["live", option, "cpu"], f"{option}: expected a recording, got 'live'")
            for option in (
                *("--model", "--pretrained", "--detector", "--detector-weights"),
                *("--vocabulary", "--device", "--config"),
            )
        ),
        (["{}/drive.mcap", "--timeout", "60"], "--timeout: expected 'live', got the recording"),
        (["{}/drive.mcap", "--service", "/a/b"], "--service: expected 'live', got the recording"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, list) else "",
)
@pytest.mark.usefixtures("drive")
def test_a_mistake_is_one_line(ask: Ask, tmp_path: Path, words: list[str], problem: str) -> None:
    printed = ask(*(word.format(tmp_path) if "{}" in word else word for word in words))

    assert printed.code == 2
    (line,) = printed.err.splitlines()
    assert line.startswith("scene-clip: error: ")
    assert problem in line


def test_a_recording_of_which_nothing_can_be_watched_is_refused(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff no picture")

    printed = ask(tmp_path / "bad.jpg", "--question", "red?")

    assert printed.code == 2
    assert "bad.jpg: expected a frame that can be watched, got none" in printed.err


def test_a_process_answers_what_is_piped_into_it(tmp_path: Path) -> None:
    write_video(tmp_path / "drive.avi", frames=3, rate_hz=10.0)
    program = "import sys; from scene_clip_ros.cli.main import main; sys.exit(main())"
    words = ["ask", str(tmp_path / "drive.avi"), "--no-boxes", "--json"]

    run = subprocess.run(
        [sys.executable, "-c", program, *words],
        input="is it day or night?\nwhat is happening in the video?\nexit\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert run.returncode == 0, run.stderr
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert [record["kind"] for record in records] == ["which", "describe"]
    assert all(list(record) == KEYS for record in records)
