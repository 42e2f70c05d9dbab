"""Runs exported networks with OpenVINO, on CPUs."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.error_line import error_line
from scene_clip_ros.models.runtimes.session import AnyArray

_HINTS = {"fp32": "f32", "bf16": "bf16"}


class OpenVinoRuntime:
    """OpenVINO's CPU plugin."""

    name = "openvino"

    @property
    def version(self) -> str:
        """Version of the package; empty where it is not installed."""
        return metadata.version("openvino") if find_spec("openvino") else ""

    def can_run(self, *, device: str, precision: str) -> bool:
        """Whether it is installed and computes so on a device."""
        return device == "cpu" and precision in _HINTS and bool(self.version)

    def load(self, network: Path, *, device: str, precision: str, cache: Path) -> _Session:  # noqa: ARG002 (of the protocol)
        """Compile a network, or take what was compiled of it before.

        Raises:
            ModelError: OpenVINO cannot run it.
        """
        import openvino

        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "CACHE_DIR": str(cache),
        }
        try:
            return _Session(openvino.Core().compile_model(network, "CPU", settings))
        except RuntimeError as err:
            message = f"{network}: expected a network that OpenVINO runs, got {error_line(err)}"
            raise ModelError(message) from err


class _Session:
    def __init__(self, compiled: Any) -> None:
        self._request = compiled.create_infer_request()
        self._outputs = len(compiled.outputs)

    def run(self, *inputs: AnyArray) -> list[AnyArray]:
        """Run the network once; inputs are read in place, outputs copied out."""
        try:
            results = self._request.infer(list(inputs), share_inputs=True)
        except RuntimeError as err:
            message = f"expected OpenVINO to run, got {error_line(err)}"
            raise ModelError(message) from err
        return [results[index] for index in range(self._outputs)]
