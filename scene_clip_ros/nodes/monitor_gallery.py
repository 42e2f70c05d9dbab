"""Scales and encodes the pictures that the page shows, once for all browsers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sensor_msgs.msg import Image

from scene_clip_ros.core.errors import SceneClipError
from scene_clip_ros.media.compressed import encode_jpeg
from scene_clip_ros.media.scaling import fit_height
from scene_clip_ros.nodes.conversion import decode_compressed_image, decode_image
from scene_clip_ros.nodes.monitor_board import Board
from scene_clip_ros.nodes.monitor_messages import pack_picture, picture_head
from scene_clip_ros.nodes.monitor_pictures import Picture, PictureRing

OnError = Callable[[str, int, Exception], None]
"""Takes camera, stamp in nanoseconds and error."""


@dataclass(frozen=True, slots=True)
class GallerySettings:
    """How pictures are shown.

    Attributes:
        height_px: Larger ones are scaled down to so many lines.
        quality: Of the JPEG, in [1, 100].
        max_rate_hz: Most pictures encoded per second and camera.
    """

    height_px: int
    quality: int
    max_rate_hz: float


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture that is ready to be sent; ``number`` as in :class:`Picture`."""

    number: int
    payload: bytes


@dataclass(slots=True)
class _Camera:
    lock: asyncio.Lock
    chosen_s: float = float("-inf")
    shown: ShownPicture | None = None


class Gallery:
    """The pictures of all cameras, encoded when somebody asks for them.

    Used on the page's loop; the encoding runs on a thread of its own.

    Args:
        rings: The pictures of each camera.
        board: Knows their boxes and alerts.
        settings: How they are shown.
        on_error: Told of pictures that cannot be decoded.
    """

    def __init__(
        self,
        rings: Mapping[str, PictureRing],
        board: Board,
        settings: GallerySettings,
        *,
        on_error: OnError,
    ) -> None:
        """Start the thread with the first picture."""
        self._rings = rings
        self._board = board
        self._settings = settings
        self._on_error = on_error
        self._cameras = {camera: _Camera(asyncio.Lock()) for camera in rings}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="scene_monitor_encode")

    async def current(self, camera: str) -> ShownPicture | None:
        """Return the picture to show of a camera now; None if there is none.

        Whoever asks meanwhile gets the same one.
        """
        state = self._cameras[camera]
        async with state.lock:
            now_s = self._board.clock_s()
            if now_s - state.chosen_s < 1 / self._settings.max_rate_hz:
                return state.shown
            picture = self._rings[camera].choose(
                lambda stamp_ns: self._board.boxes_of(camera, stamp_ns) is not None
            )
            if picture is not None and not self._is_shown(state, picture):
                state.chosen_s = now_s
                state.shown = await self._encode(camera, picture) or state.shown
            return state.shown

    def close(self) -> None:
        """End the thread; waits for the picture in progress."""
        self._pool.shutdown(cancel_futures=True)

    def _is_shown(self, state: _Camera, picture: Picture) -> bool:
        return state.shown is not None and state.shown.number == picture.number

    async def _encode(self, camera: str, picture: Picture) -> ShownPicture | None:
        """Return a picture, ready; None if it cannot be decoded, and will not be chosen again."""
        loop = asyncio.get_running_loop()
        try:
            jpeg = await loop.run_in_executor(self._pool, self._jpeg, picture)
        except SceneClipError as err:
            self._rings[camera].drop(picture)
            self._on_error(camera, picture.stamp_ns, err)
            return None
        view = self._board.view(camera)
        boxes = self._board.boxes_of(camera, picture.stamp_ns) or view.boxes
        head = picture_head(camera, picture.stamp_ns, boxes=boxes, alert=view.alert)
        return ShownPicture(picture.number, pack_picture(head, jpeg))

    def _jpeg(self, picture: Picture) -> bytes:
        """Decode, scale and encode; runs on the encoding thread.

        Raises:
            ImageError: The message is malformed.
        """
        decode = decode_image if isinstance(picture.message, Image) else decode_compressed_image
        small = fit_height(decode(picture.message), max_height=self._settings.height_px)
        return encode_jpeg(small, quality=self._settings.quality)
