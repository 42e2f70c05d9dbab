"""What the player can play: recordings, and drives that are rendered while they play."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qsl

from scene_clip_ros.core.errors import ParameterError, SourceError
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.zone import PinholeCamera
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.frame_source import DEFAULT_CAMERA, FrameSource, optical_frame
from scene_clip_ros.media.sources import open_source
from scene_clip_ros.media.truth import read_truth
from scene_clip_ros.sim.drive import Drive
from scene_clip_ros.sim.scenario import make_scenario

LIVE_PREFIX = "sim:"


@dataclass(frozen=True, slots=True)
class _DriveOptions:
    """What ``sim:SCENARIO?…`` may say about the drive."""

    seed: int = 7
    seconds: float = 20.0
    size: tuple[int, int] = (1280, 720)
    rate: float = 10.0


@dataclass(frozen=True, slots=True)
class PlayedFrame:
    """One picture to publish.

    Attributes:
        camera: Name of the camera.
        stamp_ns: Time in the drive, nanoseconds.
        frame_id: Optical frame of the camera.
        decode: Returns the ``(H, W, 3)`` uint8 RGB picture, or raises ``ImageError``.
        truth: Ground truth as a JSON object; None where there is none.
    """

    camera: str
    stamp_ns: int
    frame_id: str
    decode: Callable[[], ImageArray]
    truth: str | None = None


class PlayerSource(Protocol):
    """Pictures in time order, from the first one on whenever it is iterated over."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras."""

    @property
    def frame_count(self) -> int | None:
        """Frames of all cameras together; None where nobody knows before the end."""

    def calibration(self, camera: str) -> PinholeCamera | None:
        """Return one of ``cameras``; None where nobody knows.

        Raises:
            SourceError: The recorded calibration makes no sense.
        """

    def __iter__(self) -> Iterator[PlayedFrame]:
        """Yield the frames."""

    def close(self) -> None:
        """Release what is open; may be called again."""


def open_player_source(source: str, *, camera: str = "") -> PlayerSource:
    """Open a recording, or prepare a drive.

    Args:
        source: A path, or ``sim:SCENARIO?seed=7&seconds=20&size=1280x720&rate=10``.
        camera: Name of the only camera; of a bag, the camera to play. Empty: as the source says.

    Raises:
        SourceError: The recording cannot be opened.
        ParameterError: An option of the drive is unknown or malformed.
        SimulationError: There is no such scenario.
    """
    if source.startswith(LIVE_PREFIX):
        return LiveDrive.parse(source, camera=camera or DEFAULT_CAMERA)
    return Recording(open_source(source, cameras=[camera] if camera else None), source)


class Recording:
    """A bag, a video or a folder, with the ground truth that lies with it.

    Args:
        source: The opened recording.
        path: Where it is.
    """

    def __init__(self, source: FrameSource, path: str) -> None:
        """Read the truth, if there is one."""
        self._source = source
        self._truth = _truth_by_frame(path)

    @property
    def name(self) -> str:
        """File or folder."""
        return self._source.name

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras."""
        return self._source.cameras

    @property
    def frame_count(self) -> int | None:
        """Frames of all cameras together; None where nobody knows before the end."""
        return self._source.frame_count

    def calibration(self, camera: str) -> PinholeCamera | None:
        """Return a camera as it is recorded; only bags have calibrations.

        Raises:
            SourceError: The calibration makes no sense.
        """
        if isinstance(self._source, BagSource):
            return self._source.pinhole_camera(camera)
        return None

    def __iter__(self) -> Iterator[PlayedFrame]:
        """Yield the frames as recorded."""
        for frame in self._source:
            truth = self._truth.get((frame.camera, frame.stamp_ns))
            yield PlayedFrame(frame.camera, frame.stamp_ns, frame.frame_id, frame.decode, truth)

    def close(self) -> None:
        """Close the recording."""
        self._source.close()


class LiveDrive:
    """A drive that is rendered frame by frame.

    Args:
        drive: What is rendered.
        name: What to call it in messages.
    """

    def __init__(self, drive: Drive, name: str) -> None:
        """Render nothing yet."""
        self._drive = drive
        self.name = name
        self.cameras: tuple[str, ...] = (drive.camera_name,)
        self.frame_count: int | None = len(drive)

    @classmethod
    def parse(cls, text: str, *, camera: str) -> LiveDrive:
        """Prepare the drive that ``sim:SCENARIO?option=value&…`` describes.

        Raises:
            ParameterError: An option is unknown or malformed.
            SimulationError: There is no such scenario, or the drive makes no sense.
        """
        scenario, _, query = text.removeprefix(LIVE_PREFIX).partition("?")
        options = _parse_options(query, text)
        drive = Drive(
            make_scenario(scenario, seed=options.seed, seconds=options.seconds),
            seed=options.seed,
            seconds=options.seconds,
            size_wh=options.size,
            rate_hz=options.rate,
            camera=camera,
        )
        return cls(drive, text)

    def calibration(self, _camera: str) -> PinholeCamera | None:
        """Return the camera that is rendered."""
        return self._drive.calibration

    def __iter__(self) -> Iterator[PlayedFrame]:
        """Render the frames in order; each is drawn when it is asked for."""
        for frame in self._drive:
            camera = frame.truth.camera
            truth = json.dumps(frame.truth.to_json())
            decode = partial(_identity, frame.rgb)
            yield PlayedFrame(camera, frame.stamp_ns, optical_frame(camera), decode, truth)

    def close(self) -> None:
        """Nothing is open."""


def _identity(rgb: ImageArray) -> ImageArray:
    return rgb


def _parse_options(query: str, text: str) -> _DriveOptions:
    """Parse ``option=value&…``.

    Raises:
        ParameterError: An option is unknown or malformed.
    """
    options = _DriveOptions()
    for key, value in parse_qsl(query, keep_blank_values=True):
        try:
            options = replace(options, **{key: _parse_option(key, value)})
        except (KeyError, ValueError) as err:
            message = (
                "parameter source: expected options such as seed=7&seconds=20&size=1280x720"
                f"&rate=10, got {key}={value} in {text!r}"
            )
            raise ParameterError(message) from err
    return options


def _parse_option(key: str, value: str) -> Any:
    """Parse the value of one option.

    Raises:
        KeyError: There is no such option.
        ValueError: The value is malformed.
    """
    if key == "size":
        width, height = value.split("x")
        return int(width), int(height)
    parsers: dict[str, Callable[[str], float]] = {"seed": int, "seconds": float, "rate": float}
    return parsers[key](value)


def _truth_by_frame(path: str) -> Mapping[tuple[str, int], str]:
    """Return the truth of every frame by camera and stamp; empty where there is none."""
    try:
        records = [record.data for record in read_truth(path)]
    except SourceError:
        return {}
    return {
        (str(data.get("camera")), int(data.get("stamp_ns", -1))): json.dumps(data)
        for data in records
    }
