"""Files of weights: what identifies them, and how they are read without trusting them."""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.error_line import error_line

DIGEST_CHARACTERS = 12
CHUNK_BYTES = 1 << 20

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
    # Strides of zero make a large tensor of one number.
    _require_bytes(path, (tensor.nbytes for tensor in state.values()))
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}


def _read(path: Path) -> Any:
    if path.suffix == ".safetensors":
        return load_file(path)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            # torch stores tensors as they are, but would unpack what is packed.
            _require_bytes(path, (entry.file_size for entry in archive.infolist()))
    return torch.load(path, map_location="cpu", weights_only=True)


def _require_bytes(path: Path, sizes: Iterable[int]) -> None:
    """Refuse a file with a part that takes more bytes than the file has.

    Raises:
        ModelError: There is one.
    """
    has, largest = path.stat().st_size, max(sizes, default=0)
    if largest > has:
        message = f"{path}: expected parts no larger than its {has} bytes, got one of {largest}"
        raise ModelError(message)
