"""The command as a whole: help, examples, errors."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from scene_clip_ros.cli.command import Command
from scene_clip_ros.cli.main import COMMANDS, EXAMPLES, build_parser, main

ALL_EXAMPLES = [*EXAMPLES, *(example for command in COMMANDS for example in command.examples)]


def error_of(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Run a command that must fail and return its only line."""
    try:
        code = main(argv)
    except SystemExit as err:
        code = err.code
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def split_example(example: str) -> list[list[str]]:
    """Split a shell line into the argument lists of its calls of scene-clip."""
    calls = [shlex.split(call.split(" > ")[0]) for call in example.split("&&")]
    assert all(call[0] == "scene-clip" for call in calls)
    return [call[1:] for call in calls]


@pytest.mark.parametrize("example", ALL_EXAMPLES)
def test_examples_parse(example: str) -> None:
    for argv in split_example(example):
        assert isinstance(build_parser().parse_args(argv), argparse.Namespace)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_shows_the_examples(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([command.name, "--help"])
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    assert command.examples
    assert all(example in shown for example in command.examples)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(
        f"  {command.name} " in shown or f"  {command.name}\n" in shown for command in COMMANDS
    )


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from scene_clip_ros.cli.main import build_parser\n"
        "build_parser().format_help()\n"
        "print(*sorted({'torch', 'cv2', 'rosbags', 'numpy', 'tqdm', 'rclpy'} & sys.modules.keys()))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert loaded.strip() == ""


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith("scene-clip ")


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        ([], "the following arguments are required: COMMAND (see scene-clip --help)"),
        (["drive"], "invalid choice: 'drive'"),
        (["sim"], "expected -o PATH to say where the drive goes, got none"),
        (["sim", "--size", "1280"], "expected WIDTHxHEIGHT in pixels, e.g. 1280x720, got '1280'"),
        (["sim", "--size", "0x720"], "expected WIDTHxHEIGHT"),
        (["sim", "--seconds", "nan"], "expected a number above 0, got 'nan'"),
        (["sim", "--rate", "-1"], "expected a number above 0, got '-1'"),
        (["sim", "--jpeg-quality", "x"], "expected a whole number above 0, got 'x'"),
        (["sim", "--scenario", "moon", "-o", "moon.mcap"], "'moon'"),
        (["label", "none.mcap", "-o", "r.jsonl"], "none.mcap: expected"),
        (["score", "none.jsonl", "none.mcap"], "none"),
        (["index", "drive.mcap"], "the following arguments are required: -o/--output"),
        (["search", "drives.archive"], "expected TEXT or --image, got neither"),
        (["vocabulary", "check", "none.yaml"], "none.yaml: expected a readable vocabulary file"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_errors_are_one_line(
    argv: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = error_of(capsys, *argv)
    assert line.startswith("scene-clip: error: ")
    assert problem in line


def test_a_reader_that_leaves_is_no_error() -> None:
    run = subprocess.run(
        f"{shlex.quote(sys.executable)} -m scene_clip_ros.cli.main vocabulary show | head -c 1",
        shell=True,
        check=True,
        capture_output=True,
        text=True,
    )
    assert (run.stdout, run.stderr) == ("#", "")


def test_ctrl_c_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scene_clip_ros.core.vocabulary.load_vocabulary", interrupt)
    assert main(["vocabulary", "check", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "scene-clip: interrupted\n"
