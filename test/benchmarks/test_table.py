from __future__ import annotations

from pathlib import Path

import pytest
from row import Outcome, Row, failed
from table import BEGIN, END, markdown, number, print_outcome, replace_part

FAST = Outcome(
    Row("fast", 12.34, "ms", 100.0, 8.1, 6.17, 0.5, "ratio >= 5", met=True), "a call, in a loop"
)
ALONE = Outcome(Row("alone", 3.0, "MB", None, None, None, None, "<= 1 MB", met=False), "a leak")
FAILED = failed("broken", ValueError("expected one, got none"))


def test_a_table_has_the_machine_a_line_a_row_and_the_words() -> None:
    text = markdown([FAST, ALONE, FAILED], "A machine.")
    assert text.startswith("A machine.\n")
    assert "| `fast` | 12.3 ms | 100 | 8.1× | 6.17 | 50% | ratio ≥ 5 | yes |" in text
    assert "| `alone` | 3 MB |  |  |  |  | ≤ 1 MB | no |" in text
    assert "| `broken` | failed |" in text
    assert "- `fast`: a call, in a loop\n" in text


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(FAST, "8.1x | 50% of limit 6.17 | met"), (ALONE, "MISSED"), (FAILED, "failed: ValueError")],
    ids=["met", "missed", "failed"],
)
def test_a_row_is_printed_in_one_line(
    capsys: pytest.CaptureFixture[str], outcome: Outcome, said: str
) -> None:
    print_outcome(outcome)
    (line,) = capsys.readouterr().out.splitlines()
    assert outcome.row.name in line
    assert said in line
    assert outcome.words in line


def test_only_what_is_between_the_markers_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n\n{BEGIN}\nold\n{END}\n\nafter\n", encoding="utf-8")
    replace_part(document, "new\n")
    replace_part(document, "newer\n")
    text = document.read_text(encoding="utf-8")
    assert text == f"before\n\n{BEGIN}\n\nnewer\n\n{END}\n\nafter\n"


@pytest.mark.parametrize("text", ["no markers", f"{END}\n{BEGIN}\n", BEGIN], ids=str)
def test_a_document_without_markers_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    document = tmp_path / "other.md"
    document.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.md: expected"):
        replace_part(document, "new\n")
    assert document.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(1583.2, "1583"), (-0.0123, "-0.0123"), (99.96, "100"), (12.0, "12"), (0.0, "0")],
    ids=str,
)
def test_numbers_have_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text
