"""What is left on disk when a process is killed while it keeps a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch
from torch import nn

from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.runtimes.onnx_export import Network

KILLED_WHILE_IT_EXPORTS = """
import os, signal, sys
from pathlib import Path
import torch
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.runtimes.onnx_export import Network

class Killing(torch.nn.Module):
    def forward(self, values):
        print(*(path.name for path in Path(sys.argv[1]).rglob(".*")), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        return values

network = Network("doubling", Killing(), (torch.zeros(1, 3),), ("values",), ("doubled",))
with NetworkCache(Path(sys.argv[1])).opened(network) as folder:
    folder.exported()
"""


class Doubling(nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values * 2


def test_what_a_killed_process_had_begun_is_removed_and_made_anew(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_IT_EXPORTS, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    begun = [tmp_path.rglob(name) for name in killed.stdout.split()]
    assert [len(list(paths)) for paths in begun] == [1], killed.stderr

    network = Network(
        "doubling", Doubling(), (torch.zeros(1, 3),), inputs=("values",), outputs=("doubled",)
    )
    with NetworkCache(tmp_path).opened(network) as folder:
        assert not list(tmp_path.rglob(".*"))
        assert folder.exported().stat().st_size > 0
