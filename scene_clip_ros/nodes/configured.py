"""Loads what the parameters of a node name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scene_clip_ros.core.errors import OddError, ParameterError
from scene_clip_ros.core.odd import load_odd
from scene_clip_ros.core.odd_monitor import OddMonitor
from scene_clip_ros.core.questions.types import Reasoner
from scene_clip_ros.core.vocabulary import Vocabulary, load_vocabulary
from scene_clip_ros.models.encoder import Encoder, TwoStepEncoder
from scene_clip_ros.models.proposer import Proposer
from scene_clip_ros.models.segmenter import Segmenter
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.nodes.parameters.odd import OddParameters
from scene_clip_ros.resources import DRIVING_VOCABULARY

LoadEncoder = Callable[[SceneClipParameters], Encoder]
LoadProposer = Callable[[SceneClipParameters], Proposer]
LoadSegmenter = Callable[[], Segmenter]
FindSegmenter = Callable[[SceneClipParameters], LoadSegmenter]
"""Finds a segmenter, at once, and returns what loads it, which may take seconds."""
LoadReasoner = Callable[[Reasoner], Reasoner]
"""Gets the reasoner that needs nothing but the encoder."""
FindReasoner = Callable[[SceneClipParameters], LoadReasoner]
"""Finds what answers questions, at once, and returns what loads it, which may take seconds."""


def load_configured_encoder(values: SceneClipParameters) -> TwoStepEncoder:
    """Load the image and text towers.

    Raises:
        ModelError: They cannot be found, trusted or loaded.
    """
    # torch takes seconds to import: only a process that loads a model pays for it.
    from scene_clip_ros.models.open_clip_encoder import load_open_clip

    return load_open_clip(
        values.model,
        values.pretrained or None,
        device=values.device,
        precision=values.precision,
        backend=values.backend,
    )


def load_configured_proposer(values: SceneClipParameters) -> Proposer:
    """Load the detector.

    Raises:
        ModelError: It cannot be found, trusted or loaded.
    """
    from scene_clip_ros.models.proposer_source import load_proposer

    return load_proposer(
        values.boxes.detector,
        values.boxes.weights or None,
        device=values.device,
        precision=values.precision,
        backend=values.backend,
        limits=values.boxes.limits(),
    )


def find_configured_segmenter(values: SceneClipParameters) -> LoadSegmenter:
    """Find the model of masks, and return what loads it.

    Raises:
        ModelError: There is no such model, or its folder lacks a file.
    """
    from scene_clip_ros.models.clipseg_folder import find_clipseg

    find_clipseg(values.masks.model)

    def load() -> Segmenter:
        from scene_clip_ros.models.clipseg_segmenter import load_clipseg

        return load_clipseg(
            values.masks.model,
            device=values.device,
            precision=values.precision,
            backend=values.backend,
        )

    return load


def load_configured_vocabulary(values: SceneClipParameters) -> Vocabulary:
    """Load the vocabulary.

    Raises:
        VocabularyError: The file is missing or wrong; one line says where.
    """
    return load_vocabulary(values.vocabulary or DRIVING_VOCABULARY)


def load_configured_odd(
    values: OddParameters, *, cameras: Sequence[str], vocabulary: Vocabulary
) -> OddMonitor | None:
    """Load what watches the operational design domain; None where no file states one.

    Args:
        values: Parameters of the domain.
        cameras: All cameras.
        vocabulary: The one that holds at the start.

    Raises:
        OddError: The file is missing, wrong, or names what the vocabulary does not have.
        ParameterError: There is no such camera.
    """
    if not values.file:
        return None
    unknown = [camera for camera in values.cameras if camera not in cameras]
    if unknown:
        message = f"odd.cameras: expected some of {', '.join(cameras)}, got {unknown[0]!r}"
        raise ParameterError(message)
    odd = load_odd(values.file)
    try:
        odd.check(vocabulary)
    except OddError as err:
        message = f"{values.file}: {err}"
        raise OddError(message) from err
    return OddMonitor(odd, values.cameras or cameras, values.settings())


def find_configured_reasoner(values: SceneClipParameters) -> LoadReasoner:
    """Find what answers questions, and return what loads it.

    The environment says where an endpoint is.

    Raises:
        ParameterError: There is no such backend.
        ReasoningError: The endpoint is not configured, or wrongly.
        ModelError: There is no language model in the folder.
    """
    from scene_clip_ros.models.language.reasoner_choice import find_reasoner

    return find_reasoner(values.questions.backend, device=values.device)


def load_configured_reasoner(values: SceneClipParameters, contrastive: Reasoner) -> Reasoner:
    """Load what answers questions.

    Raises:
        ParameterError: There is no such backend.
        ReasoningError: The endpoint is not configured, or wrongly.
        ModelError: The language model in the folder cannot be loaded.
    """
    return find_configured_reasoner(values)(contrastive)
