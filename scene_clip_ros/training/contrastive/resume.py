"""Goes on with the run of a folder, if it is the same one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.media.output_check import check_output
from scene_clip_ros.report.fit_rows import read_rows, write_rows
from scene_clip_ros.training.contrastive.fit import ContrastiveFit

CHECKPOINT_FILE = "checkpoint.pt"
METRICS_FILE = "metrics.jsonl"

_EARLY_FILES = (METRICS_FILE, "checkpoint.part")
"""What a run that was cut off early leaves, see `save_state`."""


def check_folder(folder: Path, *, data: Iterable[str]) -> None:
    """Refuse a folder whose use would replace files of others, before anything is read.

    Args:
        folder: Where a model is to go; need not be there.
        data: Pictures with captions, as for `find_pairs`.

    Raises:
        SourceError: The folder is one of the data, or lies in one.
        ParameterError: It is a file, or holds something without being that of a run.
    """
    check_output(folder, recordings=filter(Path.is_dir, map(Path, data)), overwrite=True)
    if not folder.exists():
        return
    if not folder.is_dir():
        message = f"{folder}: expected a folder, got a file"
        raise ParameterError(message)
    strange = sorted(path.name for path in folder.iterdir() if path.name not in _EARLY_FILES)
    if strange and not (folder / CHECKPOINT_FILE).exists():
        message = f"{folder}: expected a new folder, or that of a run, got one with {strange[0]}"
        raise ParameterError(message)


def resume(fit: ContrastiveFit, folder: Path, identity: str) -> None:
    """Take over the checkpoint of a folder, and cut its metrics back to it.

    Args:
        fit: Before its first step.
        folder: Checked by `check_folder`; created if it is not there.
        identity: All that shapes the run, as a JSON object.

    Raises:
        ParameterError: The run is another one.
        ModelError: The checkpoint cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, metrics = folder / CHECKPOINT_FILE, folder / METRICS_FILE
    if checkpoint.exists():
        state = _read(checkpoint)
        _check_identity(folder, json.loads(state["identity"]), json.loads(identity))
        fit.restore(state)
    write_rows(metrics, [row for row in read_rows(metrics) if row.step <= fit.step and fit.step])


def _read(path: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        state["identity"]
    except Exception as err:
        reason = " ".join(str(err).split())[:120]
        message = f"{path}: expected the checkpoint of a run, got {reason}"
        raise ModelError(message) from err
    return state


def _check_identity(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    for name, value in now.items():
        if before.get(name) != value:
            message = (
                f"{folder}: expected the run that began there, with {name} "
                f"{str(before.get(name))[:80]}, got {str(value)[:80]}; choose another folder"
            )
            raise ParameterError(message)
