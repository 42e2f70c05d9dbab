"""The node: cameras in, one engine, the outputs of every function."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future as EngineFuture
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from rclpy.clock import Clock, ClockType

from scene_clip_ros.core.errors import ParameterError, ServiceError
from scene_clip_ros.core.functions import FUNCTIONS
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.models.text_cache import TextCache
from scene_clip_ros.nodes.alert_audience import AlertAudience
from scene_clip_ros.nodes.camera_input import CameraFrame, CameraInput
from scene_clip_ros.nodes.camera_outputs import CameraOutputs
from scene_clip_ros.nodes.configured import (
    FindReasoner,
    FindSegmenter,
    LoadEncoder,
    LoadProposer,
    find_configured_reasoner,
    find_configured_segmenter,
    load_configured_encoder,
    load_configured_odd,
    load_configured_proposer,
    load_configured_vocabulary,
)
from scene_clip_ros.nodes.control_services import ControlServices
from scene_clip_ros.nodes.diagnostics import DiagnosticsReporter
from scene_clip_ros.nodes.engine_texts import EngineTexts
from scene_clip_ros.nodes.executor_queue import ExecutorQueue
from scene_clip_ros.nodes.frame_errors import FrameErrors
from scene_clip_ros.nodes.frame_services import FrameServices
from scene_clip_ros.nodes.mask_services import MaskServices
from scene_clip_ros.nodes.odd_output import OddOutput
from scene_clip_ros.nodes.parameter_server import ParameterServer
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.process import WorkingNode
from scene_clip_ros.nodes.qos import CAMERA_QOS, EVERY_PICTURE_QOS
from scene_clip_ros.nodes.replay_end import ReplayEnd
from scene_clip_ros.nodes.similarity_output import SimilarityOutputs
from scene_clip_ros.nodes.time_jumps import watch_time_jumps
from scene_clip_ros.nodes.vision_outputs import LabelInfoOutput
from scene_clip_ros.nodes.vocabulary_swaps import VocabularySwaps
from scene_clip_ros.pipeline.engine import Engine, FrameJob
from scene_clip_ros.pipeline.frame_job import EveryFrame
from scene_clip_ros.pipeline.pipeline import Pipeline

Answer = TypeVar("Answer")


class SceneClipNode(WorkingNode):
    """Labels the scenes of several cameras, finds objects in them, alerts, and remembers.

    The executor's thread receives, publishes and keeps; the engine's runs the models, but for a
    language model. Beside them one thread each searches the frames that are kept, reasons about
    them, draws how near they are to texts, and scales the masks of the topics and of the service.

    Args:
        name: Name of the node.
        defaults: Parameters that hold unless a user sets others; None: those of the table.
        load_encoder: Loads the image and text towers when the node starts.
        load_proposer: Loads the detector when the node starts with boxes switched on.
        find_reasoner: Finds what answers questions, which is loaded once they are switched on.
        find_segmenter: Finds the model of masks, which is loaded once one is wanted.
        **options: Passed on to rclpy's Node.

    Raises:
        ParameterError: A parameter given at start-up is wrong.
    """

    def __init__(
        self,
        name: str = "scene_clip",
        *,
        defaults: SceneClipParameters | None = None,
        load_encoder: LoadEncoder = load_configured_encoder,
        load_proposer: LoadProposer = load_configured_proposer,
        find_reasoner: FindReasoner = find_configured_reasoner,
        find_segmenter: FindSegmenter = find_configured_segmenter,
        **options: Any,
    ) -> None:
        """Declare the parameters; everything else waits for `start`."""
        super().__init__(name, **options)
        self._load_encoder = load_encoder
        self._load_proposer = load_proposer
        self._find_reasoner = find_reasoner
        self._find_segmenter = find_segmenter
        self._parameter_server = ParameterServer(self, defaults or SceneClipParameters())
        self._queue = ExecutorQueue(self)
        self._errors = FrameErrors(self.get_logger().error, time.monotonic)
        self._engine: Engine | None = None
        self._replay_end: ReplayEnd | None = None
        self._generation = 0
        self._published_generation = 0

    def start(self) -> None:
        """Load vocabulary and models, then subscribe and serve.

        Raises:
            VocabularyError: The vocabulary file is missing or wrong.
            OddError: So is the file that states the operational design domain.
            ModelError: A model cannot be loaded.
            ParameterError: The memory is too small for a camera, or there is no such reasoner.
            ReasoningError: The language model is not configured, or wrongly.
        """
        values = self._parameter_server.values
        vocabulary = load_configured_vocabulary(values)
        odd = load_configured_odd(values.odd, cameras=values.cameras, vocabulary=vocabulary)
        beats_hz = values.odd.heartbeat_hz
        self._odd = None if odd is None else OddOutput(self, odd, heartbeat_hz=beats_hz)
        self._audience = AlertAudience(vocabulary, self.get_logger().warning)
        encoder = self._load_encoder(values)
        self._pipeline = Pipeline(
            encoder,
            vocabulary,
            proposer=self._load_proposer(values) if values.boxes.enabled else None,
            settings=values.label_settings(),
            box_settings=values.boxes.settings(),
            rates=values.rate_limits(),
            cache=TextCache(),
        )
        for function in FUNCTIONS:
            self._pipeline.set_enabled(function, _is_enabled(values, function))
        self._masks = MaskServices(
            self,
            queue=self._queue,
            run=self._run,
            errors=self._errors,
            find_segmenter=self._find_segmenter,
            values=values,
        )
        self._outputs = {
            camera: CameraOutputs(
                self,
                camera=camera,
                camera_info_topic=topic,
                model_id=encoder.info.model_id,
                values=replace(values, alert=self._audience.with_kinds(values.alert)),
                masks=self._masks.outputs[camera],
            )
            for camera, topic in zip(values.cameras, values.camera_info_topics, strict=True)
        }
        self._similarity = SimilarityOutputs(
            self,
            cameras=values.cameras,
            queue=self._queue,
            texts=EngineTexts(self._pipeline, self._run),
            vocabulary=lambda: self._pipeline.vocabulary,
            errors=self._errors,
        )
        self._audience.judge(self._outputs.values(), values.alert)
        self._label_info = LabelInfoOutput(self)
        self._tell_queries(values)
        engine = self._make_engine(values)
        self._swaps = VocabularySwaps(
            self._pipeline,
            self._run,
            on_swap=lambda vocabulary: self._queue.put(partial(self._on_vocabulary, vocabulary)),
        )
        self._frames = FrameServices(
            self,
            queue=self._queue,
            engine=engine,
            pipeline=self._pipeline,
            values=values,
            find_reasoner=self._find_reasoner,
        )
        self._engine = engine
        engine.start()
        self._parameter_server.on_change(self._apply)
        self._serve(values, encoder)
        inputs = [
            CameraInput(
                self,
                engine,
                camera=camera,
                topic=topic,
                qos=EVERY_PICTURE_QOS if values.takes_every_frame else CAMERA_QOS,
                generation=lambda: self._generation,
                is_watched=partial(self._is_watched, camera),
                least_side=partial(self._least_side, camera),
            )
            for camera, topic in zip(values.cameras, values.topics, strict=True)
        ]
        if values.exit_after_replay:
            self._replay_end = ReplayEnd(self, engine, [each.topic for each in inputs])
        self.get_logger().info(
            f"{encoder.info.model_id} on {encoder.info.device} ({encoder.info.precision}, "
            f"{encoder.info.backend}); detector: {self._pipeline.detector_id or 'none'}; "
            f"cameras: {', '.join(values.cameras)}"
        )

    def stop(self) -> None:
        """Stop the engine; what it was asked for and has not begun is cancelled."""
        if self._engine is not None:
            self._swaps.stop()
            self._frames.stop()
            self._masks.stop()
            self._similarity.stop()
            self._engine.stop()
            self._swaps.join()
            self._frames.join()
            self._masks.join()
            self._similarity.join()
        self._queue.close()

    def has_finished(self) -> bool:
        """Whether a replay is over; cameras have no end."""
        return self._replay_end is not None and self._replay_end.is_over

    def _make_engine(self, values: SceneClipParameters) -> Engine:
        make = partial(
            Engine,
            self._pipeline,
            self._deliver,
            on_error=self._on_error,
            budget=values.latency_budget(),
        )
        if not values.takes_every_frame:
            return make()
        # What a network computes depends, in the last bits, on what else is in the batch, and that
        # depends on when frames come: each is alone.
        return make(queue=EveryFrame(values.max_waiting_mb * 1_000_000), max_batch=1)

    def _serve(self, values: SceneClipParameters, encoder: Encoder) -> None:
        """Offer the services, report to /diagnostics, watch for jumps in time."""
        assert self._engine is not None
        ControlServices(
            self,
            queue=self._queue,
            change_vocabulary=self._swaps.begin,
        )
        self._frames.offer(values)
        self._masks.start()
        self._diagnostics = DiagnosticsReporter(
            self,
            cameras=values.cameras,
            statistics=self._engine.statistics,
            errors=self._errors,
            info=encoder.info,
            detector=self._pipeline.detector,
            held_alert=lambda camera: self._outputs[camera].alerts.held,
            alert_fault=lambda: self._audience.fault,
            memory=self._frames.statistics,
            mask_model_id=lambda: self._masks.model_id,
        )
        self._report_timer = self.create_timer(
            values.diagnostics.period_s, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )
        self._jump_handle = watch_time_jumps(self, self._reset)

    def _is_watched(self, camera: str) -> bool:
        return self._outputs[camera].is_watched(self._parameter_server.values)

    def _least_side(self, camera: str) -> int | None:
        return self._outputs[camera].least_side(self._parameter_server.values)

    def _deliver(self, job: FrameJob, result: FrameResult) -> None:
        """Take a result from the engine thread."""
        frame = job.context
        assert isinstance(frame, CameraFrame)
        self._queue.put(partial(self._publish, frame, result))

    def _publish(self, frame: CameraFrame, result: FrameResult) -> None:
        if frame.generation > self._published_generation:
            self._forget(frame.generation)
        try:
            self._outputs[result.camera].publish(frame, result, self._parameter_server.values)
            if self._odd is not None and "labels" in result.functions:
                self._odd.judge(result, frame.header)
        except Exception as err:  # the worker's edge: the next frame must still come out
            self._errors.report(result.camera, result.stamp_ns, err)
        # Behind the results of the other cameras, which must not wait for a thumbnail.
        self._queue.put(partial(self._keep, frame, result))

    def _keep(self, frame: CameraFrame, result: FrameResult) -> None:
        if frame.generation != self._published_generation:
            return
        try:
            self._frames.keep(result, frame.rgb, frame_id=frame.header.frame_id)
            self._similarity.show(frame, result, self._parameter_server.values.similarity)
        except Exception as err:  # the worker's edge, as above
            self._errors.report(result.camera, result.stamp_ns, err)

    def _on_error(self, job: FrameJob, error: Exception) -> None:
        self._errors.report(job.camera, job.stamp_ns, error)

    def _report(self) -> None:
        values = self._parameter_server.values
        limits = values.diagnostics.limits()
        self._diagnostics.publish(replace(limits, may_drop=not values.takes_every_frame))

    def _reset(self) -> None:
        """Forget what was before a jump of the clock, and what is still on its way from there.

        If every frame is taken, those that wait come first; the pipeline then sees the jump by
        their stamps.
        """
        self._generation += 1
        if not self._parameter_server.values.takes_every_frame:
            self._run(self._pipeline.reset)
            self._forget(self._generation)

    def _forget(self, generation: int) -> None:
        """Forget what has been published and kept of earlier generations."""
        self._published_generation = generation
        self._frames.clear()
        self._masks.clear()
        self._similarity.clear()
        for outputs in self._outputs.values():
            outputs.alerts.reset()
        if self._odd is not None:
            self._odd.reset()

    def _run(self, call: Callable[[], Answer]) -> EngineFuture[Answer]:
        """Run something on the engine thread."""
        assert self._engine is not None
        return self._engine.run(call)

    def _on_vocabulary(self, vocabulary: Vocabulary) -> None:
        self._audience.vocabulary = vocabulary
        self._audience.judge(self._outputs.values(), self._parameter_server.values.alert)
        self._tell_queries(self._parameter_server.values)

    def _tell_queries(self, values: SceneClipParameters) -> None:
        """Tell what boxes may be of from now on."""
        if values.boxes.enabled:
            names = [query.name for query in self._audience.vocabulary.queries]
            self._label_info.tell(names, threshold=values.boxes.min_score)

    def _apply(self, old: SceneClipParameters, new: SceneClipParameters) -> None:
        """Make a change of parameters take effect.

        Raises:
            VocabularyError: The new vocabulary file cannot be used; nothing has changed.
            ServiceError: Nor as long as so many changes of it wait; nothing has changed.
            ParameterError: Boxes cannot be found or alerts not judged so; nothing has changed.
            ReasoningError: Questions cannot be answered so; nothing has changed.
            ModelError: Nor can masks be made or questions answered so; nothing has changed.
        """
        renamed = new.vocabulary != old.vocabulary
        vocabulary = load_configured_vocabulary(new) if renamed else None
        if new.boxes.enabled and self._pipeline.detector_id is None:
            message = "boxes.enabled: expected true at start-up, to load a detector, got false"
            raise ParameterError(message)
        if vocabulary is not None:
            self._swaps.require_room()
        self._masks.check(new)
        self._frames.check(new)
        # The last that may be refused: for all cameras or for none.
        self._audience.judge(self._outputs.values(), new.alert)
        self._frames.apply(new)
        self._masks.apply(new)
        self._tell_queries(new)
        if self._odd is not None:
            self._odd.apply(new.odd)
        if vocabulary is not None:
            self._swaps.replace(vocabulary).add_done_callback(self._log_failed_swap)
        self._apply_to_engine(old, new)
        self._report_timer.timer_period_ns = round(new.diagnostics.period_s * 1e9)

    def _apply_to_engine(self, old: SceneClipParameters, new: SceneClipParameters) -> None:
        """Let the engine use what has changed, from the next batch on."""
        assert self._engine is not None
        if new.label_settings() != old.label_settings():
            self._run(partial(self._pipeline.set_settings, new.label_settings()))
        if new.boxes.settings() != old.boxes.settings():
            self._run(partial(self._pipeline.set_box_settings, new.boxes.settings()))
        if new.rate_limits() != old.rate_limits():
            self._run(partial(self._pipeline.set_rates, new.rate_limits()))
        if new.latency_budget() != old.latency_budget():
            self._engine.set_budget(new.latency_budget())
        for function in FUNCTIONS:
            enabled = _is_enabled(new, function)
            if enabled != _is_enabled(old, function):
                self._run(partial(self._pipeline.set_enabled, function, enabled))

    def _log_failed_swap(self, done: EngineFuture[str]) -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None and not isinstance(error, ServiceError):  # which means the end
            self.get_logger().error(
                f"the vocabulary could not be encoded, the old one stays: {error}"
            )


def _is_enabled(values: SceneClipParameters, function: str) -> bool:
    return bool(getattr(values, function).enabled)
