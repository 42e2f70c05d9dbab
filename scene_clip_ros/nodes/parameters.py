"""Every parameter of every node: the one place that names, explains and bounds them.

``docs/parameters.md`` is written from these tables by
``python -m scene_clip_ros.nodes.parameter_docs``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.nodes.parameter_table import parameter
from scene_clip_ros.pipeline.settings import LabelSettings

_LABELS = LabelSettings()
_CAMERA_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)*")


def is_compressed(topic: str) -> bool:
    """Whether a topic carries CompressedImage, by the naming of image_transport."""
    return topic.endswith("/compressed")


@dataclass(frozen=True, slots=True)
class SceneClipParameters:
    """Parameters of the nodes ``scene_clip`` and ``scene_labels``."""

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
        "configuration file.",
    )
    pretrained: str = parameter(
        "",
        "Weights: a tag that open_clip knows, or the path of a .safetensors or .pt file. "
        "Empty: those that come with the embedded model.",
    )
    device: str = parameter(
        "auto",
        "Where the model runs; auto takes a GPU if there is one.",
        choices=("auto", "cpu", "cuda"),
    )
    precision: str = parameter(
        "auto",
        "Arithmetic of the image tower; auto takes what the device does fast.",
        choices=("auto", "fp32", "bf16"),
    )
    vocabulary: str = parameter(
        "",
        "Path of the vocabulary file; empty: the driving vocabulary of the package. Setting it "
        "while running reads the file, encodes it and swaps it in.",
        live=True,
    )
    labels_enabled: bool = parameter(
        True, "Publish `<camera>/scene_clip/labels`.", live=True, group="labels"
    )
    labels_tau_s: float = parameter(
        _LABELS.tau_s,
        "Time constant of the smoothing of attributes. Changing a decision setting starts every "
        "camera anew.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
        group="labels",
    )
    labels_dwell_s: float = parameter(
        _LABELS.dwell_s,
        "How long another label must lead before it is held.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
        group="labels",
    )
    labels_switch_margin: float = parameter(
        _LABELS.switch_margin,
        "Lead in probability that another label needs over the held one.",
        minimum=0.0,
        maximum=1.0,
        live=True,
        group="labels",
    )
    labels_unknown_margin: float = parameter(
        _LABELS.unknown_margin,
        "Lead in probability of the best label over the second below which an attribute is "
        "`unknown`.",
        minimum=0.0,
        maximum=1.0,
        live=True,
        group="labels",
    )
    labels_cosine_floor: float = parameter(
        -1.0,
        "Cosine of the best label below which an attribute is `unknown`; -1: as the model's "
        "calibration says, without one no floor.",
        minimum=-1.0,
        maximum=1.0,
        live=True,
        group="labels",
    )
    hazards_tau_s: float = parameter(
        _LABELS.hazard_tau_s,
        "Time constant of the smoothing of hazards.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
        group="hazards",
    )
    hazards_dwell_s: float = parameter(
        _LABELS.hazard_dwell_s,
        "How long a hazard must persist to become active, and be gone to become inactive.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
        group="hazards",
    )
    hazards_on_probability: float = parameter(
        _LABELS.hazard_on_probability,
        "Probability at which a hazard becomes active.",
        minimum=0.0,
        maximum=1.0,
        live=True,
        group="hazards",
    )
    hazards_off_probability: float = parameter(
        _LABELS.hazard_off_probability,
        "Probability below which it becomes inactive again; at most that of `on`.",
        minimum=0.0,
        maximum=1.0,
        live=True,
        group="hazards",
    )
    embedding_enabled: bool = parameter(
        True,
        "Publish `<camera>/scene_clip/embedding` to whoever subscribes.",
        live=True,
        group="embedding",
    )
    overlay_enabled: bool = parameter(
        True,
        "Draw and publish `<camera>/scene_clip/overlay` for whoever subscribes.",
        live=True,
        group="overlay",
    )
    overlay_max_rate_hz: float = parameter(
        10.0,
        "Most overlays drawn per second and camera; 0: one for every frame.",
        unit="Hz",
        minimum=0.0,
        maximum=120.0,
        live=True,
        group="overlay",
    )
    overlay_max_height: int = parameter(
        720,
        "Overlays of higher pictures are scaled down to this height.",
        unit="pixels",
        minimum=120,
        maximum=4320,
        live=True,
        group="overlay",
    )
    diagnostics_period_s: float = parameter(
        1.0,
        "Time between two messages on /diagnostics.",
        unit="s",
        minimum=0.1,
        maximum=60.0,
        live=True,
        group="diagnostics",
    )
    diagnostics_timeout_s: float = parameter(
        2.0,
        "A camera without a frame for so long is reported as an error.",
        unit="s",
        minimum=0.1,
        maximum=600.0,
        live=True,
        group="diagnostics",
    )
    diagnostics_max_latency_s: float = parameter(
        0.5,
        "A 95th percentile of the time from receipt to result above this is reported as a warning.",
        unit="s",
        minimum=0.001,
        maximum=60.0,
        live=True,
        group="diagnostics",
    )
    diagnostics_max_error_rate: float = parameter(
        0.05,
        "A larger share of malformed images since the last report is reported as an error.",
        minimum=0.0,
        maximum=1.0,
        live=True,
        group="diagnostics",
    )

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: A camera's name cannot be part of a topic or occurs twice, the
                number of topics is not that of the cameras, or a hazard would become active
                and inactive at once.
        """
        self.label_settings()
        if not self.cameras:
            message = "parameter cameras: expected at least one camera, got none"
            raise ParameterError(message)
        for name in self.cameras:
            if not _CAMERA_NAME.fullmatch(name):
                message = (
                    "parameter cameras: expected names of letters, digits and underscores that "
                    f"start with a letter, got {name!r}"
                )
                raise ParameterError(message)
        if len(set(self.cameras)) != len(self.cameras):
            message = f"parameter cameras: expected different names, got {list(self.cameras)}"
            raise ParameterError(message)
        if self.camera_topics and len(self.camera_topics) != len(self.cameras):
            message = (
                f"parameter camera_topics: expected one topic for each of the {len(self.cameras)} "
                f"cameras, got {len(self.camera_topics)}"
            )
            raise ParameterError(message)

    @property
    def topics(self) -> tuple[str, ...]:
        """Topic that is subscribed for each camera, in the order of ``cameras``."""
        bases = self.camera_topics or tuple(f"{name}/image" for name in self.cameras)
        if self.transport == "raw":
            return bases
        return tuple(base if is_compressed(base) else f"{base}/compressed" for base in bases)

    def label_settings(self) -> LabelSettings:
        """Return how labels and hazards are decided."""
        return LabelSettings(
            tau_s=self.labels_tau_s,
            dwell_s=self.labels_dwell_s,
            switch_margin=self.labels_switch_margin,
            unknown_margin=self.labels_unknown_margin,
            cosine_floor=None if self.labels_cosine_floor == -1.0 else self.labels_cosine_floor,
            hazard_tau_s=self.hazards_tau_s,
            hazard_dwell_s=self.hazards_dwell_s,
            hazard_on_probability=self.hazards_on_probability,
            hazard_off_probability=self.hazards_off_probability,
        )


