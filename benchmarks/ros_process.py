"""Runs a part of a measurement as a ROS process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

STOP_TIMEOUT_S = 20.0


@contextmanager
def python_process(
    arguments: Sequence[str],
    parameters: Sequence[str] = (),
    *,
    environment: Mapping[str, str],
    log: Path,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python as a ROS process until the block ends.

    Args:
        arguments: Of the interpreter: a script with its options, or ``-c`` and code.
        parameters: ROS parameters, each as ``name:=value``.
        environment: Of the process.
        log: Where its output goes. It runs in the same folder: in that of the sources, Python would
            take the package from there, where the generated messages are not.
    """
    given = [word for parameter in parameters for word in ("-p", parameter)]
    command = [sys.executable, *arguments, "--ros-args", *given]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=log.parent, env=environment, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)
