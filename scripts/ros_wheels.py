"""Make the CMake files of the ROS 2 wheels point at this environment.

The wheels are built with the interpreters of the manylinux images, and their exported targets name
the include folders of those, e.g. ``/opt/python/cp311-cp311/include/python3.11``. CMake refuses a
target whose include folder does not exist.
"""

from __future__ import annotations

import re
from pathlib import Path

PYTHON_INCLUDE = re.compile(r"/opt/python/cp\d+-cp\d+/include/python3\.\d+")
NUMPY_INCLUDE = re.compile(
    r"/opt/python/cp\d+-cp\d+/lib/python3\.\d+/site-packages/numpy/_?core/include"
)


def relocate(prefix: Path, *, python_include: str, numpy_include: str) -> int:
    """Rewrite the include folders in every CMake file of an environment.

    Args:
        prefix: The virtual environment, which is an ament prefix.
        python_include: Folder that holds ``Python.h``.
        numpy_include: Folder that holds ``numpy/ndarrayobject.h``.

    Returns:
        How many files changed; 0 if it has run before.
    """
    changed = 0
    for path in sorted((prefix / "share").rglob("*.cmake")):
        text = path.read_text(encoding="utf-8")
        relocated = PYTHON_INCLUDE.sub(lambda _: python_include, text)
        relocated = NUMPY_INCLUDE.sub(lambda _: numpy_include, relocated)
        if relocated != text:
            path.write_text(relocated, encoding="utf-8")
            changed += 1
    return changed
