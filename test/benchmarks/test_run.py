from __future__ import annotations

import pytest
from run import BENCHMARKS, parse_arguments, run_apart


def test_every_row_runs_unless_some_are_named() -> None:
    assert parse_arguments([]).only == list(BENCHMARKS)
    assert parse_arguments(["--only", "boxes,delivery"]).only == ["boxes", "delivery"]


@pytest.mark.parametrize(
    "arguments",
    [["--only", "nothing"], ["--only", "boxes", "--markdown", "docs/benchmarks.md"]],
    ids=["unknown row", "part of a document"],
)
def test_wrong_arguments_are_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(arguments)
    assert "expected" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["math:factorial", "os:abort", "no_such_module:measure"])
def test_a_row_that_fails_or_dies_is_told_and_stops_nothing(target: str) -> None:
    outcome = run_apart("broken", target)
    assert outcome.row.name == "broken"
    assert outcome.row.value is None
    assert not outcome.row.met
    assert outcome.words
