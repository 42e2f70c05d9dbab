"""The cameras of a recording as a source of frames."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.zone import PinholeCamera
from scene_clip_ros.media.bag_calibration import read_pinhole_camera
from scene_clip_ros.media.bag_cameras import choose_topics
from scene_clip_ros.media.bag_types import IMAGE_TYPE
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagMessage, BagReader
from scene_clip_ros.media.compressed import decode_compressed
from scene_clip_ros.media.encodings import decode_raw
from scene_clip_ros.media.frame_source import SourceFrame


class BagSource:
    """Iterates over the images of a recording; see ``FrameSource``."""

    def __init__(self, path: Path | str, *, cameras: Sequence[str] | None = None) -> None:
        """Open a recording and choose its cameras.

        Args:
            path: See ``BagReader``.
            cameras: Names of cameras, or full topic names; ``None`` for all cameras.

        Raises:
            SourceError: The recording cannot be read, or lacks a camera; names the file.
        """
        self._reader = BagReader(path)
        try:
            self._topics = dict(choose_topics(self._reader.topics, cameras))
        except SourceError as err:
            self._reader.close()
            message = f"{path}: {err}"
            raise SourceError(message) from err
        self._cameras = {id(topic): camera for camera, topic in self._topics.items()}

    @property
    def reader(self) -> BagReader:
        """The recording itself, for its other topics."""
        return self._reader

    @property
    def name(self) -> str:
        """Path of the recording."""
        return str(self._reader.path)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras, sorted."""
        return tuple(sorted(self._topics))

    @property
    def camera_topics(self) -> dict[str, str]:
        """Name of the topic of each camera."""
        return {camera: topic.name for camera, topic in self._topics.items()}

    @property
    def frame_count(self) -> int:
        """Images of all cameras together."""
        return sum(topic.message_count for topic in self._topics.values())

    def pinhole_camera(self, camera: str) -> PinholeCamera | None:
        """Return a camera as its first calibration has it.

        Args:
            camera: One of ``cameras``.

        Returns:
            ``None`` if there is no ``<camera>/camera_info`` and no ``camera_info`` beside the
            images, or if the camera is uncalibrated.

        Raises:
            SourceError: The calibration makes no sense, or the recording is damaged.
        """
        beside = self._topics[camera].name.removesuffix("/compressed").rpartition("/")[0]
        for namespace in dict.fromkeys((f"/{camera}", beside)):
            pinhole = read_pinhole_camera(self._reader, f"{namespace}/camera_info")
            if pinhole is not None:
                return pinhole
        return None

    def __iter__(self) -> Iterator[SourceFrame]:
        """Yield the images in the order in which they were received."""
        for message in self._reader.messages(self._topics.values()):
            yield self._frame(message)

    def copy_to(
        self, writer: BagWriter, *, leave_out: Collection[str] = ()
    ) -> Iterator[SourceFrame]:
        """Yield the images like iteration does, and copy the whole recording on the way.

        Every message keeps its bytes, time, type and QoS. Between two frames the caller may
        write messages of its own.

        Args:
            writer: Where to copy to.
            leave_out: Names of topics that are not copied, e.g. results of an earlier run.
        """
        kept = [topic for topic in self._reader.topics if topic.name not in leave_out]
        for topic in kept:
            writer.declare(topic)
        for message in self._reader.messages(kept):
            writer.copy(message)
            if id(message.topic) in self._cameras:
                yield self._frame(message)

    def close(self) -> None:
        """Close the recording; may be called again."""
        self._reader.close()

    def __enter__(self) -> BagSource:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _frame(self, message: BagMessage) -> SourceFrame:
        """Read a message's header."""
        return read_frame(self._reader, message, camera=self._cameras[id(message.topic)])


def read_frame(reader: BagReader, message: BagMessage, *, camera: str) -> SourceFrame:
    """Read the header of an image; its pixels stay as they are.

    Args:
        reader: The recording that the message is from.
        message: An Image or CompressedImage.
        camera: Name of its camera.

    Raises:
        SourceError: The message is damaged.
    """
    image = reader.deserialize(message)
    is_raw = message.topic.msgtype == IMAGE_TYPE

    def decode() -> ImageArray:
        return _decode_image(image) if is_raw else _decode_compressed_image(image)

    return SourceFrame(
        camera=camera,
        stamp_ns=header_stamp_ns(image),
        frame_id=image.header.frame_id,
        decode=decode,
        received_ns=message.time_ns,
    )


def header_stamp_ns(message: Any) -> int:
    """Return the stamp in the header of a deserialized message, nanoseconds."""
    stamp = message.header.stamp
    return int(stamp.sec) * NS_PER_S + int(stamp.nanosec)


def _decode_image(image: Any) -> ImageArray:
    """Decode an Image message of a bag."""
    return decode_raw(
        image.data,
        encoding=image.encoding,
        width=image.width,
        height=image.height,
        step=image.step,
        is_bigendian=bool(image.is_bigendian),
    )


def _decode_compressed_image(image: Any) -> ImageArray:
    """Decode a CompressedImage message of a bag."""
    return decode_compressed(image.data, format=image.format)
