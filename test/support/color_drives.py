"""Drives of plain colours, and the commands that make them searchable, without a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from colors import picture
from recordings import write_picture

from scene_clip_ros.cli.index import add_recordings
from scene_clip_ros.cli.main import build_parser
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.models.fake_encoder import COLOR_WORDS, FakeEncoder

START_NS = 1_700_000_000_000_000_000
STEP_NS = 100_000_000


class CountingEncoder(FakeEncoder):
    """Counts the pictures that it embeds."""

    def __init__(self, *, dim: int = 32) -> None:
        super().__init__(dim=dim)
        self.pictures = 0

    def encode_images(self, images: Sequence[ImageArray]) -> FloatArray:
        self.pictures += len(images)
        return super().encode_images(images)


def write_colors(
    path: Path, cameras: Mapping[str, Sequence[str]], *, start_ns: int = START_NS
) -> Path:
    """Write a bag in which every camera sees some colours, ten a second."""
    with BagWriter(path) as writer:
        for camera, colors in cameras.items():
            for index, color in enumerate(colors):
                rgb = picture(COLOR_WORDS[color], size_wh=(64, 36))
                write_picture(writer, camera, start_ns + index * STEP_NS, rgb, frame_id=camera)
    return path


def index(archive: Path, *inputs: Path | str, encoder: FakeEncoder | None = None) -> int:
    """Run ``scene-clip index`` and return its exit code."""
    words = ["index", *map(str, inputs), "-o", str(archive)]
    return add_recordings(encoder or FakeEncoder(), build_parser().parse_args(words))
