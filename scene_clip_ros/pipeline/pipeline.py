"""From decoded frames to results: one object for live cameras and recorded drives alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.core.prompts import PromptBank, build_prompt_bank
from scene_clip_ros.core.scene_state import SceneTracker
from scene_clip_ros.core.types import (
    AttributeState,
    FloatArray,
    Frame,
    FrameResult,
    HazardState,
    ImageArray,
)
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.encoder import Encoder, EncoderInfo
from scene_clip_ros.models.proposer import Proposer, ProposerInfo
from scene_clip_ros.models.text_cache import TextCache
from scene_clip_ros.pipeline.box_finder import BoxFinder
from scene_clip_ros.pipeline.box_settings import BoxSettings
from scene_clip_ros.pipeline.regions import Regions
from scene_clip_ros.pipeline.settings import LabelSettings

FUNCTIONS = ("labels", "embedding", "boxes", "memory")
"""What can be switched off: deciding labels and hazards; embedding frames for others' use; finding
objects; embedding frames to be kept and searched."""

_NEED_EMBEDDINGS = ("labels", "embedding", "memory")


class Pipeline:
    """Embeds every frame once, decides what its scene is, and finds objects in it.

    Deterministic: equal frames in equal batches give equal results to the bit. Not thread-safe:
    one thread owns it (`Engine` gives it one).
    """

    def __init__(
        self,
        encoder: Encoder,
        vocabulary: Vocabulary,
        *,
        proposer: Proposer | None = None,
        settings: LabelSettings | None = None,
        box_settings: BoxSettings | None = None,
        cache: TextCache | None = None,
    ) -> None:
        """Encode the vocabulary.

        Args:
            encoder: Embeds pictures and texts.
            vocabulary: What to look for.
            proposer: Finds regions; None: boxes are off and cannot be switched on.
            settings: How labels are decided; None: the defaults.
            box_settings: How boxes are decided; None: the defaults.
            cache: Keeps the vocabulary's embeddings on disk; None: encode every time.

        Raises:
            ModelError: The model cannot encode the vocabulary.
            VocabularyError: Phrasings of a label cancel each other.
        """
        self._encoder = encoder
        self._settings = settings or LabelSettings()
        self._boxes = BoxFinder(proposer, encoder, box_settings) if proposer else None
        self._cache = cache
        self._enabled = dict.fromkeys(FUNCTIONS, True)
        self._enabled["boxes"] = self._boxes is not None
        self._trackers: dict[str, SceneTracker] = {}
        self._adopt(vocabulary, self._encode(vocabulary))

    @property
    def info(self) -> EncoderInfo:
        """The loaded encoder."""
        return self._encoder.info

    @property
    def vocabulary(self) -> Vocabulary:
        """What is looked for now."""
        return self._vocabulary

    @property
    def settings(self) -> LabelSettings:
        """How labels are decided now."""
        return self._settings

    @property
    def detector(self) -> ProposerInfo | None:
        """The loaded detector; None without one."""
        return self._boxes.detector if self._boxes else None

    @property
    def detector_id(self) -> str | None:
        """Identity of the detector; None without one."""
        return self.detector.model_id if self.detector else None

    def is_enabled(self, function: str) -> bool:
        """Whether one of `FUNCTIONS` is on."""
        return self._enabled[_known(function)]

    def set_enabled(self, function: str, enabled: bool) -> None:  # noqa: FBT001 (its name says it)
        """Switch one of `FUNCTIONS` on or off.

        While labels are off results have no attributes and no hazards, and nothing is held; while
        boxes are off, results have none and nothing is followed; while labels,
        embedding and memory are off, no whole frame is embedded.

        Raises:
            ParameterError: There is no such function, or boxes are to be found without a proposer.
        """
        if _known(function) == "boxes" and enabled and self._boxes is None:
            message = "function boxes: expected a detector, got none at start-up"
            raise ParameterError(message)
        self._enabled[function] = enabled
        if not self._enabled["labels"]:
            self._trackers.clear()
        if self._boxes and not self._enabled["boxes"]:
            self._boxes.reset()

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Look for something else from the next frame on.

        It is encoded first; if that fails, the old one stays. Attributes and hazards that are the
        same in both keep what they hold.

        Raises:
            ModelError: The model cannot encode the vocabulary.
            VocabularyError: Phrasings of a label cancel each other.
        """
        self._adopt(vocabulary, self._encode(vocabulary))
        for camera, predecessor in self._trackers.items():
            tracker = self._new_tracker()
            tracker.adopt(predecessor)
            self._trackers[camera] = tracker

    def set_settings(self, settings: LabelSettings) -> None:
        """Decide labels by other settings from the next frame on; every camera starts anew."""
        self._settings = settings
        self._trackers.clear()

    def set_box_settings(self, settings: BoxSettings) -> None:
        """Decide boxes by other settings from the next frame on; tracks start anew."""
        if self._boxes:
            self._boxes.set_settings(settings)

    def reset(self, camera: str | None = None) -> None:
        """Forget what is held of one camera, or of all; an unknown camera is no error."""
        if camera is None:
            self._trackers.clear()
        else:
            self._trackers.pop(camera, None)
        if self._boxes:
            self._boxes.reset(camera)

    def process(self, frames: Sequence[Frame]) -> list[FrameResult]:
        """Embed and decide; a failure leaves what is held untouched.

        Args:
            frames: Of any cameras and sizes, in time order per camera.

        Returns:
            One result per frame, in their order.

        Raises:
            ModelError: The model failed on at least one of the frames.
        """
        return self.decide(frames, self.embed(frames), self.find_regions(frames))

    def embed(self, frames: Sequence[Frame]) -> FloatArray:
        """Embed frames in one batch, holding nothing.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(N, 0)`` while labels, embedding and memory
            are off.

        Raises:
            ModelError: The model failed on at least one of the frames.
        """
        if not any(self._enabled[function] for function in _NEED_EMBEDDINGS):
            return np.empty((len(frames), 0), np.float32)
        return self.embed_pictures([frame.rgb for frame in frames])

    def embed_pictures(self, pictures: Sequence[ImageArray]) -> FloatArray:
        """Embed pictures that need not be of a camera, in one batch.

        Args:
            pictures: ``(H, W, 3)`` uint8 RGB each, of any sizes.

        Returns:
            ``(N, D)`` float32, rows of unit length.

        Raises:
            ModelError: The model failed on at least one of the pictures.
        """
        return self._checked(self._encoder.encode_images(pictures), count=len(pictures))

    def embed_prompts(self, prompts: Sequence[str]) -> FloatArray:
        """Embed texts as they are, in one batch.

        Returns:
            ``(P, D)`` float32, rows of unit length.

        Raises:
            ModelError: The model failed.
        """
        return self._checked(self._encoder.encode_texts(prompts), count=len(prompts))

    def find_regions(self, frames: Sequence[Frame]) -> list[Regions] | None:
        """Find and embed regions of frames, holding nothing.

        Returns:
            Regions by frame; None while boxes are off.

        Raises:
            ModelError: A model failed on at least one of the frames.
        """
        if self._boxes is None or not self._enabled["boxes"]:
            return None
        return self._boxes.find_regions(frames)

    def decide(
        self,
        frames: Sequence[Frame],
        embeddings: FloatArray,
        regions: Sequence[Regions] | None = None,
    ) -> list[FrameResult]:
        """Decide what the scenes are and what is in them.

        Args:
            frames: As given to `embed`.
            embeddings: ``(N, D)`` float32, what `embed` returned for them.
            regions: What `find_regions` returned for them.
        """
        found = [None] * len(frames) if regions is None else regions
        return [
            self._decide_one(frame, row, each)
            for frame, row, each in zip(frames, embeddings, found, strict=True)
        ]

    def _checked(self, embeddings: FloatArray, *, count: int) -> FloatArray:
        """Refuse what no model should give.

        Raises:
            ModelError: Not ``(count, D)`` finite numbers.
        """
        expected = (count, self._encoder.info.dim)
        if embeddings.shape != expected:
            message = f"expected embeddings of shape {expected}, got {embeddings.shape}"
            raise ModelError(message)
        if not np.isfinite(embeddings).all():
            message = "expected finite embeddings, got NaN or infinity"
            raise ModelError(message)
        return embeddings

    def _decide_one(
        self, frame: Frame, embedding: FloatArray, regions: Regions | None
    ) -> FrameResult:
        boxes = self._boxes.decide(frame, regions) if self._boxes and regions else None
        attributes, hazards = self._decide_labels(frame, embedding)
        return FrameResult(frame.camera, frame.stamp_ns, embedding, attributes, hazards, boxes)

    def _decide_labels(
        self, frame: Frame, embedding: FloatArray
    ) -> tuple[tuple[AttributeState, ...], tuple[HazardState, ...]]:
        if not self._enabled["labels"]:
            return (), ()
        if frame.camera not in self._trackers:
            self._trackers[frame.camera] = self._new_tracker()
        return self._trackers[frame.camera].update(frame.stamp_ns, embedding)

    def _new_tracker(self) -> SceneTracker:
        info = self._encoder.info
        return SceneTracker(
            self._bank,
            attribute_rule=self._settings.attribute_rule(calibrated_cosine_floor=info.cosine_floor),
            hazard_rule=self._settings.hazard_rule(),
            logit_scale=info.logit_scale,
        )

    def _encode(self, vocabulary: Vocabulary) -> PromptBank:
        others = self._boxes.contrasts_of(vocabulary) if self._boxes else ()
        if self._cache is None:
            return build_prompt_bank(vocabulary, self._encoder.encode_texts, other_objects=others)
        cache = self._cache
        return build_prompt_bank(
            vocabulary, lambda texts: cache.encode(self._encoder, texts), other_objects=others
        )

    def _adopt(self, vocabulary: Vocabulary, bank: PromptBank) -> None:
        self._vocabulary = vocabulary
        self._bank = bank
        if self._boxes:
            self._boxes.set_queries(vocabulary.queries, bank.queries)


def _known(function: str) -> str:
    if function not in FUNCTIONS:
        message = f"function: expected one of {', '.join(FUNCTIONS)}, got {function!r}"
        raise ParameterError(message)
    return function
