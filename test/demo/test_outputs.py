"""What a demo run leaves behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from drives import STEP_NS, alert, at, found, scored

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.demo.events import AlertReceived, BoxesReceived
from scene_clip_ros.demo.outputs import record, write_annotated
from scene_clip_ros.media.bag_types import bag_typestore
from scene_clip_ros.media.bag_writer import BagWriter
from scene_clip_ros.media.bags import BagReader
from scene_clip_ros.media.box_messages import pedestrian_alert_message, scored_boxes_message
from scene_clip_ros.media.frame_source import SourceFrame
from scene_clip_ros.media.sources import open_source

TOPIC = "/front/scene_clip/alert"


def serialised(message: object) -> bytes:
    """Return a message as it is on the wire."""
    msgtype: str = message.__msgtype__  # type: ignore[attr-defined]
    return bytes(bag_typestore().serialize_cdr(message, msgtype))


def received(level: AlertLevel, frame: int) -> AlertReceived:
    held = alert(level, frame=frame)
    return AlertReceived(held, TOPIC, serialised(pedestrian_alert_message(held, frame_id="f")))


def test_messages_are_recorded_unchanged_at_the_time_of_their_frame(tmp_path: Path) -> None:
    boxes = found(scored("person", at(0, 0)), frame=7)
    payload = serialised(scored_boxes_message(boxes, frame_id="f", model_id="m"))
    with BagWriter(tmp_path / "r.mcap") as writer:
        record(writer, BoxesReceived(boxes, "/front/scene_clip/boxes", payload))
        record(writer, received(AlertLevel.WARNING, 7))
    with BagReader(tmp_path / "r.mcap") as reader:
        messages = [(m.topic.name, m.time_ns, bytes(m.data)) for m in reader.messages()]
    assert messages == [
        ("/front/scene_clip/boxes", 7 * STEP_NS, payload),
        (TOPIC, 7 * STEP_NS, received(AlertLevel.WARNING, 7).payload),
    ]


def test_alerts_from_before_the_first_frame_are_left_out(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "r.mcap") as writer:
        record(writer, received(AlertLevel.STALE, 0))
        record(writer, received(AlertLevel.STALE, 1))
    with BagReader(tmp_path / "r.mcap") as reader:
        assert [m.time_ns for m in reader.messages()] == [STEP_NS]


def test_the_video_shows_how_frames_were_judged(tmp_path: Path) -> None:
    rgb = np.full((360, 640, 3), 120, np.uint8)
    frames = [SourceFrame("front", i * STEP_NS, "f", lambda: rgb) for i in range(2)]
    results = {
        ("front", frame.stamp_ns): FrameResult(
            "front", frame.stamp_ns, np.empty(0, np.float32), (), ()
        )
        for frame in frames
    }
    alerts = {("front", STEP_NS): alert(AlertLevel.WARNING, frame=1)}
    (video,) = write_annotated(frames, tmp_path, results, alerts=alerts)
    with open_source(video) as source:
        plain, warned = (frame.decode().astype(int) for frame in source)
    redness = [picture[..., 0].mean() - picture[..., 2].mean() for picture in (plain, warned)]
    assert abs(redness[0]) < 3
    assert redness[1] > 10
