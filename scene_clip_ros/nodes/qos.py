"""Quality of service of every topic, and which of it users may override."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

CAMERA_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=10,
    reliability=ReliabilityPolicy.BEST_EFFORT,
    durability=DurabilityPolicy.VOLATILE,
)
"""Pictures in: best effort, which fits every publisher, and deeper than ROS's sensor-data profile.

With a depth of 1 the executor must never be late by 33 ms at 30 Hz, with 5 not by 167 ms, or
pictures are lost before anybody counts them. The engine keeps only the newest one, undecoded.
"""

EVERY_PICTURE_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=200,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE,
)
"""Pictures in, of which none may be lost: reliable, which asks for a publisher that is, too."""

RESULT_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=10,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE,
)
"""Results out: small, and none is lost on the way."""

OVERLAY_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE,
)
"""Pictures out: reliable, so that viewers of either kind receive them, and none is queued."""

LATCHED_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
"""What holds until the next message: whoever joins late gets the newest one."""

QUERY_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=50,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.VOLATILE,
)
"""Queries in: with the 10 of ROS's profile for services, a flood would lose requests unanswered;
with more, each gets at least its refusal."""


def picture_qos(reliability: str, *, depth: int = 4) -> QoSProfile:
    """Return the profile of a picture publisher.

    Args:
        reliability: ``reliable`` or ``best_effort``.
        depth: Pictures kept for a slow subscriber.
    """
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy[reliability.upper()],
        durability=DurabilityPolicy.VOLATILE,
    )


def overridable() -> QoSOverridingOptions:
    """Let users override history, depth, reliability and durability of one topic.

    The parameters are called ``qos_overrides.<topic>.<subscription|publisher>.<policy>``.
    """
    return QoSOverridingOptions(
        policy_kinds=(
            QoSPolicyKind.HISTORY,
            QoSPolicyKind.DEPTH,
            QoSPolicyKind.RELIABILITY,
            QoSPolicyKind.DURABILITY,
        )
    )
