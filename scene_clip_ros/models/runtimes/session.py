"""The seam between the models and whatever executes an exported network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy.typing as npt

AnyArray = npt.NDArray[Any]


class Session(Protocol):
    """A network, ready to run. Called from one thread only."""

    def run(self, *inputs: AnyArray) -> list[AnyArray]:
        """Run the network once.

        Args:
            inputs: In the order of the network's inputs, C-contiguous.

        Returns:
            Its outputs in order; each may be overwritten by the next run.
        """


class Runtime(Protocol):
    """A library that executes ONNX files."""

    @property
    def name(self) -> str:
        """What users call it."""

    @property
    def version(self) -> str:
        """Version of the library; empty where it is not installed."""

    def can_run(self, *, device: str, precision: str) -> bool:
        """Whether it is installed and computes so on a device.

        Args:
            device: ``cpu``, or ``cuda`` with or without a number.
            precision: ``fp32``, ``bf16`` or ``int8``.
        """

    def load(self, network: Path, *, device: str, precision: str, cache: Path) -> Session:
        """Compile a network.

        Args:
            network: An ONNX file.
            device: As for `can_run`, which has said yes.
            precision: As for `can_run`.
            cache: An existing folder for what is compiled, of this network alone.

        Raises:
            ModelError: The library cannot run it.
        """
