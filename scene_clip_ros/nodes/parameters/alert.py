"""When people before the vehicle raise an alert."""

from __future__ import annotations

from dataclasses import dataclass, field

from scene_clip_ros.core.alert_settings import AlertSettings
from scene_clip_ros.core.errors import ParameterError
from scene_clip_ros.core.zone import Corridor
from scene_clip_ros.nodes.parameter_table import parameter

_ALERT = AlertSettings()
_CORRIDOR = Corridor()


@dataclass(frozen=True, slots=True)
class CorridorParameters:
    """The strip of flat ground ahead of the vehicle, from which the zone is projected."""

    width_m: float = parameter(
        _CORRIDOR.width_m,
        "Width of the corridor, centred on the camera.",
        unit="m",
        minimum=0.5,
        maximum=20.0,
        live=True,
    )
    length_m: float = parameter(
        _CORRIDOR.length_m,
        "How far ahead of the camera it reaches.",
        unit="m",
        minimum=1.0,
        maximum=200.0,
        live=True,
    )
    camera_height_m: float = parameter(
        _CORRIDOR.camera_height_m,
        "Height of the lens above the ground.",
        unit="m",
        minimum=0.1,
        maximum=10.0,
        live=True,
    )
    camera_pitch_deg: float = parameter(
        _CORRIDOR.camera_pitch_deg,
        "How far the camera looks down; negative: up.",
        unit="degrees",
        minimum=-45.0,
        maximum=60.0,
        live=True,
    )


@dataclass(frozen=True, slots=True)
class AlertParameters:
    """The function ``alert``."""

    enabled: bool = parameter(
        True,
        "Judge the boxes and publish `<camera>/scene_clip/alert`. While boxes are off, or do not "
        "come, the alert is STALE.",
        live=True,
    )
    heartbeat_hz: float = parameter(
        10.0,
        "Alerts per second of real time beside one for every result, so that silence is a fault.",
        unit="Hz",
        minimum=0.1,
        maximum=100.0,
        live=True,
    )
    labels: tuple[str, ...] = parameter(
        _ALERT.labels,
        "Queries of the vocabulary that are vulnerable road users.",
        live=True,
    )
    min_score: float = parameter(
        _ALERT.min_score,
        "Score from which a box counts.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    persist_s: float = parameter(
        _ALERT.persist_s,
        "How long someone must be in the zone before a WARNING; shorter misses do not start it "
        "again.",
        unit="s",
        minimum=0.0,
        maximum=10.0,
        live=True,
    )
    hold_s: float = parameter(
        _ALERT.hold_s,
        "How long a level is held after its cause has gone.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
    )
    foot_share: float = parameter(
        _ALERT.foot_share,
        "Share of a box's bottom edge in the zone from which the person is in it; 0: from the "
        "first touch.",
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    caution_margin: float = parameter(
        _ALERT.caution_margin,
        "Distance from the zone within which someone is near it, in units of the longer side of "
        "the person's box; beyond the far end of the zone, a pixel up counts 15 times.",
        minimum=0.0,
        maximum=10.0,
        live=True,
    )
    lookahead_s: float = parameter(
        _ALERT.lookahead_s,
        "How far a person's way is drawn on to see whether it leads into the zone; 0: not.",
        unit="s",
        minimum=0.0,
        maximum=10.0,
        live=True,
    )
    ttc_window_s: float = parameter(
        _ALERT.ttc_window_s,
        "Length of the past from which the time to contact is told.",
        unit="s",
        minimum=0.3,
        maximum=10.0,
        live=True,
    )
    stale_after_s: float = parameter(
        _ALERT.stale_after_s,
        "Silence after which the alert is STALE; results that are further apart, or whose stamps "
        "do not advance, leave it so.",
        unit="s",
        minimum=0.05,
        maximum=60.0,
        live=True,
    )
    max_age_s: float = parameter(
        _ALERT.max_age_s,
        "Age of a picture when it is judged, by the node's clock, above which the alert is STALE; "
        "0: any age will do. Needs cameras that stamp by the same clock.",
        unit="s",
        minimum=0.0,
        maximum=60.0,
        live=True,
    )
    zone: tuple[float, ...] = parameter(
        (),
        "Corners of the zone, x and y in turn, fractions of the picture's width and height from "
        "its top left corner; the same for every camera. Not set: the corridor, projected by the "
        "camera's calibration, and without one a trapezium.",
        items=float,
        minimum=0.0,
        maximum=1.0,
        live=True,
    )
    camera_info_topics: tuple[str, ...] = parameter(
        (),
        "Topic with the calibration of each camera, sensor_msgs/CameraInfo, in the order of "
        "`cameras`. Not set: `camera_info` beside the images, as camera drivers publish it; for "
        "pedestrian_alerts, `<camera>/camera_info`.",
    )
    corridor: CorridorParameters = field(default_factory=CorridorParameters)

    def __post_init__(self) -> None:
        """Check what one parameter alone cannot tell.

        Raises:
            ParameterError: The zone is no polygon, or nobody is looked after.
        """
        self.settings()

    def settings(self) -> AlertSettings:
        """Return how the boxes are judged."""
        return AlertSettings(
            labels=self.labels,
            min_score=self.min_score,
            persist_s=self.persist_s,
            hold_s=self.hold_s,
            foot_share=self.foot_share,
            caution_margin=self.caution_margin,
            lookahead_s=self.lookahead_s,
            ttc_window_s=self.ttc_window_s,
            stale_after_s=self.stale_after_s,
            max_age_s=self.max_age_s,
            zone=self._corners(),
            corridor=Corridor(
                width_m=self.corridor.width_m,
                length_m=self.corridor.length_m,
                camera_height_m=self.corridor.camera_height_m,
                camera_pitch_deg=self.corridor.camera_pitch_deg,
            ),
        )

    def _corners(self) -> tuple[tuple[float, float], ...]:
        if len(self.zone) % 2:
            message = (
                f"parameter alert.zone: expected pairs of x and y, got {len(self.zone)} numbers"
            )
            raise ParameterError(message)
        return tuple(zip(self.zone[::2], self.zone[1::2], strict=True))
