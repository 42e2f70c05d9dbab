"""Runs exported networks with ONNX Runtime: on CPUs, and on GPUs with CUDA or TensorRT."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.error_line import error_line
from scene_clip_ros.models.runtimes.session import AnyArray

_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_TENSORRT = "TensorrtExecutionProvider"
_SHRUNK = ("MatMul", "Gemm")
"""What is computed in whole numbers; convolutions lose more by it than they gain."""


class OnnxRuntime:
    """ONNX Runtime with the providers that its installed build has."""

    name = "onnxruntime"

    @property
    def version(self) -> str:
        """Version of the package; empty where it is not installed."""
        return _module().__version__ if find_spec("onnxruntime") else ""

    def can_run(self, *, device: str, precision: str) -> bool:
        """Whether it is installed and computes so on a device.

        On CPUs it computes in fp32, or with the matrices of linear layers in int8, for which the
        package ``onnx`` is needed; on GPUs in fp32 with CUDA, and in bf16 with TensorRT.
        """
        if not self.version:
            return False
        if device == "cpu":
            return precision == "fp32" or (precision == "int8" and bool(find_spec("onnx")))
        wanted = {"fp32": _CUDA, "bf16": _TENSORRT}.get(precision)
        return wanted in _module().get_available_providers()

    def load(self, network: Path, *, device: str, precision: str, cache: Path) -> _Session:
        """Compile a network; matrices in int8 and TensorRT's engines are kept in ``cache``.

        Raises:
            ModelError: ONNX Runtime cannot run it.
        """
        runtime = _module()
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        # Threads that wait for more to multiply would take a core from decoding and from DDS.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            if precision == "int8":
                network = _in_whole_numbers(network, cache)
            providers = _providers(device, precision, cache)
            return _Session(runtime.InferenceSession(network, options, providers=providers))
        except Exception as err:  # its errors have no common class
            message = f"{network}: expected a network that ONNX Runtime runs, got {error_line(err)}"
            raise ModelError(message) from err


class _Session:
    def __init__(self, session: Any) -> None:
        self._session = session
        self._names = [entry.name for entry in session.get_inputs()]

    def run(self, *inputs: AnyArray) -> list[AnyArray]:
        """Run the network once."""
        try:
            outputs: list[AnyArray] = self._session.run(
                None, dict(zip(self._names, inputs, strict=True))
            )
        except Exception as err:  # its errors have no common class
            message = f"expected ONNX Runtime to run, got {error_line(err)}"
            raise ModelError(message) from err
        return outputs


def _module() -> Any:
    import onnxruntime

    return onnxruntime


def _providers(device: str, precision: str, cache: Path) -> list[Any]:
    if device == "cpu":
        return [_CPU]
    number = int(device.partition(":")[2] or 0)
    cuda = (_CUDA, {"device_id": number})
    if precision == "fp32":
        return [cuda, _CPU]
    engines = {
        "device_id": number,
        "trt_bf16_enable": True,
        "trt_engine_cache_enable": True,
        "trt_engine_cache_path": str(cache),
    }
    return [(_TENSORRT, engines), cuda, _CPU]


def _in_whole_numbers(network: Path, cache: Path) -> Path:
    """Return the network with the weights of its linear layers in int8, made once.

    Activations are scaled anew in every run, so that no pictures are needed to calibrate.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    shrunk = cache / f"{network.stem}.int8.onnx"
    if not shrunk.exists():
        with tempfile.TemporaryDirectory(dir=cache, prefix=".") as aside:
            part = Path(aside) / shrunk.name
            with _no_advice():
                quantize_dynamic(
                    network,
                    part,
                    op_types_to_quantize=list(_SHRUNK),
                    weight_type=QuantType.QInt8,
                    per_channel=True,
                )
            part.replace(shrunk)
    return shrunk


@contextmanager
def _no_advice() -> Iterator[None]:
    """Hold back what the quantizer advises through the root logger."""

    def is_other(record: logging.LogRecord) -> bool:
        return "pre-processing before quantization" not in record.getMessage()

    root = logging.getLogger()
    root.addFilter(is_other)
    try:
        yield
    finally:
        root.removeFilter(is_other)
