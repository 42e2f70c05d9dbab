"""From decoded frames to results: one object for live cameras and recorded drives alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scene_clip_ros.core.errors import ModelError, ParameterError
from scene_clip_ros.core.prompts import PromptBank, build_prompt_bank
from scene_clip_ros.core.scene_state import SceneTracker
from scene_clip_ros.core.types import FloatArray, Frame, FrameResult
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.encoder import Encoder, EncoderInfo
from scene_clip_ros.models.text_cache import TextCache
from scene_clip_ros.pipeline.settings import LabelSettings

FUNCTIONS = ("labels", "embedding")
"""What can be switched off: deciding labels and hazards; embedding frames for others' use."""


class Pipeline:
    """Embeds every frame once and decides what its scene is.

    Deterministic: equal frames in equal batches give equal results to the bit. Not thread-safe:
    one thread owns it (`Engine` gives it one).
    """

    def __init__(
        self,
        encoder: Encoder,
        vocabulary: Vocabulary,
        *,
        settings: LabelSettings | None = None,
        cache: TextCache | None = None,
    ) -> None:
        """Encode the vocabulary.

        Args:
            encoder: Embeds pictures and texts.
            vocabulary: What to look for.
            settings: How labels are decided; None: the defaults.
            cache: Keeps the vocabulary's embeddings on disk; None: encode every time.

        Raises:
            ModelError: The model cannot encode the vocabulary.
            VocabularyError: Phrasings of a label cancel each other.
        """
        self._encoder = encoder
        self._settings = settings or LabelSettings()
        self._cache = cache
        self._enabled = dict.fromkeys(FUNCTIONS, True)
        self._trackers: dict[str, SceneTracker] = {}
        self._vocabulary = vocabulary
        self._bank = self._encode(vocabulary)

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

    def is_enabled(self, function: str) -> bool:
        """Whether one of `FUNCTIONS` is on."""
        return self._enabled[_known(function)]

    def set_enabled(self, function: str, enabled: bool) -> None:  # noqa: FBT001 (its name says it)
        """Switch one of `FUNCTIONS` on or off.

        While labels are off results have no attributes and no hazards, and nothing is held; while
        everything is off no frame is embedded.

        Raises:
            ParameterError: There is no such function.
        """
        self._enabled[_known(function)] = enabled
        if not self._enabled["labels"]:
            self._trackers.clear()

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Look for something else from the next frame on.

        It is encoded first; if that fails, the old one stays. Attributes and hazards that are the
        same in both keep what they hold.

        Raises:
            ModelError: The model cannot encode the vocabulary.
            VocabularyError: Phrasings of a label cancel each other.
        """
        self._bank = self._encode(vocabulary)
        self._vocabulary = vocabulary
        for camera, predecessor in self._trackers.items():
            tracker = self._new_tracker()
            tracker.adopt(predecessor)
            self._trackers[camera] = tracker

    def set_settings(self, settings: LabelSettings) -> None:
        """Decide by other settings from the next frame on; every camera starts anew."""
        self._settings = settings
        self.reset()

    def reset(self, camera: str | None = None) -> None:
        """Forget what is held of one camera, or of all; an unknown camera is no error."""
        if camera is None:
            self._trackers.clear()
        else:
            self._trackers.pop(camera, None)

    def process(self, frames: Sequence[Frame]) -> list[FrameResult]:
        """Embed and decide; a failure leaves what is held untouched.

        Args:
            frames: Of any cameras and sizes, in time order per camera.

        Returns:
            One result per frame, in their order.

        Raises:
            ModelError: The model failed on at least one of the frames.
        """
        return self.decide(frames, self.embed(frames))

    def embed(self, frames: Sequence[Frame]) -> FloatArray:
        """Embed frames in one batch, holding nothing.

        Returns:
            ``(N, D)`` float32, rows of unit length; ``(N, 0)`` while every function is off.

        Raises:
            ModelError: The model failed on at least one of the frames.
        """
        if not any(self._enabled.values()):
            return np.empty((len(frames), 0), np.float32)
        embeddings = self._encoder.encode_images([frame.rgb for frame in frames])
        expected = (len(frames), self._encoder.info.dim)
        if embeddings.shape != expected:
            message = f"expected embeddings of shape {expected}, got {embeddings.shape}"
            raise ModelError(message)
        if not np.isfinite(embeddings).all():
            message = "expected finite embeddings, got NaN or infinity"
            raise ModelError(message)
        return embeddings

    def decide(self, frames: Sequence[Frame], embeddings: FloatArray) -> list[FrameResult]:
        """Decide what the scenes are.

        Args:
            frames: As given to `embed`.
            embeddings: ``(N, D)`` float32, what `embed` returned for them.
        """
        return [self._decide_one(frame, row) for frame, row in zip(frames, embeddings, strict=True)]

    def _decide_one(self, frame: Frame, embedding: FloatArray) -> FrameResult:
        if not self._enabled["labels"]:
            return FrameResult(frame.camera, frame.stamp_ns, embedding, (), ())
        if frame.camera not in self._trackers:
            self._trackers[frame.camera] = self._new_tracker()
        attributes, hazards = self._trackers[frame.camera].update(frame.stamp_ns, embedding)
        return FrameResult(frame.camera, frame.stamp_ns, embedding, attributes, hazards)

    def _new_tracker(self) -> SceneTracker:
        info = self._encoder.info
        return SceneTracker(
            self._bank,
            attribute_rule=self._settings.attribute_rule(calibrated_cosine_floor=info.cosine_floor),
            hazard_rule=self._settings.hazard_rule(),
            logit_scale=info.logit_scale,
        )

    def _encode(self, vocabulary: Vocabulary) -> PromptBank:
        if self._cache is None:
            return build_prompt_bank(vocabulary, self._encoder.encode_texts)
        cache = self._cache
        return build_prompt_bank(vocabulary, lambda texts: cache.encode(self._encoder, texts))


def _known(function: str) -> str:
    if function not in FUNCTIONS:
        message = f"function: expected one of {', '.join(FUNCTIONS)}, got {function!r}"
        raise ParameterError(message)
    return function
