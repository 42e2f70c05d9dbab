from __future__ import annotations

import pytest
import torch

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.devices import choose_device, choose_precision, is_mixed


def test_cpu_is_always_there() -> None:
    assert choose_device("cpu") == torch.device("cpu")


def test_auto_takes_a_gpu_if_there_is_one() -> None:
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("device", ["cuda:99", "cuda:x", "tpu", "", "cpu:1"])
def test_device_that_is_not_there_is_refused(device: str) -> None:
    with pytest.raises(ModelError, match="device: expected"):
        choose_device(device)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_precision_asked_for_is_taken(precision: str) -> None:
    assert choose_precision(precision, torch.device("cpu")) == precision


def test_auto_precision_is_one_of_the_two() -> None:
    assert choose_precision("auto", torch.device("cpu")) in {"fp32", "bf16"}


def test_unknown_precision_is_refused() -> None:
    with pytest.raises(ModelError, match="expected one of auto, fp32, bf16, int8, got 'int4'"):
        choose_precision("int4", torch.device("cpu"))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_network_computes_in_bf16_as_asked(precision: str) -> None:
    assert is_mixed(precision, torch.device("cpu")) is (precision == "bf16")


def test_network_that_has_no_int8_takes_what_the_device_does_fast() -> None:
    cpu = torch.device("cpu")
    assert is_mixed("int8", cpu) is is_mixed("auto", cpu)
