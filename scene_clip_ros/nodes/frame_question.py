"""What may be asked about the frames that are kept: bounded, and refused in words. Free of ROS."""

from __future__ import annotations

from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.frame_query import FrameFilter
from scene_clip_ros.core.ranges import require_whole_in_range

MAX_TEXTS = 16
MAX_TEXT_LENGTH = 1000
MAX_HITS = 1000
"""With thumbnails, so many are some megabytes."""


@dataclass(frozen=True, slots=True)
class FrameQuestion:
    """What is looked for, and among which frames.

    Attributes:
        texts: Wordings of one thing, at most 16 of at most 1000 characters.
        image: JPEG or PNG to look alike; used without texts.
        frame_filter: Which frames may answer, and how many, at most 1000.
        thumbnails: Whether the small pictures of the frames are wanted.
    """

    texts: tuple[str, ...] = ()
    image: bytes = b""
    frame_filter: FrameFilter = FrameFilter()  # noqa: RUF009 (it is frozen)
    thumbnails: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be looked for.

        Raises:
            ParameterError: Says what was expected, then what came.
        """
        if not (self.texts or self.image):
            message = "text: expected a text, texts, or an image, got none of them"
            raise ParameterError(message)
        if len(self.texts) > MAX_TEXTS:
            message = f"texts: expected at most {MAX_TEXTS}, got {len(self.texts)}"
            raise ParameterError(message)
        if not all(text.strip() for text in self.texts):
            message = "texts: expected texts with words, got an empty one"
            raise ParameterError(message)
        longest = max(map(len, self.texts), default=0)
        if longest > MAX_TEXT_LENGTH:
            message = f"texts: expected at most {MAX_TEXT_LENGTH} characters, got {longest}"
            raise ParameterError(message)
        require_whole_in_range("top_k", self.frame_filter.top_k, (1, MAX_HITS))
