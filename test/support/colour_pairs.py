"""Pictures of one colour, with captions that say which, as files and as shards."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tiny_text import COLOURS

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.compressed import encode_png

_VALUES = {
    "red": (220, 30, 30),
    "green": (30, 180, 40),
    "blue": (30, 60, 220),
    "yellow": (230, 220, 40),
    "black": (12, 12, 12),
    "white": (245, 245, 245),
    "purple": (140, 40, 170),
    "orange": (240, 140, 20),
}

TINY_PAIRS: dict[str, Any] = {
    "embed_dim": 16,
    "vision_cfg": {
        "image_size": 16,
        "layers": 1,
        "width": 32,
        "head_width": 16,
        "patch_size": 8,
    },
    "text_cfg": {
        "context_length": 8,
        "vocab_size": 49408,
        "width": 16,
        "heads": 1,
        "layers": 1,
    },
}
"""An open_clip configuration that learns colours in a second."""


def draw_colour(name: str, number: int) -> ImageArray:
    """Return a 20 x 16 picture of a colour with a little noise of its own."""
    noise = np.random.default_rng(number).normal(scale=8.0, size=(16, 20, 3))
    return np.clip(np.array(_VALUES[name]) + noise, 0, 255).astype(np.uint8)


def colour_samples(count: int, *, wordings: int = 2) -> Iterator[tuple[str, bytes, str]]:
    """Yield name, PNG and captions, one a line, of pictures in all colours by turns."""
    for number in range(count):
        colour = COLOURS[number % len(COLOURS)]
        captions = [f"a {colour} picture\n", f"the picture of {colour}\n"][:wordings]
        yield f"{number:04d}", encode_png(draw_colour(colour, number)), "".join(captions)


def write_folder(folder: Path, count: int = 64, *, wordings: int = 2) -> Path:
    """Write pictures with a ``.txt`` beside each; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, png, captions in colour_samples(count, wordings=wordings):
        (folder / f"{name}.png").write_bytes(png)
        (folder / f"{name}.txt").write_text(captions)
    return folder


def write_shard(path: Path, count: int = 64, *, text: str = ".txt", wordings: int = 2) -> Path:
    """Write the same as a webdataset shard; return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, png, captions in colour_samples(count, wordings=wordings):
            add_member(tar, f"{name}.png", png)
            as_json = json.dumps({"captions": captions.splitlines()})
            add_member(tar, f"{name}{text}", (as_json if text == ".json" else captions).encode())
    return path


def add_member(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    """Add a file to a tar file."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))
