"""Watches over time whether what the cameras see is within the operational design domain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from scene_clip_ros.core.errors import OddError
from scene_clip_ros.core.odd import Judgement, Odd, OddLevel
from scene_clip_ros.core.smoothing import NS_PER_S
from scene_clip_ros.core.types import AttributeState, HazardState


@dataclass(frozen=True, slots=True)
class OddSettings:
    """How a domain is watched.

    Attributes:
        edge_probability: Probability in (0, 1] of what must not be, from which a scene is near
            the edge.
        hold_s: How long a graver level is held after its cause has gone, seconds of stamps.
        stale_after_s: Silence of a camera after which nothing can be told, seconds of real time.
    """

    edge_probability: float = 0.3
    hold_s: float = 2.0
    stale_after_s: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            OddError: A value is outside its range.
        """
        if not 0 < self.edge_probability <= 1:
            message = f"expected an edge_probability in (0, 1], got {self.edge_probability}"
            raise OddError(message)


@dataclass(frozen=True, slots=True)
class OddStatus:
    """What is held of all cameras.

    Attributes:
        level: The gravest of them.
        reasons: One line for each cause of that level; empty inside.
        since_ns: Stamp of the frame from which the level has been held; 0 before the first.
    """

    level: OddLevel
    reasons: tuple[str, ...]
    since_ns: int


class _Camera:
    """What is held of one camera."""

    def __init__(self) -> None:
        self.arrived_ns: int | None = None
        self._judged: dict[OddLevel, tuple[int, Judgement]] = {}

    def take(self, judgement: Judgement, stamp_ns: int, *, hold_ns: int) -> None:
        """Take in what one frame says."""
        self._judged[judgement.level] = (stamp_ns, judgement)
        self._judged = {
            level: last
            for level, last in self._judged.items()
            if level == judgement.level or stamp_ns - last[0] < hold_ns
        }

    @property
    def held(self) -> Judgement:
        """The gravest of what was judged within the hold time."""
        return max((it for _, it in self._judged.values()), key=lambda it: it.level.gravity)


class OddMonitor:
    """Joins the cameras, holds what is grave for a while, and tells when nothing is known.

    Args:
        odd: The domain.
        cameras: Names of the cameras; all of them must be inside.
        settings: How it is watched.
    """

    def __init__(self, odd: Odd, cameras: Iterable[str], settings: OddSettings) -> None:
        """Start with nothing known."""
        self._odd = odd
        self._settings = settings
        self._cameras = {name: _Camera() for name in cameras}
        self._newest_ns = 0
        self._status = OddStatus(OddLevel.UNKNOWN, (), 0)

    @property
    def cameras(self) -> Collection[str]:
        """Names of the cameras."""
        return self._cameras.keys()

    def set_settings(self, settings: OddSettings) -> None:
        """Watch by other settings from the next frame on."""
        self._settings = settings

    def reset(self) -> None:
        """Forget everything seen."""
        self._cameras = {name: _Camera() for name in self._cameras}
        self._newest_ns = 0
        self._status = OddStatus(OddLevel.UNKNOWN, (), 0)

    def on_scene(
        self,
        camera: str,
        stamp_ns: int,
        *,
        attributes: Sequence[AttributeState],
        hazards: Sequence[HazardState],
        now_ns: int,
    ) -> OddStatus:
        """Take in what is held of one frame.

        Args:
            camera: One of the cameras.
            stamp_ns: Of the frame.
            attributes: As they are held.
            hazards: As they are held.
            now_ns: By the monotonic clock.

        Returns:
            What is held of all cameras from now on.
        """
        judgement = self._odd.judge(
            attributes, hazards, edge_probability=self._settings.edge_probability
        )
        watched = self._cameras[camera]
        watched.take(judgement, stamp_ns, hold_ns=round(self._settings.hold_s * NS_PER_S))
        watched.arrived_ns = now_ns
        self._newest_ns = max(self._newest_ns, stamp_ns)
        return self.on_heartbeat(now_ns)

    def on_heartbeat(self, now_ns: int) -> OddStatus:
        """Return what is held at a time of the monotonic clock."""
        judgements = [
            Judgement(judgement.level, tuple(f"{name}: {why}" for why in judgement.reasons))
            for name, camera in self._cameras.items()
            for judgement in (self._judge(camera, now_ns),)
        ]
        now = Judgement.gravest(judgements)
        since_ns = self._status.since_ns
        if now.level != self._status.level:
            since_ns = self._newest_ns
        self._status = OddStatus(now.level, now.reasons, since_ns)
        return self._status

    def _judge(self, camera: _Camera, now_ns: int) -> Judgement:
        if camera.arrived_ns is None:
            return Judgement(OddLevel.UNKNOWN, ("no labels yet",))
        silence_s = (now_ns - camera.arrived_ns) / NS_PER_S
        if silence_s >= self._settings.stale_after_s:
            return Judgement(OddLevel.UNKNOWN, (f"no labels for {silence_s:.1f} s",))
        return camera.held
