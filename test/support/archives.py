"""Small archives of made-up embeddings, and answers to compare a search with."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.search.archive_records import SourceKey
from scene_clip_ros.search.archive_writer import ArchiveWriter

MODEL = "made-up/1"
DIM = 16
PERIOD_NS = 33_000_000


@dataclass(frozen=True, slots=True)
class Drive:
    """One source with the frames of one camera."""

    key: SourceKey
    camera: str
    stamps_ns: list[int]
    vectors: FloatArray


def unit(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: FloatArray = (vectors / lengths).astype(np.float32)
    return scaled


def draw_vectors(seed: int, count: int, *, dim: int = DIM, clusters: int = 12) -> FloatArray:
    """Return ``(N, D)`` unit vectors in clusters, as those of scenes that last a while."""
    generator = np.random.default_rng(seed)
    centres = unit(generator.standard_normal((clusters, dim)))
    members = np.sort(generator.integers(0, clusters, count))
    noise = unit(generator.standard_normal((count, dim)))
    return unit(centres[members] + 0.6 * noise + 0.4)


def make_drive(
    name: str, *, frames: int, seed: int = 0, camera: str = "front", start_ns: int = 0
) -> Drive:
    stamps_ns = [start_ns + index * PERIOD_NS for index in range(frames)]
    key = SourceKey(f"/drives/{name}.mcap", 1000 + frames, 7)
    return Drive(key, camera, stamps_ns, draw_vectors(seed, frames))


def write_archive(path: Path, drives: Sequence[Drive], *, segment_rows: int = 65_536) -> Path:
    """Add drives to an archive; cameras of one source are finished together."""
    with ArchiveWriter(path, model_id=MODEL, dim=DIM, segment_rows=segment_rows) as writer:
        for key in dict.fromkeys(drive.key for drive in drives):
            writer.add_source(key)
            for drive in (each for each in drives if each.key == key):
                writer.append(key, drive.camera, drive.stamps_ns, drive.vectors)
            writer.finish_source(key)
    return path


def files_below(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return inode, time of the last change and content of every file."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
            path.read_bytes(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def reseal(path: Path, changes: Mapping[str, Any]) -> None:
    """Change a record and give it the checksum of its new content."""
    content = json.loads(path.read_bytes())["content"] | changes
    body = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    path.write_bytes(b'{"crc32": %d, "content": %s}' % (zlib.crc32(body), body))


def replace_part(segment: Path, name: str, content: bytes) -> None:
    """Replace a file of a segment whose header holds its size and checksum, and tell the header."""
    (segment / name).write_bytes(content)
    part = {"index.bin": "index", "frames.parquet": "frames"}[name]
    sums = {"size_bytes": len(content), "crc32": zlib.crc32(content)}
    reseal(segment / "segment.json", {part: sums})
