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
from scene_clip_ros.models.runtimes.choice import Trial, Wanted, choose_session
from scene_clip_ros.models.runtimes.fake_runtime import FakeRuntime
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.runtimes.onnx_export import Network
from scene_clip_ros.models.runtimes.parity import require_parity
from scene_clip_ros.models.runtimes.session import AnyArray, Session

INPUTS = np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5


class Doubling(nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values * 2


class Countdown:
    """Work that takes as many steps of a clock as it is told."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self) -> float:
        return float(np.sum(np.arange(self.steps, dtype=np.float64)))


def double(values: AnyArray) -> list[AnyArray]:
    return [values * 2]


def turn(values: AnyArray) -> list[AnyArray]:
    """Compute something else."""
    return [values[:, ::-1]]


def fail(_values: AnyArray) -> list[AnyArray]:
    message = "expected an operator that I know, got Frobnicate"
    raise ModelError(message)


def network() -> Network:
    return Network("doubling", Doubling(), (torch.zeros(2, 3),), ("values",), ("doubled",))


def trial(*, torch_steps: int = 2_000_000) -> Trial:
    def check(session: Session) -> float:
        return require_parity(session.run(INPUTS)[0], INPUTS * 2, precision="fp32")

    return Trial(
        check=check, run=lambda session: session.run(INPUTS), run_torch=Countdown(torch_steps)
    )


def fake(name: str, answers: Callable[..., list[AnyArray]]) -> FakeRuntime:
    return FakeRuntime(answers, name=name)


def wanted(backend: str = "auto", precision: str = "fp32") -> Wanted:
    return Wanted(backend, "cpu", precision)


@pytest.fixture
def cache(tmp_path: Path) -> NetworkCache:
    return NetworkCache(tmp_path / "networks")


def test_faster_runtime_that_computes_the_same_is_chosen(cache: NetworkCache) -> None:
    choice = choose_session(
        network(), wanted(), trial(), cache=cache, runtimes=[fake("openvino", double)]
    )

    assert choice.backend == "openvino"
    assert choice.session is not None
    np.testing.assert_array_equal(choice.session.run(INPUTS)[0], INPUTS * 2)
    assert "cosine 1.00000 to fp32" in choice.reason
    assert "torch" in choice.reason


def test_torch_stays_where_nothing_is_faster(cache: NetworkCache) -> None:
    def slow(values: AnyArray) -> list[AnyArray]:
        Countdown(2_000_000)()
        return double(values)

    choice = choose_session(
        network(),
        wanted(),
        trial(torch_steps=1),
        cache=cache,
        runtimes=[fake("openvino", slow)],
    )

    assert (choice.session, choice.backend) == (None, "torch")


@pytest.mark.parametrize("backend", ["auto", "openvino"])
@pytest.mark.parametrize(
    "fault",
    [(turn, "expected a cosine of at least 0.999"), (fail, "Frobnicate")],
    ids=["wrong", "broken"],
)
def test_runtime_that_fails_is_named_aloud_and_torch_used(
    cache: NetworkCache,
    caplog: pytest.LogCaptureFixture,
    backend: str,
    fault: tuple[Callable[..., list[AnyArray]], str],
) -> None:
    answers, complaint = fault
    choice = choose_session(
        network(), wanted(backend), trial(), cache=cache, runtimes=[fake("openvino", answers)]
    )

    assert (choice.session, choice.backend) == (None, "torch")
    assert complaint in choice.reason
    [record] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert record.getMessage().startswith("openvino is not used: ")
    assert complaint in record.getMessage()


def test_wrong_runtime_does_not_keep_the_next_from_being_chosen(cache: NetworkCache) -> None:
    runtimes = [fake("openvino", turn), fake("onnxruntime", double)]

    choice = choose_session(network(), wanted(), trial(), cache=cache, runtimes=runtimes)

    assert choice.backend == "onnxruntime"


def test_what_was_fastest_is_taken_again_without_a_trial_of_the_others(
    cache: NetworkCache,
) -> None:
    first = [fake("openvino", double), fake("onnxruntime", double)]
    chosen = choose_session(network(), wanted(), trial(), cache=cache, runtimes=first).backend

    again = [fake("openvino", double), fake("onnxruntime", double)]
    choice = choose_session(network(), wanted(), trial(torch_steps=1), cache=cache, runtimes=again)

    assert choice.backend == chosen
    assert {each.name for each in again if each.loaded} == {chosen}


def test_noted_runtime_that_fails_today_is_not_used(cache: NetworkCache) -> None:
    choose_session(network(), wanted(), trial(), cache=cache, runtimes=[fake("openvino", double)])

    choice = choose_session(
        network(), wanted(), trial(), cache=cache, runtimes=[fake("openvino", turn)]
    )

    assert choice.backend == "torch"
    assert "expected a cosine" in choice.reason


def test_torch_asked_for_loads_nothing_else(cache: NetworkCache) -> None:
    runtime = fake("openvino", double)

    choice = choose_session(network(), wanted("torch"), trial(), cache=cache, runtimes=[runtime])

    assert (choice.session, choice.backend) == (None, "torch")
    assert runtime.loaded == []


def test_backend_that_is_not_there_is_refused_with_how_to_get_it(cache: NetworkCache) -> None:
    with pytest.raises(ModelError, match="pip install onnx onnxruntime"):
        choose_session(
            network(),
            wanted("onnxruntime"),
            trial(),
            cache=cache,
            runtimes=[fake("openvino", double)],
        )


def test_precision_that_nothing_computes_is_refused(cache: NetworkCache) -> None:
    with pytest.raises(ModelError, match="expected one that computes int8 on cpu, got openvino"):
        choose_session(
            network(),
            wanted(precision="int8"),
            trial(),
            cache=cache,
            runtimes=[fake("openvino", double)],
        )


def test_unknown_backend_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ModelError, match="expected one of auto, torch, openvino, onnxruntime, got"):
        wanted("tensorflow")


def test_cache_that_cannot_be_written_is_warned_about_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")

    choice = choose_session(
        network(),
        wanted(),
        trial(),
        cache=NetworkCache(tmp_path / "file"),
        runtimes=[fake("openvino", double)],
    )

    assert choice.backend == "openvino"
    assert "cannot keep compiled networks" in caplog.text
