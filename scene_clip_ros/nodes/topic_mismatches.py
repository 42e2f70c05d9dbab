"""Finds who sits on the topics of a node and still cannot talk to it, which ROS does in silence."""

from __future__ import annotations

from collections.abc import Iterator

from rclpy.node import Node
from rclpy.qos import QoSCompatibility, qos_check_compatible
from rclpy.topic_endpoint_info import TopicEndpointInfo


def find_mismatches(node: Node) -> dict[str, str]:
    """Compare each topic of a node with whoever is at its other end now.

    Args:
        node: Its publishers and subscriptions are looked at, with the quality of service that
            holds after overrides.

    Returns:
        By topic, what does not fit and at which node; empty while everything does.
    """
    endpoints = (*node.publishers, *node.subscriptions)
    found: dict[str, str] = {}
    for topic in sorted({endpoint.topic_name for endpoint in endpoints}):
        reasons = dict.fromkeys(_mismatches(node, topic))
        if reasons:
            found[topic] = "; ".join(reasons)
    return found


def _mismatches(node: Node, topic: str) -> Iterator[str]:
    publishers = node.get_publishers_info_by_topic(topic)
    subscribers = node.get_subscriptions_info_by_topic(topic)
    for publisher in publishers:
        for subscriber in subscribers:
            if _is_of(subscriber, node) and (fault := _fault(publisher, subscriber)):
                yield f"{_name(publisher)} publishes what is not received: {fault}"
            elif _is_of(publisher, node) and (fault := _fault(publisher, subscriber)):
                yield f"{_name(subscriber)} does not receive it: {fault}"


def _fault(publisher: TopicEndpointInfo, subscriber: TopicEndpointInfo) -> str:
    """Return why nothing passes from one to the other; empty if it does."""
    if publisher.topic_type != subscriber.topic_type:
        return f"published as {publisher.topic_type}, subscribed as {subscriber.topic_type}"
    compatibility, reason = qos_check_compatible(publisher.qos_profile, subscriber.qos_profile)
    if compatibility != QoSCompatibility.ERROR:
        return ""
    # One "ERROR: ...;" after the other.
    parts = (part.strip().removeprefix("ERROR: ") for part in reason.split(";"))
    return ", ".join(part[:1].lower() + part[1:] for part in parts if part)


def _is_of(endpoint: TopicEndpointInfo, node: Node) -> bool:
    return (endpoint.node_namespace, endpoint.node_name) == (node.get_namespace(), node.get_name())


def _name(endpoint: TopicEndpointInfo) -> str:
    return f"{endpoint.node_namespace.rstrip('/')}/{endpoint.node_name}"
