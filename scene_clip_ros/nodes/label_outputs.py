"""Publishes the labels and the embedding of one camera's frames."""

from __future__ import annotations

from rclpy.node import Node
from rclpy.publisher import Publisher
from std_msgs.msg import Header

from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.msg import FrameEmbedding, SceneLabels
from scene_clip_ros.nodes.conversion import embedding_message, labels_message
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.qos import RESULT_QOS, overridable
from scene_clip_ros.nodes.vision_outputs import ClassificationOutput


class LabelOutputs:
    """The topics ``labels``, ``classification`` and ``embedding`` of one camera.

    Labels that have never been switched on are not advertised: another process may publish them.

    Args:
        node: Node that publishes.
        camera: Name of the camera, prefix of the topics.
        model_id: Identity of the model, sent along.
        values: Parameters as they are now.
    """

    def __init__(
        self, node: Node, *, camera: str, model_id: str, values: SceneClipParameters
    ) -> None:
        """Advertise the topics."""
        self._node = node
        self._camera = camera
        self._model_id = model_id
        self._labels: Publisher | None = None
        self._classification: ClassificationOutput | None = None
        if values.labels.enabled:
            self._advertise_labels()
        self._embedding = self._advertise(FrameEmbedding, "embedding")

    def publish(self, result: FrameResult, header: Header, values: SceneClipParameters) -> None:
        """Publish what there is of one result under the header of its frame.

        Args:
            result: What is held of the frame.
            header: Used as it is.
            values: Parameters as they are now.
        """
        if self._labels is None and values.labels.enabled:
            self._advertise_labels()
        # While they are off, labels are empty, but not silent.
        has_labels = "labels" in result.functions or not values.labels.enabled
        if self._labels is not None and self._classification is not None and has_labels:
            self._labels.publish(labels_message(result, header, model_id=self._model_id))
            self._classification.publish(result, header)
        if "embedding" in result.functions and self._embedding.get_subscription_count():
            message = embedding_message(result.embedding, header, model_id=self._model_id)
            self._embedding.publish(message)

    def _advertise_labels(self) -> None:
        self._labels = self._advertise(SceneLabels, "labels")
        self._classification = ClassificationOutput(self._node, camera=self._camera)

    def _advertise(self, message_type: type, name: str) -> Publisher:
        return self._node.create_publisher(
            message_type,
            f"{self._camera}/scene_clip/{name}",
            RESULT_QOS,
            qos_overriding_options=overridable(),
        )
