"""Chooses where a model runs and in which precision, by what the device does fast."""

from __future__ import annotations

import torch

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.execution import DEVICES, PRECISIONS


def choose_device(device: str) -> torch.device:
    """Return the device to run on.

    Args:
        device: ``cpu``, ``cuda``, one GPU as ``cuda:1``, or ``auto``: a GPU if there is one.

    Raises:
        ModelError: There is no such device.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device != "cpu" and device.partition(":")[0] != "cuda":
        message = f"device: expected one of {', '.join(DEVICES)}, got {device!r}"
        raise ModelError(message)
    try:
        chosen = torch.device(device)
    except RuntimeError as err:
        message = f"device: expected cuda or cuda:<number>, got {device!r}"
        raise ModelError(message) from err
    count = torch.cuda.device_count()
    if chosen.type == "cuda" and (chosen.index or 0) >= count:
        message = f"device: expected one that torch can use, got {device!r} with {count} GPUs"
        raise ModelError(message)
    return chosen


def choose_precision(precision: str, device: torch.device) -> str:
    """Return ``fp32``, ``bf16`` or ``int8``.

    Args:
        precision: One of `PRECISIONS`; ``auto`` is bf16 where the device computes it natively,
            never int8.
        device: Where the model runs.

    Raises:
        ModelError: There is no such precision.
    """
    if precision not in PRECISIONS:
        message = f"precision: expected one of {', '.join(PRECISIONS)}, got {precision!r}"
        raise ModelError(message)
    if precision != "auto":
        return precision
    return "bf16" if _is_bf16_fast(device) else "fp32"


def is_mixed(precision: str, device: torch.device) -> bool:
    """Whether a network that torch executes computes in bf16 where that is safe.

    Args:
        precision: As for `choose_precision`; int8 is for the towers of a CLIP only, what else there
            is takes what the device does fast.
        device: Where the network runs.

    Raises:
        ModelError: There is no such precision.
    """
    return choose_precision("auto" if precision == "int8" else precision, device) == "bf16"


def _is_bf16_fast(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Not public API: what is missing in a torch version is taken for a missing instruction set.
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, probe, bool)()) for probe in probes)
