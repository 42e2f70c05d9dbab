"""How fast this machine multiplies matrices and moves memory: what no program can exceed.

    python benchmarks/limits.py

The best of several sizes and repeats, with all threads of torch: a limit is what the machine does
when nothing disturbs it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import partial

import torch
from timing import elapsed_ms

MATRIX_SIDES = (1024, 2048, 3072, 4096)
MATRIX_REPEATS = 5
MEMORY_BYTES = 512 * 2**20
MEMORY_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates of this machine.

    Attributes:
        bf16_tflops: Products of bf16 matrices, 10^12 multiplications and additions a second.
        f32_tflops: The same of f32 matrices.
        read_gbps: Reading memory, 10^9 bytes a second.
        copy_gbps: Copying memory, 10^9 bytes copied a second; each is read and written.
    """

    bf16_tflops: float
    f32_tflops: float
    read_gbps: float
    copy_gbps: float

    def bf16_ms(self, flops: float) -> float:
        """Return the milliseconds that so many operations take at the bf16 rate."""
        return flops / self.bf16_tflops / 1e9

    def read_ms(self, size_bytes: float) -> float:
        """Return the milliseconds that reading so many bytes takes."""
        return size_bytes / self.read_gbps / 1e6


def best(*measured: Limits) -> Limits:
    """Return the best of every rate: nothing makes a machine faster than it is."""
    return Limits(*(max(rates) for rates in zip(*map(astuple, measured), strict=True)))


def measure() -> Limits:
    """Measure all of them, in about 5 s on two cores."""
    data = torch.ones(MEMORY_BYTES // 4)
    target = torch.ones_like(data)
    with torch.inference_mode():
        return Limits(
            bf16_tflops=_matrix_tflops(torch.bfloat16),
            f32_tflops=_matrix_tflops(torch.float32),
            read_gbps=max(_memory_gbps(data.sum), _memory_gbps(lambda: data.dot(data))),
            copy_gbps=_memory_gbps(lambda: target.copy_(data)),
        )


def _matrix_tflops(dtype: torch.dtype) -> float:
    rates = []
    for side in MATRIX_SIDES:
        generator = torch.Generator().manual_seed(side)
        left, right = torch.randn((2, side, side), generator=generator).to(dtype)
        best_ms = _best_ms(partial(torch.matmul, left, right), MATRIX_REPEATS)
        rates.append(2 * side**3 / best_ms / 1e9)
    return max(rates)


def _memory_gbps(call: Callable[[], object]) -> float:
    return MEMORY_BYTES / _best_ms(call, MEMORY_REPEATS) / 1e6


def _best_ms(call: Callable[[], object], repeats: int) -> float:
    return min(elapsed_ms(call) for _ in range(repeats))


def main() -> int:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    limits = measure()
    print(f"bf16 matrix rate {limits.bf16_tflops:8.2f} TFLOP/s")
    print(f"f32 matrix rate  {limits.f32_tflops:8.2f} TFLOP/s")
    print(f"memory read      {limits.read_gbps:8.1f} GB/s")
    print(f"memory copied    {limits.copy_gbps:8.1f} GB/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
