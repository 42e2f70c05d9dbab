"""What one benchmark found out."""

from __future__ import annotations

from dataclasses import asdict, dataclass

RecordValue = float | str | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure beside what it is judged by.

    Attributes:
        name: What was measured.
        value: The figure; None if measuring failed.
        unit: Of value, baseline and limit.
        baseline: The same, done the straightforward way, in the same run; None if there is none.
        ratio: How many times better than the baseline; None without one.
        limit: The best that this machine could do, as measured in the same run; None if there is
            none.
        fraction_of_limit: How much of that is reached, 1 being all; None without a limit.
        goal: What should be reached, in words.
        met: Whether it is.
    """

    name: str
    value: float | None
    unit: str
    baseline: float | None
    ratio: float | None
    limit: float | None
    fraction_of_limit: float | None
    goal: str
    met: bool

    def record(self) -> dict[str, RecordValue]:
        """Return what goes into a file, numbers with four digits that count."""
        return {
            key: float(f"{value:.4g}") if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row, and in words what was measured and which figures stand behind it."""

    row: Row
    words: str


def failed(name: str, error: BaseException) -> Outcome:
    """Return the row of a benchmark that ended with an error."""
    goal = "to be measured without an error"
    row = Row(name, None, "", None, None, None, None, goal, met=False)
    return Outcome(row, f"{type(error).__name__}: {' '.join(str(error).split())}")
