"""From decoded frames to results: one object for live cameras and recorded drives alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.core.functions import BOXES, EVERY_FUNCTION, LABELS, NEED_EMBEDDING, Functions
from scene_clip_ros.core.prompts import EncodeTexts, PromptBank, build_prompt_bank
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
from scene_clip_ros.pipeline.function_schedule import FunctionSchedule, RateLimits, find_function
from scene_clip_ros.pipeline.regions import Regions
from scene_clip_ros.pipeline.settings import LabelSettings

OVERSAMPLING = 2
"""Shorter side of a picture that is good enough to be embedded, as a multiple of the model's."""


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
        rates: RateLimits | None = None,
        cache: TextCache | None = None,
    ) -> None:
        """Encode the vocabulary.

        Args:
            encoder: Embeds pictures and texts.
            vocabulary: What to look for.
            proposer: Finds regions; None: boxes are off and cannot be switched on.
            settings: How labels are decided; None: the defaults.
            box_settings: How boxes are decided; None: the defaults.
            rates: How often each function gets a frame; None: it gets every frame.
            cache: Keeps the vocabulary's embeddings on disk; None: encode every time.

        Raises:
            ModelError: The model cannot encode the vocabulary.
            VocabularyError: Phrasings of a label cancel each other.
        """
        self._encoder = encoder
        self._settings = settings or LabelSettings()
        self._boxes = BoxFinder(proposer, encoder, box_settings) if proposer else None
        self._cache = cache
        usable = EVERY_FUNCTION if proposer else EVERY_FUNCTION - BOXES
        self._schedule = FunctionSchedule(rates, enabled=usable)
        self._trackers: dict[str, SceneTracker] = {}
        self._adopt(vocabulary, self.encode_vocabulary(vocabulary))

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
        """Whether a function is on.

        Raises:
            ParameterError: There is no such function.
        """
        return find_function(function) in self._schedule.enabled

    def set_enabled(self, function: str, enabled: bool) -> None:  # noqa: FBT001 (its name says it)
        """Switch a function on or off.

        While labels are off, results have no attributes and no hazards, and nothing is held; while
        boxes are off, results have none and nothing is followed; while labels,
        embedding and memory are off, no whole frame is embedded.

        Raises:
            ParameterError: There is no such function, or boxes are to be found without a proposer.
        """
        if function == "boxes" and enabled and self._boxes is None:
            message = "function boxes: expected a detector, got none at start-up"
            raise ParameterError(message)
        self._schedule.switch(function, on=enabled)
        if not self.is_enabled("labels"):
            self._trackers.clear()
        if self._boxes and not self.is_enabled("boxes"):
            self._boxes.reset()

    def encode_vocabulary(
        self, vocabulary: Vocabulary, *, encode_texts: EncodeTexts | None = None
    ) -> PromptBank:
        """Embed a vocabulary for `set_vocabulary`; holds nothing.

        Args:
            vocabulary: What to look for.
            encode_texts: Embeds, with the model of this pipeline, the prompts that are not kept on
                disk. May be called beside everything else then, by one thread at a time. None: the
                model does so at once.

        Raises:
            ModelError: The model cannot encode the vocabulary.
            VocabularyError: Phrasings of a label cancel each other.
        """
        others = self._boxes.contrasts_of(vocabulary) if self._boxes else ()
        encode = encode_texts or self._encoder.encode_texts
        cache = self._cache
        if cache is None:
            return build_prompt_bank(vocabulary, encode, other_objects=others)
        return build_prompt_bank(
            vocabulary,
            lambda texts: cache.encode(self._encoder, texts, encode_texts=encode),
            other_objects=others,
        )

    def set_vocabulary(self, vocabulary: Vocabulary, bank: PromptBank | None = None) -> None:
        """Look for something else from the next frame on.

        It is encoded first; if that fails, the old one stays. Attributes and hazards that are the
        same in both keep what they hold.

        Args:
            vocabulary: What to look for.
            bank: What `encode_vocabulary` returned for it; None: it is encoded now.

        Raises:
            ModelError: The model cannot encode the vocabulary.
            VocabularyError: Phrasings of a label cancel each other.
        """
        self._adopt(vocabulary, bank or self.encode_vocabulary(vocabulary))
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

    def set_rates(self, rates: RateLimits) -> None:
        """Give each function frames at another rate from the next frame on."""
        self._schedule.set_limits(rates)

    def cap_boxes(self, rate_hz: float) -> None:
        """Hold boxes down to a rate for now; see `FunctionSchedule.cap_boxes`."""
        self._schedule.cap_boxes(rate_hz)

    def reset(self, camera: str | None = None) -> None:
        """Forget what is held of one camera, or of all; an unknown camera is no error."""
        self._schedule.forget(camera)
        if camera is None:
            self._trackers.clear()
        else:
            self._trackers.pop(camera, None)
        if self._boxes:
            self._boxes.reset(camera)

    def take_turn(self, camera: str, stamp_ns: int) -> Functions | None:
        """Decide what a frame is for, before it is decoded; see `FunctionSchedule.take`.

        A frame that turns out to be bad has had its turn.
        """
        return self._schedule.take(camera, stamp_ns)

    def least_side(self, due: Functions) -> int | None:
        """Return the shortest side that is good enough of a picture, pixels; None: all of it.

        Boxes are pixels of the picture, and crops of it are embedded. A whole frame is scaled down
        before it is embedded, and twice the model's input loses nothing.

        Args:
            due: What the picture is for.
        """
        if due & self._schedule.enabled & BOXES:
            return None
        return OVERSAMPLING * self.info.input_side

    def is_due(self, frame: Frame, functions: Functions) -> bool:
        """Whether a frame is for one of some functions, which is on."""
        return bool(frame.due & self._schedule.enabled & functions)

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

    def embed(self, frames: Sequence[Frame]) -> list[FloatArray]:
        """Embed the frames that are due for labels, embedding or memory in one batch.

        Holds nothing.

        Returns:
            ``(D,)`` float32 of unit length by frame; ``(0,)`` of those that nothing needs.

        Raises:
            ModelError: The model failed on at least one of the frames.
        """
        due = [self.is_due(frame, NEED_EMBEDDING) for frame in frames]
        pictures = [frame.rgb for frame, is_due in zip(frames, due, strict=True) if is_due]
        rows = iter(self.embed_pictures(pictures) if pictures else ())
        return [next(rows) if is_due else np.empty(0, np.float32) for is_due in due]

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

    def find_regions(self, frames: Sequence[Frame]) -> list[Regions | None]:
        """Find and embed regions of the frames that are due for boxes, holding nothing.

        Returns:
            Regions by frame; None of those that are not due, and of all while boxes are off.

        Raises:
            ModelError: A model failed on at least one of the frames.
        """
        due = [self.is_due(frame, BOXES) for frame in frames]
        chosen = [frame for frame, is_due in zip(frames, due, strict=True) if is_due]
        found = iter(self._boxes.find_regions(chosen) if self._boxes and chosen else ())
        return [next(found) if is_due else None for is_due in due]

    def decide(
        self,
        frames: Sequence[Frame],
        embeddings: Sequence[FloatArray],
        regions: Sequence[Regions | None],
    ) -> list[FrameResult]:
        """Decide what the scenes are and what is in them.

        Args:
            frames: As given to `embed`.
            embeddings: What `embed` returned for them.
            regions: What `find_regions` returned for them.
        """
        return [
            self._decide_one(frame, embedding, found)
            for frame, embedding, found in zip(frames, embeddings, regions, strict=True)
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
        return FrameResult(
            frame.camera,
            frame.stamp_ns,
            embedding,
            attributes,
            hazards,
            boxes,
            functions=frame.due & self._schedule.enabled,
        )

    def _decide_labels(
        self, frame: Frame, embedding: FloatArray
    ) -> tuple[tuple[AttributeState, ...], tuple[HazardState, ...]]:
        if not self.is_due(frame, LABELS):
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

    def _adopt(self, vocabulary: Vocabulary, bank: PromptBank) -> None:
        self._vocabulary = vocabulary
        self._bank = bank
        if self._boxes:
            self._boxes.set_queries(vocabulary.queries, bank.queries)
