"""Matching of what was sent with what came back."""

from __future__ import annotations

import numpy as np

from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.demo.events import BackendReported, DemoEvent, FramePublished, LabelsReceived
from scene_clip_ros.demo.journal import Journal

MS = 1_000_000


def labels(stamp_ns: int, *, received_ns: int) -> LabelsReceived:
    return LabelsReceived(
        result=FrameResult("front", stamp_ns, np.empty(0, np.float32), (), ()),
        received_ns=received_ns,
        topic="/front/scene_clip/labels",
        payload=b"",
        model_id="tiny",
    )


def journal_of(*events: DemoEvent) -> Journal:
    journal = Journal()
    for event in events:
        journal.add(event)
    return journal


def test_latency_is_from_publication_to_arrival() -> None:
    journal = journal_of(FramePublished("front", 1, 5 * MS), labels(1, received_ns=25 * MS))
    assert journal.latency_ms("front", 1) == 20.0


def test_order_of_arrival_does_not_matter() -> None:
    journal = journal_of(labels(1, received_ns=25 * MS), FramePublished("front", 1, 5 * MS))
    assert journal.latency_ms("front", 1) == 20.0


def test_latency_of_an_unanswered_frame_is_unknown() -> None:
    journal = journal_of(FramePublished("front", 1, 5 * MS))
    assert journal.latency_ms("front", 1) is None
    assert journal.latency_percentile_ms(50) is None


def test_percentiles_are_over_answered_frames() -> None:
    events = [FramePublished("front", i, 0) for i in range(5)]
    answers = [labels(i, received_ns=(i + 1) * MS) for i in range(3)]
    assert journal_of(*events, *answers).latency_percentile_ms(50) == 2.0


def test_frames_heard_count_each_frame_once() -> None:
    journal = journal_of(
        FramePublished("front", 1, 0), labels(1, received_ns=MS), labels(2, received_ns=MS)
    )
    assert journal.frames_heard == 2
    assert len(journal.results) == 2


def test_model_and_backend_are_the_last_that_were_named() -> None:
    journal = journal_of(labels(1, received_ns=MS), BackendReported("torch cpu fp32"))
    assert (journal.model, journal.backend) == ("tiny", "torch cpu fp32")
