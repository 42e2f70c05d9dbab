"""Loads a segmenter when it is needed, and has the engine run it. Free of ROS."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np

from scene_clip_ros.core.masks import FrameMask, MaskPrompts
from scene_clip_ros.core.types import Frame
from scene_clip_ros.media.scaling import stretch_plane
from scene_clip_ros.nodes.configured import LoadSegmenter
from scene_clip_ros.nodes.engine_texts import RunOnEngine, wait_for_engine
from scene_clip_ros.pipeline.mask_finder import MaskFinder


class MaskModel:
    """One segmenter for everybody; waited for on threads that may wait.

    The engine runs the model alone, a few prompts at a time, so that batches of frames go
    between, and looks at the picture once, with the first of them; everything else is done on the
    caller's thread.

    Args:
        load: Loads the segmenter; may take seconds.
        run: Runs something on the engine thread.
    """

    def __init__(self, load: LoadSegmenter, run: RunOnEngine) -> None:
        """Prepare; nothing is loaded yet."""
        self._load = load
        self._run = run
        self._lock = threading.Lock()
        self._finder: MaskFinder | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether masks can be made at once."""
        return self._finder is not None

    @property
    def is_loading(self) -> bool:
        """Whether some thread is loading the segmenter."""
        return self._lock.locked()

    @property
    def model_id(self) -> str:
        """Identity of the segmenter; empty while there is none."""
        return self._finder.info.model_id if self._finder else ""

    def load(self) -> MaskFinder:
        """Load the segmenter, unless it is; one that failed is tried again.

        Raises:
            ModelError: It cannot be found, trusted or loaded.
        """
        with self._lock:
            if self._finder is None:
                self._finder = MaskFinder(self._load(), stretch=stretch_plane)
            return self._finder

    def find(self, frame: Frame, prompts: MaskPrompts) -> FrameMask:
        """Mark a frame's pixels; loads the segmenter first, and waits for the engine.

        Raises:
            ModelError: The segmenter cannot be loaded, or failed.
            ServiceError: The engine is shutting down.
        """
        finder = self.load()
        view = finder.view([frame])
        logits = [
            wait_for_engine(self._run, partial(finder.look, view, texts))[0]
            for texts in finder.portions(prompts)
        ]
        return finder.decide(frame, np.concatenate(logits), prompts)
