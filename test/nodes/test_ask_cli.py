"""``scene-clip ask live`` asks a running node."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asked import Camera, wait_for_kept
from asked_colors import SIGNALS
from ros_world import RosWorld

from scene_clip_ros.cli.main import main
from scene_clip_ros.media.folders import read_picture
from scene_clip_ros.models.fake_encoder import COLOR_WORDS

RED_OR_GREEN = "is the signal red or green?"


@dataclass(frozen=True)
class Printed:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def problem(self) -> str:
        """The only line of ours on stderr."""
        (line,) = [line for line in self.err.splitlines() if "scene-clip" in line]
        return line


Ask = Callable[..., Printed]


@pytest.fixture
def ask(
    world: RosWorld,
    domain_id: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Ask]:
    """Run the command while the world is spun."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
    with ThreadPoolExecutor(1) as pool:

        def run(*words: str | Path) -> Printed:
            capsys.readouterr()
            code = pool.submit(main, ["ask", "live", *map(str, words)])
            world.wait_until(code.done, "the end of the command")
            return Printed(code.result(), *capsys.readouterr())

        yield run


@pytest.fixture
def node(world: RosWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that has seen red for ten seconds in front, and green behind."""
    monkeypatch.delenv("SCENE_CLIP_LLM_BASE_URL", raising=False)
    (tmp_path / "colours.yaml").write_text(SIGNALS)
    world.scene_clip(vocabulary=str(tmp_path / "colours.yaml"), cameras=["front", "rear"])
    Camera(world).show_all(["green"] * 5 + ["red"] * 5)
    Camera(world, "rear").show_all(["green"] * 10)
    wait_for_kept(world, 20)


@pytest.mark.usefixtures("node")
def test_a_script_gets_one_object_per_question(ask: Ask) -> None:
    words = ("--camera", "front", "--question", RED_OR_GREEN, "--question", "why?", "--json")

    printed = ask(*words, "--last", "3s")
    (end, why) = printed.records

    assert printed.code == 0
    assert "red" in end["answer"].lower()
    assert (end["kind"], end["abstained"], end["backend"]) == ("which", False, "contrastive")
    assert {stamp_ns // 10**9 for stamp_ns in end["evidence"]} <= {106, 107, 108, 109}
    assert (why["kind"], why["abstained"], why["evidence"]) == ("language", True, [])


@pytest.mark.usefixtures("node")
def test_a_person_gets_times_and_a_sheet(ask: Ask, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"

    printed = ask("--camera", "rear", "--question", RED_OR_GREEN, "--sheet", sheet)

    question, answer, how, first, *_ = printed.out.splitlines()
    assert question == RED_OR_GREEN
    assert "green" in answer.lower()
    assert how.endswith("contrastive")
    time, camera, _, stamp = first.split()
    assert (time[:2], camera, stamp[:2]) == ("1:", "rear", "10")
    pixels = read_picture(sheet).reshape(-1, 3).astype(int)
    assert (np.abs(pixels - COLOR_WORDS["green"]).max(axis=1) < 12).sum() > 1000


@pytest.mark.usefixtures("node")
def test_questions_come_from_a_pipe_and_a_refusal_ends_none_but_itself(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{'x' * 1001}\n{RED_OR_GREEN}\nexit\n"))

    printed = ask("--json")

    assert printed.code == 2
    assert "question: expected at most 1000 characters, got 1001" in printed.problem
    assert [record["kind"] for record in printed.records] == ["which"]


@pytest.mark.usefixtures("node")
def test_a_refusal_of_the_node_is_one_line(ask: Ask) -> None:
    printed = ask("--camera", "moon", "--question", "red?")

    assert printed.code == 2
    assert "scene_clip/ask refused: cameras: expected some of front, rear" in printed.problem


def test_a_service_that_nobody_offers_is_told(ask: Ask) -> None:
    printed = ask("--timeout", "0.2", "--service", "/car/scene_clip/ask", "--question", "red?")

    assert printed.code == 2
    assert "expected a node that offers /car/scene_clip/ask, got none within 0.2 s" in (
        printed.problem
    )
    assert "questions.enabled" in printed.problem


def test_a_name_that_no_service_can_have_is_refused(ask: Ask) -> None:
    printed = ask("--service", "a b", "--question", "red?")

    assert printed.code == 2
    assert "expected the name of a service, got 'a b'" in printed.problem


def test_a_machine_without_ros_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "scene_clip_ros.nodes.ask_client", None)

    assert main(["ask", "live", "--question", "red?"]) == 2

    assert "expected ROS 2 and the built package" in capsys.readouterr().err
