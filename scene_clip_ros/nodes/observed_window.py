"""What the cameras saw in the window that a question is about. Free of ROS."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.frame_blocks import IntArray, StoredFrame
from scene_clip_ros.core.frame_query import FrameFilter
from scene_clip_ros.core.memory_snapshot import MemorySnapshot
from scene_clip_ros.core.questions.types import FrameFacts, FrameRef, Observations
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import FloatArray

MAX_OFFSET_NS = NS_PER_S
"""How far the frame that is shown of a moment may be from it: near-duplicates are not kept."""


class ObservedWindow:
    """The frames of a memory that a question is about, and those that are shown of an answer.

    Args:
        snapshot: What is kept.
        frame_filter: Which frames it is about.
    """

    def __init__(self, snapshot: MemorySnapshot, frame_filter: FrameFilter) -> None:
        """Find the frames; none is copied yet."""
        cameras = frame_filter.cameras
        blocks = [block for block in snapshot.blocks if not cameras or block.camera in cameras]
        self._dim = snapshot.dim
        self._kept = sum(len(block) for block in blocks)
        self._cameras = cameras
        self._blocks = [
            block.between(*frame_filter.span_ns(snapshot.clocks_ns[block.camera]))
            for block in blocks
        ]

    def __len__(self) -> int:
        return sum(len(block) for block in self._blocks)

    def say_why_empty(self) -> str:
        """Say in words why there is no frame; empty if there is one."""
        whose = f" of {', '.join(self._cameras)}" if self._cameras else ""
        if not self._kept:
            return f"no frame{whose} is in memory"
        if not len(self):
            return f"none of the {self._kept} frames{whose} in memory is of the time asked for"
        return ""

    def observe(self, facts: Sequence[FrameFacts], *, max_frames: int) -> Observations:
        """Return what was seen.

        Args:
            facts: What was decided, in order of time.
            max_frames: Most frames that are looked at, at even distances in their order; ≥ 1.
        """
        places = self._places(max_frames)
        return Observations(
            frames=tuple(
                FrameRef(self._blocks[block].camera, int(self._blocks[block].stamps_ns[row]))
                for block, row in places
            ),
            embeddings=self._embeddings(places),
            facts=tuple(facts),
            picture=lambda number: self._frame(places[number]).thumbnail,
        )

    def find(self, ref: FrameRef) -> StoredFrame | None:
        """Return the kept frame of a camera that is nearest to a moment; None if none is near."""
        found: tuple[int, tuple[int, int]] | None = None
        for number, block in enumerate(self._blocks):
            if block.camera != ref.camera or not len(block):
                continue
            row = _nearest(block.stamps_ns, ref.stamp_ns)
            offset_ns = abs(int(block.stamps_ns[row]) - ref.stamp_ns)
            if found is None or offset_ns < found[0]:
                found = offset_ns, (number, row)
        return self._frame(found[1]) if found and found[0] <= MAX_OFFSET_NS else None

    def _places(self, max_frames: int) -> list[tuple[int, int]]:
        """Return block and row of frames at even distances, in order of time."""
        if not len(self):
            return []
        stamps_ns = np.concatenate([block.stamps_ns for block in self._blocks])
        numbers = np.repeat(np.arange(len(self._blocks)), list(map(len, self._blocks)))
        rows = np.concatenate([np.arange(len(block)) for block in self._blocks])
        order = np.argsort(stamps_ns, kind="stable")
        if len(order) > max_frames:
            order = order[np.linspace(0, len(order) - 1, max_frames).round().astype(int)]
        return list(zip(numbers[order].tolist(), rows[order].tolist(), strict=True))

    def _embeddings(self, places: Sequence[tuple[int, int]]) -> FloatArray:
        """Return ``(N, D)`` float32 of unit length: half precision is not quite."""
        rows = np.empty((len(places), self._dim), np.float32)
        for number, (block, row) in enumerate(places):
            rows[number] = self._blocks[block].embeddings[row]
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def _frame(self, place: tuple[int, int]) -> StoredFrame:
        block, row = place
        return self._blocks[block].frame(row)


def _nearest(stamps_ns: IntArray, stamp_ns: int) -> int:
    """Return the number of the nearest of some ascending stamps."""
    after = int(np.searchsorted(stamps_ns, stamp_ns))
    candidates = range(max(0, after - 1), min(after + 1, len(stamps_ns)))
    return min(candidates, key=lambda row: abs(int(stamps_ns[row]) - stamp_ns))
