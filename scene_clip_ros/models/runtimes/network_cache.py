"""Keeps exported and compiled networks on disk, so that only the first start pays for them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from scene_clip_ros.models.cache_folder import default_cache_folder
from scene_clip_ros.models.runtimes.onnx_export import OPSET, Network, export_onnx

_logger = logging.getLogger(__name__)

MAX_NETWORKS = 12
"""Networks that are kept, those used last; one of ViT-B/32's towers takes some 700 MB."""

_FORMAT = 2
"""Counts the changes in what is exported of a model, and how."""


class NetworkCache:
    """One folder per network: its ONNX file, what runtimes compiled of it, and notes.

    What is cached saves time and never stops anything: where it cannot be written, everything is
    made in a temporary folder instead.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Name the folder; it is made when something is kept.

        Args:
            folder: Where the networks are; None: in `default_cache_folder`.
        """
        self._folder = folder if folder is not None else default_cache_folder() / "networks"

    @contextmanager
    def opened(self, network: Network) -> Iterator[NetworkFolder]:
        """Open the folder of a network, which is there until the block ends, and mostly longer."""
        key = f"{_FORMAT}\n{OPSET}\n{torch.__version__}\n{network.identity}"
        path = self._folder / hashlib.sha256(key.encode()).hexdigest()[:16]
        try:
            path.mkdir(parents=True, exist_ok=True)
            os.utime(path)
            lock = (path / "lock").open("w")
        except OSError as err:
            _logger.warning("%s: cannot keep compiled networks: %s", self._folder, err)
            with tempfile.TemporaryDirectory(prefix="scene_clip_") as temporary:
                yield NetworkFolder(Path(temporary), network)
            return
        self._leave_out_oldest()
        with lock:
            # Runtimes write what they compile in place: another process must not read half of it.
            fcntl.flock(lock, fcntl.LOCK_EX)
            _remove_unfinished(path)
            yield NetworkFolder(path, network)

    def _leave_out_oldest(self) -> None:
        folders = sorted(self._folder.iterdir(), key=lambda path: -path.stat().st_mtime_ns)
        for path in folders[MAX_NETWORKS:]:
            shutil.rmtree(path, ignore_errors=True)


def _remove_unfinished(folder: Path) -> None:
    """Remove what a process that was killed had begun to write; only who has the lock may."""
    for path in folder.rglob(".*"):
        shutil.rmtree(path, ignore_errors=True)


class NetworkFolder:
    """What is kept of one network."""

    def __init__(self, path: Path, network: Network) -> None:
        """Take an existing folder."""
        self._path = path
        self._network = network

    def exported(self) -> Path:
        """Return the ONNX file, exporting it if it is not there.

        Raises:
            ModelError: torch cannot export it.
            OSError: It cannot be written.
        """
        file = self._path / "network.onnx"
        if not file.exists():
            export_onnx(self._network, file)
        return file

    def compiled(self, name: str) -> Path:
        """Return a folder for what a runtime makes of it.

        Args:
            name: Runtime, version, device and precision.
        """
        folder = self._path / "".join(c if c.isalnum() or c in ".-" else "-" for c in name)
        folder.mkdir(exist_ok=True)
        return folder

    def note(self, key: str) -> str | None:
        """Return what was noted; None for nothing, or what cannot be read."""
        try:
            notes = json.loads((self._path / "notes.json").read_text(encoding="utf-8"))
            return str(notes[key])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def take_note(self, key: str, value: str) -> None:
        """Note something; without effect where it cannot be written."""
        file = self._path / "notes.json"
        try:
            notes = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
            part = file.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps({**notes, key: value}), encoding="utf-8")
            part.replace(file)
        except (OSError, ValueError, TypeError) as err:
            _logger.warning("%s: cannot note what runs fastest: %s", file, err)
