from __future__ import annotations

from row import Row, failed

KEYS = [
    "name",
    "value",
    "unit",
    "baseline",
    "ratio",
    "limit",
    "fraction_of_limit",
    "goal",
    "met",
]


def test_a_record_has_the_keys_of_the_results_file_and_short_numbers() -> None:
    row = Row("growth", 1.23456, "MB", None, None, None, None, "<= 1 MB", met=False)
    assert list(row.record()) == KEYS
    assert row.record()["value"] == 1.235
    assert row.record()["baseline"] is None


def test_a_row_that_failed_has_no_value_and_says_why_in_one_line() -> None:
    outcome = failed("boxes", ValueError("expected a,\ngot b"))
    assert (outcome.row.name, outcome.row.value, outcome.row.met) == ("boxes", None, False)
    assert outcome.words == "ValueError: expected a, got b"
