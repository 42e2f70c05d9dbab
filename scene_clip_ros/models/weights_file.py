"""Files of weights: what identifies them, and how they are read without trusting them."""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.error_line import error_line

DIGEST_CHARACTERS = 12
CHUNK_BYTES = 1 << 20

MAX_SHARING = 4
"""How many times the bytes of a file its tensors may take: some are stored once and used twice."""

_UNREADABLE = (
    OSError,
    SafetensorError,
    zipfile.BadZipFile,
    RuntimeError,
    EOFError,
    ValueError,
)


def weights_digest(path: Path) -> str:
    """Return the first characters of a file's SHA-256; reads the whole file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()[:DIGEST_CHARACTERS]


def check_weights(path: Path) -> None:
    """Refuse a checkpoint that unpacks to more than it has bytes.

    torch stores tensors as they are, but would unpack what is packed.

    Raises:
        ModelError: It does, or it cannot be read.
    """
    try:
        if path.suffix == ".safetensors" or not zipfile.is_zipfile(path):
            return
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except _UNREADABLE as err:
        message = f"{path}: expected a file of weights, got {error_line(err)}"
        raise ModelError(message) from err
    if unpacked > (has := path.stat().st_size):
        message = f"{path}: expected no more than its {has} bytes in it, got {unpacked}"
        raise ModelError(message)


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read tensors by name, in fp32 where they are floating-point numbers.

    Args:
        path: A safetensors file, or a checkpoint that torch loads as weights only.

    Raises:
        ModelError: The file is missing, damaged, runs code when it is loaded, or asks for more
            memory than it has bytes.
    """
    try:
        state = _read(path)
    except pickle.UnpicklingError as err:
        message = (
            f"{path}: expected weights only, got a file that runs code when it is loaded; "
            "convert it to safetensors"
        )
        raise ModelError(message) from err
    except _UNREADABLE as err:
        message = f"{path}: expected a file of weights, got {error_line(err)}"
        raise ModelError(message) from err
    if not isinstance(state, dict) or not all(isinstance(v, torch.Tensor) for v in state.values()):
        message = f"{path}: expected tensors by name, got something else"
        raise ModelError(message)
    _require_plausible(path, sum(tensor.nbytes for tensor in state.values()))
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        return load_file(path)
    check_weights(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def _require_plausible(path: Path, size: int) -> None:
    """Refuse tensors that take far more bytes than their file: strides of zero repeat a number.

    Raises:
        ModelError: They do.
    """
    most = MAX_SHARING * path.stat().st_size
    if size > most:
        message = f"{path}: expected tensors of at most {most} bytes, got {size}"
        raise ModelError(message)
