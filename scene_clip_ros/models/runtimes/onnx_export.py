"""Writes networks of torch as ONNX files, which every runtime reads."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.error_line import error_line

OPSET = 17
"""Version of the operators; the newest that every supported torch and runtime knows."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network that can be exported.

    Attributes:
        identity: Tells it from all others: model, weights and part. Equal ones compute the same.
        module: In fp32, on the CPU, in evaluation mode; tensors in, tensors out.
        example: Inputs of the right shapes and types, with a batch of 2.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        free_axes: Axes that may have any length, of every input and output that has them: 0 is
            the batch.
    """

    identity: str
    module: nn.Module
    example: tuple[torch.Tensor, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    free_axes: tuple[int, ...] = (0,)


def export_onnx(network: Network, path: Path) -> None:
    """Write a network; the file appears when it is whole.

    The exporter that traces is used: the newer one needs a package of its own and takes minutes
    for what takes seconds here.

    Args:
        network: The network.
        path: The file, in a folder that exists.

    Raises:
        ModelError: torch cannot export it, or it is too large for one file (2 GB).
        OSError: The file cannot be written.
    """
    names = (*network.inputs, *network.outputs)
    # Each has names of its own: axes of one name must be of one length.
    axes = {name: {axis: f"{name}_{axis}" for axis in network.free_axes} for name in names}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as aside:
        part = Path(aside) / path.name
        try:
            with torch.no_grad(), _traceable(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                torch.onnx.export(
                    network.module,
                    network.example,
                    str(part),
                    input_names=list(network.inputs),
                    output_names=list(network.outputs),
                    dynamic_axes=axes,
                    opset_version=OPSET,
                    dynamo=False,
                )
        except OSError:
            raise
        except Exception as err:  # its errors have no common class
            message = f"expected a network that torch can export, got {error_line(err)}"
            raise ModelError(message) from err
        _require_one_file(Path(aside))
        part.replace(path)


def _require_one_file(folder: Path) -> None:
    count = len(list(folder.iterdir()))
    if count != 1:
        message = f"expected a network that fits in one ONNX file, got {count} files"
        raise ModelError(message)


@contextmanager
def _traceable() -> Iterator[None]:
    """Keep attention in parts that ONNX has operators for."""
    was_enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was_enabled)
