"""Finds objects from text queries and follows them: the boxes of the pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from scene_clip_ros.core.box_fusion import QueryScorer
from scene_clip_ros.core.box_tracker import BoxTracker
from scene_clip_ros.core.box_types import FrameBoxes
from scene_clip_ros.core.detector_classes import find_families, match_classes, unasked_objects
from scene_clip_ros.core.prompts import QueryPrompts
from scene_clip_ros.core.types import Frame
from scene_clip_ros.core.vocabulary import QuerySpec, Vocabulary
from scene_clip_ros.models.encoder import Encoder
from scene_clip_ros.models.proposer import Proposer, ProposerInfo
from scene_clip_ros.pipeline.box_settings import BoxSettings
from scene_clip_ros.pipeline.regions import RegionFinder, Regions


class BoxFinder:
    """Finds what the queries ask for. `set_queries` must come before all else."""

    def __init__(
        self, proposer: Proposer, encoder: Encoder, settings: BoxSettings | None = None
    ) -> None:
        """Take the models.

        Args:
            proposer: Finds regions.
            encoder: Embeds what they show.
            settings: How boxes are decided; None: the defaults.
        """
        self._info = proposer.info
        self._encoder_info = encoder.info
        self._settings = settings or BoxSettings()
        self._regions = RegionFinder(proposer, encoder, reuse_s=self._settings.reuse_s)
        self._queries: Sequence[QuerySpec] = ()
        self._prompts: QueryPrompts | None = None
        self._scorer: QueryScorer | None = None
        self._trackers: dict[str, BoxTracker] = {}

    @property
    def detector(self) -> ProposerInfo:
        """The loaded detector."""
        return self._info

    def contrasts_of(self, vocabulary: Vocabulary) -> tuple[str, ...]:
        """Return objects that the detector knows and no query asks for."""
        return unasked_objects(vocabulary.queries, self._info.classes)

    def set_queries(self, queries: Sequence[QuerySpec], prompts: QueryPrompts) -> None:
        """Look for something else from the next frame on.

        Tracks and their ids go on; what they were called is forgotten if the queries are others.
        """
        is_other = tuple(queries) != tuple(self._queries)
        self._queries, self._prompts = queries, prompts
        self._update_scorer()
        if is_other and self._scorer:
            for tracker in self._trackers.values():
                tracker.forget_labels(apart=self._scorer.language_only)

    def set_settings(self, settings: BoxSettings) -> None:
        """Decide by other settings from the next frame on; tracks start anew."""
        self._settings = settings
        self._regions.set_reuse(settings.reuse_s)
        self._update_scorer()
        for tracker in self._trackers.values():
            tracker.restart(settings.track_rule())

    def reset(self, camera: str | None = None) -> None:
        """Forget the tracks of one camera, or of all; an unknown camera is no error. Ids go on."""
        self._regions.reset(camera)
        for name, tracker in self._trackers.items():
            if camera in (None, name):
                tracker.restart()

    def find_regions(self, frames: Sequence[Frame]) -> list[Regions]:
        """Find regions and embed those that can become a box; no track knows of them yet.

        Raises:
            ModelError: A model failed on at least one of the frames.
        """
        assert self._scorer is not None
        return self._regions.find(frames, is_worth_it=self._scorer.may_be_told)

    def decide(self, frame: Frame, regions: Regions) -> FrameBoxes:
        """Score a frame's regions and follow what was found."""
        assert self._scorer is not None
        if frame.camera not in self._trackers:
            self._trackers[frame.camera] = BoxTracker(
                self._settings.track_rule(), apart=self._scorer.language_only
            )
        height, width = frame.rgb.shape[:2]
        found = self._scorer.score(regions.proposals, regions.embeddings)
        followed = self._trackers[frame.camera].update(
            frame.stamp_ns, found, size_wh=(width, height)
        )
        return FrameBoxes(frame.camera, frame.stamp_ns, (width, height), followed)

    def _update_scorer(self) -> None:
        if self._prompts is None:
            return
        self._scorer = QueryScorer(
            self._prompts,
            match_classes(self._queries, self._info.classes),
            find_families(self._queries),
            logit_scale=self._encoder_info.logit_scale,
            rule=self._settings.fusion_rule(
                calibrated_cosine_floor=self._encoder_info.box_cosine_floor
            ),
        )