@dataclass(frozen=True, slots=True)
class DrivePlayerParameters:
    """Parameters of the node ``drive_player``."""

    source: str = parameter(
        "sim:city-day",
        "What to play: the path of a bag, a video, a picture or a folder of pictures; or "
        "`sim:SCENARIO?seed=7&seconds=20&size=1280x720&rate=10`, rendered while it plays.",
    )
    camera: str = parameter(
        "", "Name under which the only camera of the source is published; empty: its own."
    )
    transport: str = parameter(
        "raw",
        "Publish sensor_msgs/Image on `<camera>/image`, or JPEG as sensor_msgs/CompressedImage "
        "on `<camera>/image/compressed`.",
        choices=("raw", "compressed"),
    )
    jpeg_quality: int = parameter(
        90, "Quality of the JPEG pictures.", unit="percent", minimum=1, maximum=100
    )
    speed: float = parameter(1.0, "Multiple of the recorded speed.", minimum=0.01, maximum=100.0)
    rate_hz: float = parameter(
        0.0,
        "Pictures per second and camera; 0: as recorded.",
        unit="Hz",
        minimum=0.0,
        maximum=1000.0,
    )
    loop: bool = parameter(False, "Start again at the end, with stamps that go on.")
    stamp: str = parameter(
        "original",
        "Stamps of the pictures: those of the source, or the node's clock when published.",
        choices=("original", "now"),
    )
    frame_id: str = parameter("", "Frame of the pictures; empty: that of the source.")
    clock: bool = parameter(
        False,
        "Publish /clock with the source's time, for nodes with use_sim_time. Needs stamp original.",
    )
    clock_rate_hz: float = parameter(
        100.0,
        "Ticks of /clock per second of real time, beside one for every picture.",
        unit="Hz",
        minimum=1.0,
        maximum=1000.0,
    )
    reliability: str = parameter(
        "reliable",
        "Reliability of the picture topics; reliable also serves best-effort subscribers.",
        choices=("reliable", "best_effort"),
    )
    wait_for_subscribers: int = parameter(
        0,
        "Start when every picture topic has so many subscribers; 0: at once.",
        minimum=0,
        maximum=100,
    )
    progress_period_s: float = parameter(
        5.0,
        "Time between two lines of progress in the log; 0: none.",
        unit="s",
        minimum=0.0,
        maximum=3600.0,
    )

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: No source is given, the camera's name cannot be part of a topic,
                or a clock is asked for that the stamps would not follow.
        """
        if not self.source:
            message = "parameter source: expected a path or sim:SCENARIO, got nothing"
            raise ParameterError(message)
        if self.camera and not _CAMERA_NAME.fullmatch(self.camera):
            message = (
                "parameter camera: expected letters, digits and underscores that start with a "
                f"letter, got {self.camera!r}"
            )
            raise ParameterError(message)
        if self.clock and self.stamp == "now":
            message = "parameter clock: expected false while stamp is now, got true"
            raise ParameterError(message)
