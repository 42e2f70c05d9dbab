from __future__ import annotations

import pytest
from machine import cpu_model, describe, instruction_sets, memory_gb

CPUINFO = """processor\t: 0
model name\t: Some CPU @ 2.60GHz
flags\t\t: fpu avx2 avx512_bf16 avx2

processor\t: 1
model name\t: Some CPU @ 2.60GHz
"""


def test_the_model_and_its_instruction_sets_are_read() -> None:
    assert cpu_model(CPUINFO) == "Some CPU @ 2.60GHz"
    assert instruction_sets(CPUINFO) == ["avx2", "avx512_bf16"]


def test_a_system_that_does_not_tell_is_named_by_its_architecture() -> None:
    assert cpu_model("")
    assert instruction_sets("") == []
    assert memory_gb("") == 0


def test_memory_is_read_in_bytes() -> None:
    assert memory_gb("MemTotal:       24000000 kB\n") == pytest.approx(24.576)


def test_the_description_names_what_figures_depend_on() -> None:
    text = describe()
    for name in ("Python", "torch", "openvino", "onnxruntime", "ROS 2"):
        assert f"{name} " in text
    assert "\n" not in text
