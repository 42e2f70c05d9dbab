"""A node that labels pictures as tutorials do it: the baseline of `label_latency`.

    python benchmarks/latency_tutorial.py --weights clip.safetensors --record tutorial.json

All of it happens in the callback: PIL, open_clip's own preprocessing, torch in fp32, eager, and the
texts embedded anew for every picture, one prompt a label. It takes the newest picture only; with a
queue, as tutorials have it, its labels would be older still.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import numpy as np
import rclpy
from arrivals import Arrivals
from latency_camera import image_topic
from PIL import Image as Picture
from plain_clip import PlainClip
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.utilities import remove_ros_args
from sensor_msgs.msg import CompressedImage, Image

from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.core.vocabulary import load_vocabulary
from scene_clip_ros.msg import AttributeLabel, SceneLabels
from scene_clip_ros.nodes.camera_profile import use_camera_profile
from scene_clip_ros.resources import DRIVING_VOCABULARY

NEWEST_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST, depth=1, reliability=ReliabilityPolicy.BEST_EFFORT
)


class TutorialNode(Node):
    """Labels the pictures of one camera."""

    def __init__(self, clip: PlainClip, arrivals: Arrivals, *, kind: str) -> None:
        """Subscribe.

        Args:
            clip: The model.
            arrivals: Takes pictures down.
            kind: ``raw`` or ``jpeg``.
        """
        super().__init__("tutorial")
        self._clip = clip
        attributes = load_vocabulary(DRIVING_VOCABULARY).attributes
        self._names = [name for attribute in attributes for name in attribute.label_names]
        self._labels = self.create_publisher(SceneLabels, "/tutorial/scene_clip/labels", 10)
        self.create_subscription(
            CompressedImage if kind == "jpeg" else Image,
            image_topic("tutorial", kind),
            arrivals.observe(self._label),
            NEWEST_QOS,
        )

    def _label(self, message: Image | CompressedImage) -> None:
        picture = self._clip.embed_pictures([decode(message)])
        texts = self._clip.embed_texts([f"a photo of {name}" for name in self._names])
        cosines = texts @ picture[0]
        best = int(np.argmax(cosines))
        label = AttributeLabel(name="scene", label=self._names[best], cosine=float(cosines[best]))
        self._labels.publish(SceneLabels(header=message.header, attributes=[label]))


def decode(message: Image | CompressedImage) -> ImageArray:
    """Return the picture of an rgb8 or a JPEG message, ``(H, W, 3)`` uint8."""
    if isinstance(message, CompressedImage):
        return np.asarray(Picture.open(io.BytesIO(bytes(message.data))).convert("RGB"))
    pixels = np.frombuffer(message.data, np.uint8)
    return pixels.reshape(message.height, message.width, 3)


def main() -> int:
    """Run the node until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kind", choices=("raw", "jpeg"), default="raw", help="(%(default)s)")
    parser.add_argument("--weights", type=Path, required=True, help="of the model")
    parser.add_argument("--record", type=Path, required=True, help="file for what was observed")
    args = parser.parse_args(remove_ros_args(sys.argv)[1:])
    use_camera_profile()
    arrivals = Arrivals(model="torch fp32 eager")
    clip = PlainClip(args.weights)
    rclpy.init()
    try:
        rclpy.spin(TutorialNode(clip, arrivals, kind=args.kind))
    except (KeyboardInterrupt, ExternalShutdownException):
        pass  # how it is stopped
    finally:
        arrivals.write(args.record)
        rclpy.try_shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
