"""How the threads of libraries share the cores. To be said before the libraries are imported."""

from __future__ import annotations

from collections.abc import MutableMapping

SHARING = {
    # torch's threads spin after each piece of work, and wait for each other: where a camera driver
    # or another runtime needs a core, what takes 60 ms took 700.
    "OMP_WAIT_POLICY": "PASSIVE",
    # NumPy multiplies small matrices here; its threads would wait for more and keep a core busy.
    "OPENBLAS_NUM_THREADS": "1",
}
"""Environment variables and their values."""


def share_cores(environment: MutableMapping[str, str]) -> None:
    """Let threads that have nothing to do leave their core to others; what the user has set stays.

    Args:
        environment: That of this process.
    """
    for name, value in SHARING.items():
        environment.setdefault(name, value)
