from __future__ import annotations

from timing import Contender, take_turns


def test_contenders_take_turns_and_warm_up_in_every_round() -> None:
    calls: list[str] = []
    medians_ms = take_turns(
        Contender(lambda: calls.append("a"), repeats=2, warm_ups=1),
        Contender(lambda: calls.append("b"), repeats=1, warm_ups=0),
        rounds=2,
    )
    assert "".join(calls) == "aaabaaab"
    assert len(medians_ms) == 2
    assert all(median_ms >= 0 for median_ms in medians_ms)


def test_time_of_another_process_is_the_one_that_it_tells() -> None:
    told_ms = iter([7.0, 3.0, 5.0])
    [median_ms] = take_turns(
        Contender(lambda: next(told_ms), repeats=3, warm_ups=0, tells_ms=True), rounds=1
    )
    assert median_ms == 5.0
