"""Renders a scenario, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scene_clip_ros.core.errors import SimulationError
from scene_clip_ros.core.zone import PinholeCamera
from scene_clip_ros.sim.annotation import find_attributes, find_boxes, find_hazards, make_mask
from scene_clip_ros.sim.arrays import Picture
from scene_clip_ros.sim.captions import write_captions
from scene_clip_ros.sim.render.camera import Camera, make_camera
from scene_clip_ros.sim.render.precipitation import precipitate
from scene_clip_ros.sim.render.sensor import expose, make_sensor
from scene_clip_ros.sim.render.stage import Drawn, Moment, Stage
from scene_clip_ros.sim.render.timeline import Timeline
from scene_clip_ros.sim.script.alignment import draw_alignment
from scene_clip_ros.sim.script.storyboard import Scenario
from scene_clip_ros.sim.truth import FrameTruth, RenderedFrame

MAX_RATE_HZ = 240.0


class Drive:
    """A drive through a scenario, seen by one camera; iterate for its frames."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int,
        seconds: float,
        size_wh: tuple[int, int] = (1280, 720),
        rate_hz: float = 10.0,
        camera: str = "front",
        epoch_ns: int = 0,
    ) -> None:
        """Set a drive up; nothing is rendered yet.

        Args:
            scenario: What happens.
            seed: Of everything the scenario leaves open; equal seeds give equal pixels.
            seconds: Length, > 0.
            size_wh: Picture width and height, pixels, within [32, 8192].
            rate_hz: Frames per second, within (0, ``MAX_RATE_HZ``].
            camera: Name that the frames carry.
            epoch_ns: Stamp of the first frame, nanoseconds.

        Raises:
            SimulationError: The size, rate or length is out of range.
        """
        if not 0 < rate_hz <= MAX_RATE_HZ:
            message = f"expected a rate above 0 and up to {MAX_RATE_HZ:g} Hz, got {rate_hz}"
            raise SimulationError(message)
        if not seconds > 0:
            message = f"expected a length above 0 s, got {seconds}"
            raise SimulationError(message)
        rng = np.random.default_rng([seed, 101])
        self.scenario = scenario
        self.camera_name = camera
        self.rate_hz = rate_hz
        self.frame_count = max(1, round(seconds * rate_hz))
        self._seed = seed
        self._epoch_ns = epoch_ns
        self._camera = make_camera(size_wh, rng)
        self._sensor = make_sensor(rng)
        self._timeline = Timeline(scenario, rng)
        alignment = draw_alignment({segment.kind for segment in scenario.segments}, rng)
        far_seed = int(rng.integers(1 << 20))
        self._stage = Stage(scenario, self._camera, alignment=alignment, far_seed=far_seed)

    @property
    def camera(self) -> Camera:
        """The camera that sees the drive."""
        return self._camera

    @property
    def calibration(self) -> PinholeCamera:
        """The calibration that a recording of the drive carries."""
        camera = self._camera
        focal_xy = camera.focal_px, camera.focal_px
        return PinholeCamera((camera.width, camera.height), focal_xy, camera.centre_uv)

    def __len__(self) -> int:
        """Return the number of frames."""
        return self.frame_count

    def __iter__(self) -> Iterator[RenderedFrame]:
        """Render every frame in order."""
        return (self.render(i) for i in range(self.frame_count))

    def render(self, index: int) -> RenderedFrame:
        """Render one frame; frames may be rendered in any order.

        Args:
            index: Frame number in ``[0, len(self))``.
        """
        seconds = index / self.rate_hz
        along = self.scenario.speed * seconds
        moment = Moment(seconds, along, self._timeline.air_at(seconds, along))
        drawn = self._stage.draw(moment)
        truth = self._tell(index, moment, drawn)
        mask = make_mask(self.scenario, drawn)
        return RenderedFrame(truth.stamp_ns, self._record(index, moment, drawn), mask, truth)

    def _record(self, index: int, moment: Moment, drawn: Drawn) -> Picture:
        """Return the picture as the camera records it, through rain and snow."""
        rng = np.random.default_rng([self._seed, 7, index])
        if self.scenario.segment_at(moment.along).kind != "tunnel":
            precipitate(drawn.canvas.rgb, moment.air, rng)
        return expose(drawn.canvas.rgb, self._sensor, rng)

    def _tell(self, index: int, moment: Moment, drawn: Drawn) -> FrameTruth:
        """Return all that is known about a frame."""
        attributes = find_attributes(self.scenario, moment)
        boxes = tuple(find_boxes(self.scenario, drawn, moment))
        moving = tuple(box for box in boxes if not box.parked)
        rng = np.random.default_rng([self._seed, 13, round(moment.seconds * 1000)])
        return FrameTruth(
            camera=self.camera_name,
            stamp_ns=self._epoch_ns + round(index * 1e9 / self.rate_hz),
            attributes=attributes,
            hazards=find_hazards(boxes, height=self._camera.height),
            boxes=boxes,
            captions=write_captions(attributes, moving, self._camera.height, rng),
            events=tuple(
                (event.name, self._epoch_ns + round(event.at_s * 1e9))
                for event in self.scenario.events
                if event.at_s <= moment.seconds
            ),
        )
