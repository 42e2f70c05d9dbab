"""Quality of service of every topic, and which of it users may override."""

from __future__ import annotations

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

CAMERA_QOS = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=5,
    reliability=ReliabilityPolicy.BEST_EFFORT,
    durability=DurabilityPolicy.VOLATILE,
)
"""Pictures in: ROS's sensor-data profile, which fits every publisher.

With a depth of 1, a busy machine loses pictures before anybody counts them: at 30 Hz the executor
must then never be late by 33 ms. The engine keeps only the newest one, undecoded, and counts.
"""

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
