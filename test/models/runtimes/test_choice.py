"""The choice among runtimes, on fakes whose networks are right, wrong or broken."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.execution import BACKENDS
from scene_clip_ros.models.runtimes.choice import (
    RUNTIMES,
    WORTH,
    Choice,
    Trial,
    Wanted,
    choose_session,
)
from scene_clip_ros.models.runtimes.fake_runtime import FakeRuntime
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.runtimes.onnx_export import Network
from scene_clip_ros.models.runtimes.parity import require_parity
from scene_clip_ros.models.runtimes.session import AnyArray, Session

INPUTS = np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5


class Doubling(nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values * 2


class Bench:
    """A machine whose clock moves by what work costs there, and by nothing else."""

    def __init__(self, cache: NetworkCache) -> None:
        self.now_ns = 0
        self._cache = cache

    def clock_ns(self) -> int:
        return self.now_ns

    def takes(
        self, ms: float, work: Callable[..., list[AnyArray]]
    ) -> Callable[..., list[AnyArray]]:
        """Return the same work at a cost."""

        def run(*inputs: AnyArray) -> list[AnyArray]:
            self.now_ns += round(ms * 1e6)
            return work(*inputs)

        return run

    def choose(
        self,
        *runtimes: FakeRuntime,
        wanted: Wanted | None = None,
        torch_ms: float = 100.0,
    ) -> Choice:
        """Choose for a network that doubles."""

        def check(session: Session) -> float:
            return require_parity(session.run(INPUTS)[0], INPUTS * 2, precision="fp32")

        torch_work = self.takes(torch_ms, list)
        return choose_session(
            Network("doubling", Doubling(), (torch.zeros(2, 3),), ("values",), ("doubled",)),
            wanted or Wanted("auto", "cpu", "fp32"),
            Trial(check=check, run=lambda session: session.run(INPUTS), run_torch=torch_work),
            cache=self._cache,
            runtimes=runtimes,
            clock_ns=self.clock_ns,
        )


def double(values: AnyArray) -> list[AnyArray]:
    return [values * 2]


def turn(values: AnyArray) -> list[AnyArray]:
    """Compute something else."""
    return [values[:, ::-1]]


def fail(_values: AnyArray) -> list[AnyArray]:
    message = "expected an operator that I know, got Frobnicate"
    raise ModelError(message)


def fake(name: str, answers: Callable[..., list[AnyArray]]) -> FakeRuntime:
    return FakeRuntime(answers, name=name)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(NetworkCache(tmp_path / "networks"))


def test_fastest_runtime_that_computes_the_same_is_chosen(bench: Bench) -> None:
    slower = fake("openvino", bench.takes(20, double))
    faster = fake("onnxruntime", bench.takes(10, double))

    choice = bench.choose(slower, faster)

    assert choice.backend == "onnxruntime"
    assert choice.session is not None
    np.testing.assert_array_equal(choice.session.run(INPUTS)[0], INPUTS * 2)
    assert choice.reason == (
        "onnxruntime 1, cosine 1.00000 to fp32; openvino 20.0 ms, onnxruntime 10.0 ms, "
        "torch 100.0 ms"
    )


@pytest.mark.parametrize(
    ("share", "backend"),
    [(WORTH - 0.01, "openvino"), (WORTH + 0.01, "torch"), (3, "torch")],
)
def test_torch_stays_where_nothing_is_clearly_faster(
    bench: Bench, share: float, backend: str
) -> None:
    runtime = fake("openvino", bench.takes(100 * share, double))

    choice = bench.choose(runtime)

    assert (choice.backend, choice.session is None) == (backend, backend == "torch")


def test_runtime_asked_for_is_used_though_it_is_slower(bench: Bench) -> None:
    runtime = fake("openvino", bench.takes(300, double))

    choice = bench.choose(runtime, wanted=Wanted("openvino", "cpu", "fp32"))

    assert choice.backend == "openvino"


@pytest.mark.parametrize("backend", ["auto", "openvino"])
@pytest.mark.parametrize(
    "fault",
    [(turn, "expected a cosine of at least 0.999"), (fail, "Frobnicate")],
    ids=["wrong", "broken"],
)
def test_runtime_that_fails_is_named_aloud_and_torch_used(
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    backend: str,
    fault: tuple[Callable[..., list[AnyArray]], str],
) -> None:
    answers, complaint = fault
    choice = bench.choose(fake("openvino", answers), wanted=Wanted(backend, "cpu", "fp32"))

    assert (choice.session, choice.backend) == (None, "torch")
    assert complaint in choice.reason
    [record] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert record.getMessage().startswith("openvino is not used: ")
    assert complaint in record.getMessage()


def test_wrong_runtime_does_not_keep_the_next_from_being_chosen(bench: Bench) -> None:
    choice = bench.choose(fake("openvino", turn), fake("onnxruntime", double))

    assert choice.backend == "onnxruntime"


def test_what_was_fastest_is_taken_again_without_a_trial_of_the_others(bench: Bench) -> None:
    bench.choose(
        fake("openvino", bench.takes(20, double)),
        fake("onnxruntime", bench.takes(10, double)),
    )

    again = [fake("openvino", double), fake("onnxruntime", bench.takes(500, double))]
    choice = bench.choose(*again)

    assert choice.backend == "onnxruntime"
    assert {each.name for each in again if each.loaded} == {"onnxruntime"}


def test_noted_runtime_that_fails_today_is_not_used(bench: Bench) -> None:
    bench.choose(fake("openvino", double))

    choice = bench.choose(fake("openvino", turn))

    assert choice.backend == "torch"
    assert "expected a cosine" in choice.reason


def test_torch_asked_for_loads_nothing_else(bench: Bench) -> None:
    runtime = fake("openvino", double)

    choice = bench.choose(runtime, wanted=Wanted("torch", "cpu", "fp32"))

    assert (choice.session, choice.backend) == (None, "torch")
    assert runtime.loaded == []


def test_backend_that_is_not_there_is_refused_with_how_to_get_it(bench: Bench) -> None:
    wanted = Wanted("onnxruntime", "cpu", "fp32")
    with pytest.raises(ModelError, match="pip install onnx onnxruntime"):
        bench.choose(fake("openvino", double), wanted=wanted)


def test_precision_that_nothing_computes_is_refused(bench: Bench) -> None:
    wanted = Wanted("auto", "cpu", "int8")
    with pytest.raises(ModelError, match="expected one that computes int8 on cpu, got openvino"):
        bench.choose(fake("openvino", double), wanted=wanted)


def test_unknown_backend_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ModelError, match="expected one of auto, torch, openvino, onnxruntime, got"):
        Wanted("tensorflow", "cpu", "fp32")


def test_every_runtime_can_be_asked_for() -> None:
    assert ("auto", "torch", *(runtime.name for runtime in RUNTIMES)) == BACKENDS


def test_cache_that_cannot_be_written_is_warned_about_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")

    choice = Bench(NetworkCache(tmp_path / "file")).choose(fake("openvino", double))

    assert choice.backend == "openvino"
    assert "cannot keep compiled networks" in caplog.text
