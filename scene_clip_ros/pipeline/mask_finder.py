"""Finds what prompts describe in frames, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.masks import FrameMask, MaskPrompts, decide_labels, measure_coverage
from scene_clip_ros.core.types import FloatArray, Frame
from scene_clip_ros.models.segmenter import PictureView, Segmenter, SegmenterInfo

PROMPTS_AT_ONCE = 32
"""Prompts of one call of the model; all calls share one look at the pictures."""

StretchPlane = Callable[[FloatArray, tuple[int, int]], FloatArray]
"""Scales an ``(h, w)`` float32 plane to width and height, bilinearly."""


class MaskFinder:
    """Marks pixels. Logits are scaled to the picture first and compared with limits then.

    Borders follow the objects so, not the cells of the model.
    """

    def __init__(self, segmenter: Segmenter, *, stretch: StretchPlane) -> None:
        """Take the model.

        Args:
            segmenter: Looks at pictures.
            stretch: Scales its logits, e.g. `scene_clip_ros.media.scaling.stretch_plane`.
        """
        self._segmenter = segmenter
        self._stretch = stretch

    @property
    def info(self) -> SegmenterInfo:
        """The loaded segmenter."""
        return self._segmenter.info

    def find(self, frames: Sequence[Frame], prompts: MaskPrompts) -> list[FrameMask]:
        """Mark what prompts describe in frames of any sizes.

        Returns:
            One mask per frame, in their order.

        Raises:
            ModelError: The model failed on at least one of the frames.
        """
        view = self.view(frames)
        parts = [self.look(view, texts) for texts in self.portions(prompts)]
        return [
            self.decide(frame, np.concatenate([part[row] for part in parts]), prompts)
            for row, frame in enumerate(frames)
        ]

    def portions(self, prompts: MaskPrompts) -> list[tuple[str, ...]]:
        """Part the texts of prompts into what the model takes at once."""
        texts = prompts.texts
        starts = range(0, len(texts), PROMPTS_AT_ONCE)
        return [texts[start : start + PROMPTS_AT_ONCE] for start in starts]

    def view(self, frames: Sequence[Frame]) -> PictureView:
        """Return frames to be looked at once, for every portion of the prompts; looks not yet."""
        return self._segmenter.view([frame.rgb for frame in frames])

    def look(self, view: PictureView, texts: Sequence[str]) -> FloatArray:
        """Run the model alone.

        Args:
            view: Of the frames; what the first portion saw of them serves the others.
            texts: A portion of the prompts.

        Returns:
            ``(N, P, h, w)`` float32 logits at its own resolution.

        Raises:
            ModelError: The model failed on at least one of the frames.
        """
        logits = view.segment(texts)
        expected = (len(texts), *self.info.size_hw)
        if logits.shape[1:] != expected:
            message = f"expected logits of shape {expected} for each frame, got {logits.shape[1:]}"
            raise ModelError(message)
        return logits

    def decide(self, frame: Frame, logits: FloatArray, prompts: MaskPrompts) -> FrameMask:
        """Mark a frame's pixels; needs no model, so any thread may do it.

        Args:
            frame: The frame.
            logits: ``(P, h, w)`` float32, what `look` said of it.
            prompts: What it was asked.
        """
        height, width = frame.rgb.shape[:2]
        labels = decide_labels(
            (self._stretch(plane, (width, height)) for plane in logits),
            prompts.limits,
            size_hw=(height, width),
        )
        coverage = measure_coverage(labels, len(prompts.texts))
        return FrameMask(frame.camera, frame.stamp_ns, labels, prompts.texts, coverage)
