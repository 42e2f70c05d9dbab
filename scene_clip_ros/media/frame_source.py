"""What every source of recorded pictures offers: bags, videos and folders alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from scene_clip_ros.core.types import ImageArray

DEFAULT_CAMERA = "front"
"""The camera of a video or folder, unless it is given a name."""


@dataclass(frozen=True, slots=True)
class SourceFrame:
    """One picture of a source, not decoded yet.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Time of capture, nanoseconds: the header's stamp in bags, the time from the
            start in videos.
        frame_id: Optical frame of the camera.
        decode: Returns the ``(H, W, 3)`` uint8 RGB picture, or raises ``ImageError``; may be
            called at any time, from any thread.
        received_ns: When the recorder of a bag received it; ``None`` elsewhere.
        file_name: Of a picture that is a file, without folders; empty elsewhere.
    """

    camera: str
    stamp_ns: int
    frame_id: str
    decode: Callable[[], ImageArray]
    received_ns: int | None = None
    file_name: str = ""


class FrameSource(Protocol):
    """A recording that can be iterated over, as often as needed, from its first frame on."""

    @property
    def name(self) -> str:
        """File or folder, for messages and progress bars."""

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras, sorted."""

    @property
    def frame_count(self) -> int | None:
        """Frames of all cameras together; ``None`` where nobody knows before the end."""

    def __iter__(self) -> Iterator[SourceFrame]:
        """Yield the frames in time order.

        Raises:
            SourceError: The source turns out to be truncated or damaged.
        """

    def close(self) -> None:
        """Release the file; may be called again."""

    def __enter__(self) -> FrameSource:
        """Return the source itself."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the source."""


def optical_frame(camera: str) -> str:
    """Return the frame id of a camera whose source names none."""
    return f"{camera}_optical_frame"
