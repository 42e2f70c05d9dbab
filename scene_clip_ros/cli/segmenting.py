"""Marks the pictures of a source, and writes and tells what was marked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from scene_clip_ros.cli.frame_names import FrameNames
from scene_clip_ros.cli.mask_files import MaskFiles
from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.cli.skip_report import SkipReport
from scene_clip_ros.core.errors import ImageError, ModelError, ParameterError
from scene_clip_ros.core.frame_sampling import RateSampler
from scene_clip_ros.core.masks import BACKGROUND, FrameMask, MaskPrompts
from scene_clip_ros.core.types import Frame, ImageArray
from scene_clip_ros.media.frame_source import FrameSource, SourceFrame
from scene_clip_ros.media.scaling import stretch_plane
from scene_clip_ros.models.segmenter import Segmenter
from scene_clip_ros.pipeline.mask_finder import MaskFinder
from scene_clip_ros.report.table import format_percent, format_table


class Segmenting:
    """One run over a source, and what came of it.

    Args:
        segmenter: Looks at pictures.
        prompts: What is marked.
        files: Takes the masks.
        as_json: Tell of each mask in a line of JSON, instead of all in a table at the end.
    """

    def __init__(
        self, segmenter: Segmenter, prompts: MaskPrompts, *, files: MaskFiles, as_json: bool
    ) -> None:
        """Prepare; nothing is read yet."""
        self._finder = MaskFinder(segmenter, stretch=stretch_plane)
        self._prompts = prompts
        self._files = files
        self._as_json = as_json
        self._coverage: list[tuple[float, ...]] = []
        self._skips = SkipReport()

    def mark_picture(self, source: FrameSource) -> None:
        """Mark a picture.

        Raises:
            ImageError: It cannot be read.
            ModelError: The model failed.
            SourceError: A file cannot be written.
        """
        (frame,) = source
        self._write(*self._mark(frame), name="")
        self._conclude()

    def mark_frames(self, source: FrameSource, *, rate_hz: float | None) -> None:
        """Mark the frames of a recording or folder; bad ones are reported and counted.

        Args:
            source: Where the frames come from.
            rate_hz: Most frames per second and camera; None: all.

        Raises:
            SourceError: The recording is damaged, or a file cannot be written.
        """
        sampler = RateSampler(rate_hz) if rate_hz else None
        names = FrameNames(source)
        for frame in with_progress(source, total=source.frame_count, label="marking"):
            name = names.name(frame)
            if sampler and not sampler.takes(frame.camera, frame.stamp_ns):
                continue
            try:
                rgb, mask = self._mark(frame)
            except (ImageError, ModelError) as err:
                self._skips.report(frame, err)
            else:
                self._write(rgb, mask, name=name)
        self._conclude()

    def _mark(self, frame: SourceFrame) -> tuple[ImageArray, FrameMask]:
        """Return the picture and its mask."""
        rgb = frame.decode()
        (mask,) = self._finder.find([Frame(frame.camera, frame.stamp_ns, rgb)], self._prompts)
        return rgb, mask

    def _write(self, rgb: ImageArray, mask: FrameMask, *, name: str) -> None:
        """Write a mask and tell of it."""
        path = self._files.write(rgb, mask, name=name)
        self._coverage.append(mask.coverage)
        if self._as_json:
            print(json.dumps(self._record(mask, path), ensure_ascii=False), flush=True)

    def _record(self, mask: FrameMask, path: Path) -> dict[str, object]:
        """Return what a line of JSON tells of a mask."""
        height, width = mask.labels.shape
        return {
            "mask": str(path),
            "camera": mask.camera,
            "stamp_ns": mask.stamp_ns,
            "size_wh": [width, height],
            "labels": [BACKGROUND, *mask.names],
            "coverage": dict(zip(mask.names, mask.coverage, strict=True)),
            "model": self._finder.info.model_id,
        }

    def _conclude(self) -> None:
        """Move the files to their names, and tell what was marked."""
        if not self._coverage:
            message = f"{self._files.output}: expected a picture that can be read, got none"
            raise ParameterError(message)
        self._files.publish()
        if self._as_json:
            return
        shares = np.array(self._coverage)
        rows = [
            (str(label), format_percent(float(share)), text)
            for label, (text, share) in enumerate(
                zip(self._prompts.texts, shares.mean(axis=0), strict=True), start=1
            )
        ]
        print(format_table(rows, header=("value", "share", "text")))
        skipped = f", {self._skips.count} skipped" if self._skips.count else ""
        masks = "1 mask" if len(shares) == 1 else f"{len(shares)} masks"
        print(f"{self._files.output}: {masks}{skipped}")
