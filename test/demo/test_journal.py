"""Matching of what was sent with what came back."""

from __future__ import annotations

import numpy as np
import pytest
from drives import STEP_NS, alert, at, found, scored

from scene_clip_ros.core.alert_types import AlertLevel
from scene_clip_ros.core.types import FrameResult
from scene_clip_ros.demo.events import (
    AlertReceived,
    BackendReported,
    BoxesReceived,
    DemoEvent,
    FramePublished,
    LabelsReceived,
)
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


def boxes(frame: int) -> BoxesReceived:
    return BoxesReceived(found(scored("person", at(0, 0)), frame=frame), "boxes", b"")


@pytest.mark.parametrize("labels_first", [0, 1], ids=["boxes first", "labels first"])
def test_boxes_join_the_labels_of_their_frame(labels_first: int) -> None:
    events = [boxes(1), labels(STEP_NS, received_ns=MS)]
    journal = journal_of(*(reversed(events) if labels_first else events))
    assert journal.results["front", STEP_NS].boxes == boxes(1).boxes


def test_labels_without_boxes_have_none() -> None:
    assert journal_of(labels(0, received_ns=MS)).results["front", 0].boxes is None


def test_heartbeats_do_not_change_how_a_frame_was_judged() -> None:
    events = [
        AlertReceived(alert(level, frame=3), "alert", b"")
        for level in (AlertLevel.WARNING, AlertLevel.WARNING, AlertLevel.STALE)
    ]
    assert journal_of(*events).alerts["front", 3 * STEP_NS].level == AlertLevel.WARNING


@pytest.mark.parametrize(
    ("events", "complete"),
    [
        pytest.param([FramePublished("front", 0, 0)], 0, id="no labels"),
        pytest.param([labels(0, received_ns=MS)], 1, id="labels, boxes off"),
        pytest.param([labels(0, received_ns=MS), boxes(0)], 1, id="labels and boxes"),
        pytest.param(
            [labels(0, received_ns=MS), boxes(0), labels(STEP_NS, received_ns=MS)],
            0,
            id="boxes to come",
        ),
    ],
)
def test_a_journal_is_complete_when_every_frame_is_answered(
    events: list[DemoEvent], complete: int
) -> None:
    assert journal_of(*events).is_complete() == complete
