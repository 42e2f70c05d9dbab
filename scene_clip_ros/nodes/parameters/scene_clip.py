"""Parameters of the nodes that run models."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.execution import BACKENDS, DEVICES, PRECISIONS
from scene_clip_ros.core.rate_governor import MAX_BUDGET_S, LatencyBudget
from scene_clip_ros.nodes.parameter_table import parameter, with_values
from scene_clip_ros.nodes.parameters.alert import AlertParameters
from scene_clip_ros.nodes.parameters.boxes import BoxParameters
from scene_clip_ros.nodes.parameters.cameras import (
    camera_info_beside,
    check_cameras,
    check_one_each,
    image_topics,
)
from scene_clip_ros.nodes.parameters.diagnostics import EngineDiagnosticsParameters
from scene_clip_ros.nodes.parameters.labels import (
    HazardParameters,
    LabelParameters,
    label_settings,
)
from scene_clip_ros.nodes.parameters.masks import MaskParameters
from scene_clip_ros.nodes.parameters.memory import MemoryParameters
from scene_clip_ros.nodes.parameters.odd import OddParameters
from scene_clip_ros.nodes.parameters.outputs import EmbeddingParameters, OverlayParameters
from scene_clip_ros.nodes.parameters.questions import QuestionParameters
from scene_clip_ros.nodes.parameters.similarity import SimilarityParameters
from scene_clip_ros.pipeline.function_schedule import RateLimits
from scene_clip_ros.pipeline.settings import LabelSettings


@dataclass(frozen=True, slots=True)
class SceneClipParameters:
    """Parameters of the nodes that run models: ``scene_clip`` and those with one function."""

    cameras: tuple[str, ...] = parameter(
        ("front",), "Names of the cameras; each is the prefix of its result topics."
    )
    camera_topics: tuple[str, ...] = parameter(
        (),
        "Image topic of each camera, in the order of `cameras`. Not set: `<camera>/image`. One "
        "that ends in `/compressed` carries CompressedImage, whatever `transport` says.",
    )
    transport: str = parameter(
        "raw",
        "What the cameras send: sensor_msgs/Image, or sensor_msgs/CompressedImage on the "
        "topic with `/compressed` added, as image_transport does.",
        choices=("raw", "compressed"),
    )
    model: str = parameter(
        "embedded",
        "`embedded`, the name of an open_clip architecture, or the path of an open_clip "
        "configuration file, or of a folder with `open_clip_config.json` and weights, as training "
        "writes it.",
    )
    pretrained: str = parameter(
        "",
        "Weights: a tag that open_clip knows, or the path of a .safetensors or .pt file. "
        "Empty: those that come with the embedded model.",
    )
    device: str = parameter(
        "auto",
        "Where the model runs; auto takes a GPU if there is one.",
        choices=DEVICES,
    )
    precision: str = parameter(
        "auto",
        "Arithmetic of the networks; auto takes what the device does fast. int8 is for the image "
        "tower only, on CPUs, and refused if embeddings change too much by it.",
        choices=PRECISIONS,
    )
    backend: str = parameter(
        "auto",
        "What executes the networks. auto tries what is installed when a model is first loaded, "
        "compares it with torch, and takes the fastest that computes the same; what is chosen is "
        "noted in the cache and told on /diagnostics.",
        choices=BACKENDS,
    )
    vocabulary: str = parameter(
        "",
        "Path of the vocabulary file; empty: the driving vocabulary of the package. Setting it "
        "while running reads the file, encodes it and swaps it in.",
        live=True,
    )
    processing: str = parameter(
        "newest",
        "`newest`: of each camera, the frame that came last; what is overtaken is dropped. "
        "`every`: all frames in their order, one by one, however late, so that a recording gives "
        "the same results every time; publishers must be reliable. See docs/replay.md.",
        choices=("newest", "every"),
    )
    max_waiting_mb: int = parameter(
        2000,
        "With `processing: every`, what may wait to be processed, undecoded; frames that come "
        "while it is full are dropped, and /diagnostics warns.",
        unit="MB",
        minimum=1,
        maximum=1_000_000,
    )
    exit_after_replay: bool = parameter(
        False,
        "Exit when no camera has a publisher any more, once there was one, and all frames have "
        "been processed.",
    )
    latency_budget_s: float = parameter(
        0.0,
        "How late results may come, from the receipt of an image; 0: no budget. If the 95th "
        "percentile of a second is later, boxes, the most expensive function, are found less "
        "often, down to `boxes.min_rate_hz`, and more often again while there is room.",
        unit="s",
        minimum=0.0,
        maximum=MAX_BUDGET_S,
        live=True,
    )
    labels: LabelParameters = field(default_factory=LabelParameters)
    hazards: HazardParameters = field(default_factory=HazardParameters)
    odd: OddParameters = field(default_factory=OddParameters)
    embedding: EmbeddingParameters = field(default_factory=EmbeddingParameters)
    boxes: BoxParameters = field(default_factory=BoxParameters)
    alert: AlertParameters = field(default_factory=AlertParameters)
    memory: MemoryParameters = field(default_factory=MemoryParameters)
    questions: QuestionParameters = field(default_factory=QuestionParameters)
    masks: MaskParameters = field(default_factory=MaskParameters)
    overlay: OverlayParameters = field(default_factory=OverlayParameters)
    similarity: SimilarityParameters = field(default_factory=SimilarityParameters)
    diagnostics: EngineDiagnosticsParameters = field(default_factory=EngineDiagnosticsParameters)

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: A camera's name cannot be part of a topic or occurs twice, the
                number of topics is not that of the cameras, a hazard would become active
                and inactive at once, or a latency budget is to be kept with every frame.
        """
        self.label_settings()
        if self.processing == "every" and self.latency_budget_s:
            message = (
                "parameter latency_budget_s: expected 0.0 with processing: every, which keeps "
                f"nothing back, got {self.latency_budget_s}"
            )
            raise ParameterError(message)
        check_cameras(self.cameras)
        check_one_each("camera_topics", self.camera_topics, cameras=self.cameras)
        check_one_each(
            "alert.camera_info_topics", self.alert.camera_info_topics, cameras=self.cameras
        )

    @property
    def takes_every_frame(self) -> bool:
        """Whether no frame may be overtaken by a newer one."""
        return self.processing == "every"

    @property
    def topics(self) -> tuple[str, ...]:
        """Topic that is subscribed for each camera, in the order of ``cameras``."""
        return image_topics(self.cameras, self.camera_topics, transport=self.transport)

    @property
    def camera_info_topics(self) -> tuple[str, ...]:
        """Topic with the calibration of each camera, in the order of ``cameras``."""
        return self.alert.camera_info_topics or tuple(map(camera_info_beside, self.topics))

    def label_settings(self) -> LabelSettings:
        """Return how labels and hazards are decided."""
        return label_settings(self.labels, self.hazards)

    def latency_budget(self) -> LatencyBudget:
        """Return how late results may come, and how far boxes are lowered to keep that."""
        return LatencyBudget(
            self.latency_budget_s,
            min_rate_hz=self.boxes.min_rate_hz,
            max_rate_hz=self.boxes.max_rate_hz or math.inf,
        )

    def rate_limits(self) -> RateLimits:
        """Return how often each function gets a frame."""
        return RateLimits(
            labels=self.labels.max_rate_hz,
            embedding=self.embedding.max_rate_hz,
            boxes=self.boxes.max_rate_hz,
            memory=self.memory.max_rate_hz,
        )


LABELS_ALONE = with_values(
    SceneClipParameters(),
    {
        "boxes.enabled": False,
        "alert.enabled": False,
        "memory.enabled": False,
        "questions.enabled": False,
        "masks.serve": False,
    },
)
"""Defaults of the node ``scene_labels``."""

BOXES_ALONE = with_values(
    SceneClipParameters(),
    {
        "labels.enabled": False,
        "embedding.enabled": False,
        "alert.enabled": False,
        "memory.enabled": False,
        "questions.enabled": False,
        "masks.serve": False,
        "similarity.enabled": False,
    },
)
"""Defaults of the node ``scored_boxes``; ``pedestrian_alerts`` may judge its boxes."""

MEMORY_ALONE = with_values(
    SceneClipParameters(),
    {
        "labels.enabled": False,
        "embedding.enabled": False,
        "boxes.enabled": False,
        "alert.enabled": False,
        "masks.serve": False,
        "overlay.enabled": False,
        "similarity.enabled": False,
    },
)
"""Defaults of the node ``frame_memory``."""
