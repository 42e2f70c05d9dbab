"""Keeps what was decided about frames, at a steady rate. Free of ROS."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from scene_clip_ros.core.fact_log import FactLog
from scene_clip_ros.core.frame_query import FrameFilter
from scene_clip_ros.core.frame_sampling import RateSampler
from scene_clip_ros.core.questions.types import FrameFacts
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.nodes.parameters import SceneClipParameters


class FactKeeper:
    """The function ``questions``: one thread keeps facts, any other may look.

    Args:
        values: Parameters as they are now.
    """

    def __init__(self, values: SceneClipParameters) -> None:
        """Start empty."""
        self._values = values
        self._log = FactLog(values.memory.max_age_s, values.questions.max_facts)
        self._begin_grids()

    @property
    def enabled(self) -> bool:
        """Whether questions may be asked."""
        return self._values.questions.enabled

    @property
    def max_frames(self) -> int:
        """Most frames that one question is about."""
        return self._values.questions.max_frames

    def apply(self, values: SceneClipParameters) -> None:
        """Use other parameters from the next frame on; switched off, nothing is kept any more."""
        before, self._values = self._values, values
        if values.questions.rate_hz != before.questions.rate_hz:
            self._begin_grids()
        self._log.set_limits(values.memory.max_age_s, values.questions.max_facts)
        if not self._keeps:
            self.clear()

    def keep(self, result: FrameResult) -> None:
        """Keep what was decided about a frame, if anything was and its turn has come."""
        if self._keeps and self._is_due(result):
            self._log.add(FrameFacts.of(result))

    def clear(self) -> None:
        """Forget everything."""
        self._log.clear()

    def window(
        self, frame_filter: FrameFilter, clocks_ns: Mapping[str, int]
    ) -> tuple[FrameFacts, ...]:
        """Return what was decided about frames that a question is about, in order of time.

        Args:
            frame_filter: Which frames.
            clocks_ns: What the clock of each camera showed when the newest frame of any camera
                was taken, see `MemorySnapshot`; other cameras are left out.
        """
        streams = [
            self._log.window(
                frame_filter.span_ns(clock_ns)[1], frame_filter.window_s, cameras=(camera,)
            )
            for camera, clock_ns in clocks_ns.items()
            if not frame_filter.cameras or camera in frame_filter.cameras
        ]
        return tuple(heapq.merge(*streams, key=lambda facts: facts.stamp_ns))

    @property
    def _keeps(self) -> bool:
        return self._values.questions.enabled and self._values.memory.enabled

    def _begin_grids(self) -> None:
        """Sample what labels and what boxes say, each by itself: they may come at other rates."""
        rate_hz = self._values.questions.rate_hz
        self._scenes, self._boxes = RateSampler(rate_hz), RateSampler(rate_hz)

    def _is_due(self, result: FrameResult) -> bool:
        camera, stamp_ns = result.camera, result.stamp_ns
        has_scene = bool(result.attributes or result.hazards)
        scene_is_due = has_scene and self._scenes.takes(camera, stamp_ns)
        boxes_are_due = result.boxes is not None and self._boxes.takes(camera, stamp_ns)
        return scene_is_due or boxes_are_due
