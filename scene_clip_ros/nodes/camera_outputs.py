"""Publishes everything that is held of one camera's frames."""

from __future__ import annotations

from dataclasses import replace

from rclpy.node import Node

from scene_clip_ros.core.masks import FrameMask
from scene_clip_ros.core.types import AttributeState, FrameResult, HazardState
from scene_clip_ros.nodes.alert_outputs import AlertOutputs
from scene_clip_ros.nodes.box_outputs import BoxOutputs
from scene_clip_ros.nodes.camera_input import CameraFrame
from scene_clip_ros.nodes.label_outputs import LabelOutputs
from scene_clip_ros.nodes.mask_outputs import Draw, MaskOutputs
from scene_clip_ros.nodes.overlay_output import OverlayOutput
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.similarity_output import THUMBNAIL_HEIGHT_PX


class CameraOutputs:
    """Every topic of one camera.

    Attributes:
        alerts: The alert.
        is_blind: Whether no box can be of anyone whom alerts look after. Boxes are not judged
            then: an alert that can only be CLEAR becomes STALE.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topics.
        camera_info_topic: Where its calibration comes from.
        model_id: Identity of the model, sent along.
        values: Parameters as they are now.
        masks: Makes the masks of the camera.
    """

    def __init__(
        self,
        node: Node,
        *,
        camera: str,
        camera_info_topic: str,
        model_id: str,
        values: SceneClipParameters,
        masks: MaskOutputs,
    ) -> None:
        """Advertise the topics."""
        self.alerts = AlertOutputs(
            node, camera=camera, camera_info_topic=camera_info_topic, values=values.alert
        )
        self.is_blind = False
        self._boxes = BoxOutputs(node, camera=camera, model_id=model_id)
        self._labels = LabelOutputs(node, camera=camera, model_id=model_id, values=values)
        self._overlay = OverlayOutput(node, camera=camera)
        self._masks = masks
        self._scene: tuple[tuple[AttributeState, ...], tuple[HazardState, ...]] = (), ()

    def is_watched(self, values: SceneClipParameters) -> bool:
        """Whether somebody looks at what is made of every picture, whatever functions get it."""
        return values.masks.enabled and self._masks.is_watched

    def least_side(self, values: SceneClipParameters) -> int | None:
        """Return what is needed of a picture that is decoded: its shortest side, pixels.

        None: all of it, since somebody looks at the overlay or at masks. Who asks `segment` has
        the newest picture decoded again.
        """
        if self.is_watched(values) or self._overlay.is_watched(values.overlay):
            return None
        thumbnail_px = values.memory.thumbnail_height_px if values.memory.enabled else 0
        return max(thumbnail_px, THUMBNAIL_HEIGHT_PX)

    def publish(self, frame: CameraFrame, result: FrameResult, values: SceneClipParameters) -> None:
        """Publish one result under the header of its frame, what is most urgent first.

        Args:
            frame: The frame, decoded.
            result: What is held of it.
            values: Parameters as they are now.
        """
        if result.boxes is not None:
            if not self.is_blind:
                self.alerts.judge(result.boxes, frame.header)
            self._boxes.publish(result.boxes, frame.header)
        self._labels.publish(result, frame.header, values)
        if "labels" in result.functions:
            self._scene = result.attributes, result.hazards
        draw = None
        if self._is_drawable(frame, result, values) and self._overlay.is_due(values.overlay):
            draw = self._drawing(frame, self._with_scene(result, values), values)
        self._masks.offer(frame, values=values.masks, draw=draw)

    def _is_drawable(
        self, frame: CameraFrame, result: FrameResult, values: SceneClipParameters
    ) -> bool:
        """Whether a frame has what an overlay is about: boxes do not belong to another frame."""
        if not frame.is_whole:  # it came before somebody looked
            return False
        if values.boxes.enabled:
            return result.boxes is not None
        return not values.labels.enabled or "labels" in result.functions

    def _with_scene(self, result: FrameResult, values: SceneClipParameters) -> FrameResult:
        """Add the labels held last to a result that has none because it was not their turn."""
        if "labels" in result.functions or not values.labels.enabled:
            return result
        attributes, hazards = self._scene
        return replace(result, attributes=attributes, hazards=hazards)

    def _drawing(
        self, frame: CameraFrame, result: FrameResult, values: SceneClipParameters
    ) -> Draw:
        """Return what draws the overlay of a frame, with what is held of its people now."""
        rgb, alert = frame.rgb, self.alerts.held
        assert rgb is not None

        def draw(mask: FrameMask | None) -> None:
            self._overlay.draw(
                rgb, result, alert=alert, header=frame.header, values=values, mask=mask
            )

        return draw
