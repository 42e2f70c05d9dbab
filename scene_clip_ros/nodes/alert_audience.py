"""Whom alerts look after, by the vocabulary that holds."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.nodes.alert_outputs import apply_to_all
from scene_clip_ros.nodes.camera_outputs import CameraOutputs
from scene_clip_ros.nodes.parameters.alert import AlertParameters


class AlertAudience:
    """Has everyone judged whom the queries find, or nobody if they find none of them.

    Attributes:
        vocabulary: The one that holds now.
        fault: Why nobody can be warned of; empty for no reason.

    Args:
        vocabulary: The one that holds now.
        warn: Told of a new fault.
    """

    def __init__(self, vocabulary: Vocabulary, warn: Callable[[str], object]) -> None:
        """Prepare; nobody is judged otherwise before `judge`."""
        self.vocabulary = vocabulary
        self.fault = ""
        self._warn = warn

    def with_kinds(self, values: AlertParameters) -> AlertParameters:
        """Return parameters with every query that is a kind of one of the labels."""
        return replace(values, labels=self.vocabulary.with_kinds(values.labels))

    def judge(self, cameras: Collection[CameraOutputs], values: AlertParameters) -> None:
        """Have people judged so from now on, before all cameras or before none.

        Raises:
            ParameterError: The corridor is not in the picture of one; nothing has changed.
        """
        apply_to_all([camera.alerts for camera in cameras], self.with_kinds(values))
        before, self.fault = self.fault, self._find_fault(values)
        for camera in cameras:
            camera.is_blind = bool(self.fault)
        if self.fault and self.fault != before:
            self._warn(self.fault)

    def _find_fault(self, values: AlertParameters) -> str:
        if not values.enabled or self.vocabulary.asks_for_any(self.with_kinds(values).labels):
            return ""
        return (
            f"no alert can be raised: no query is one of alert.labels, {', '.join(values.labels)}"
        )
