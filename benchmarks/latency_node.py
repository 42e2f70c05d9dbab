"""The package's node for `label_latency`, as users run it, with its pictures and its tower timed.

    python benchmarks/latency_node.py --record node.json --ros-args -p cameras:=[node]

When the pictures of its camera come was told by DDS. The bare tower is a call of the encoder with a
picture that is already as small as the model wants it, on the engine's thread, at the rate of the
camera, while the camera rests.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
from arrivals import Arrivals
from plain_clip import ARCHITECTURE
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage, Image
from timing import elapsed_ms

from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.nodes.configured import load_configured_encoder
from scene_clip_ros.nodes.parameters import LABELS_ALONE, SceneClipParameters
from scene_clip_ros.nodes.process import run_node
from scene_clip_ros.nodes.scene_clip_node import SceneClipNode

PERIOD_S = 0.1
REST_S = (0.3, 1.3)
"""Silence of the camera in which the tower is timed; later, the other node has its turn."""


class ObservedNode(SceneClipNode):
    """Labels pictures, and takes down when they came."""

    def __init__(self, record: Path) -> None:
        """Prepare.

        Args:
            record: File that everything is written to at the end.
        """
        self._record = record
        self._arrivals = Arrivals()
        super().__init__(defaults=LABELS_ALONE, load_encoder=self._load)

    def start(self) -> None:
        """Start, and time the tower from now on."""
        super().start()
        self.create_timer(PERIOD_S, self._time_tower)

    def stop(self) -> None:
        """Write everything down and stop."""
        self._arrivals.write(self._record)
        super().stop()

    def create_subscription(
        self,
        message_type: type,
        topic: str,
        callback: Callable[[Any], None],
        *arguments: Any,
        **options: Any,
    ) -> Subscription:
        """Subscribe; that of pictures is observed."""
        is_picture = message_type in (Image, CompressedImage)
        taken = self._arrivals.observe(callback) if is_picture else callback
        return super().create_subscription(message_type, topic, taken, *arguments, **options)

    def _load(self, values: SceneClipParameters) -> Encoder:
        encoder = load_configured_encoder(values)
        side = open_clip.get_model_config(ARCHITECTURE)["vision_cfg"]["image_size"]
        small = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
        self._call_tower = partial(encoder.encode_images, [small])
        self._arrivals.model = f"{encoder.info.backend} {encoder.info.precision}"
        return encoder

    def _time_tower(self) -> None:
        begin_s, end_s = REST_S
        if begin_s < time.monotonic() - self._arrivals.last_s < end_s:
            self._run(lambda: self._arrivals.tower_ms.append(elapsed_ms(self._call_tower)))


def main() -> None:
    """Run the node until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=Path, required=True, help="file for what was observed")
    args, ros_arguments = parser.parse_known_args()
    run_node(lambda: ObservedNode(args.record), [sys.argv[0], *ros_arguments])


if __name__ == "__main__":
    main()
