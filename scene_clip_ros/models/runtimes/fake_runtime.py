"""A runtime for tests of whatever chooses and uses one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from scene_clip_ros.models.runtimes.session import AnyArray, Session

Answers = Callable[..., Sequence[AnyArray]]
"""Takes the inputs of a run and returns the outputs."""


class FakeRuntime:
    """Knows what each network gives without reading it; deterministic.

    Args:
        answers: What its networks compute.
        name: What it is called.
    """

    def __init__(self, answers: Answers, *, name: str = "fake") -> None:
        """Take the answers."""
        self._answers = answers
        self._name = name
        self.loaded: list[Path] = []

    @property
    def name(self) -> str:
        """What it was called."""
        return self._name

    @property
    def version(self) -> str:
        """Always the same."""
        return "1"

    def can_run(self, *, device: str, precision: str) -> bool:
        """Everything on a CPU, but for whole numbers."""
        return device == "cpu" and precision != "int8"

    def load(
        self,
        network: Path,
        *,
        device: str,  # noqa: ARG002 (of the protocol)
        precision: str,  # noqa: ARG002
        cache: Path,  # noqa: ARG002
    ) -> Session:
        """Remember the file and return what answers."""
        self.loaded.append(network)
        return FakeSession(self._answers)


class FakeSession:
    """Answers as it is told."""

    def __init__(self, answers: Answers) -> None:
        """Take the answers."""
        self._answers = answers

    def run(self, *inputs: AnyArray) -> list[AnyArray]:
        """Return the answer."""
        return [np.asarray(output) for output in self._answers(*inputs)]
