"""Makes the reasoner that a person names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from scene_clip_ros.core.errors import ParameterError, ReasoningError
from scene_clip_ros.core.questions.types import Reasoner
from scene_clip_ros.models.language.auto_reasoner import AutoReasoner
from scene_clip_ros.models.language.endpoint import EndpointReasoner
from scene_clip_ros.models.language.endpoint_settings import (
    BASE_URL,
    MODEL,
    endpoint_settings_from_env,
    limits_from_env,
)
from scene_clip_ros.models.language.local_settings import LocalSettings

LOCAL_PREFIX = "local:"
NAMES = ("auto", "contrastive", "endpoint", f"{LOCAL_PREFIX}FOLDER")


def load_reasoner(
    name: str,
    contrastive: Reasoner,
    *,
    device: str = "auto",
    environ: Mapping[str, str] | None = None,
) -> Reasoner:
    """Return the reasoner of a name.

    Args:
        name: ``contrastive``; ``endpoint``, as the environment configures it; ``local:FOLDER``, a
            model in a folder; or ``auto``: contrastive, and the endpoint, if one is configured,
            for what needs a language model.
        contrastive: What answers from the CLIP model that is loaded.
        device: Where a model in a folder runs.
        environ: Where the endpoint is configured; None: ``os.environ``.

    Raises:
        ParameterError: There is no reasoner of that name.
        ReasoningError: The endpoint is not configured, or wrongly.
        ModelError: The model in the folder cannot be loaded.
    """
    environ = os.environ if environ is None else environ
    if name == "contrastive":
        return contrastive
    if name == "auto":
        settings = endpoint_settings_from_env(environ)
        return AutoReasoner(contrastive, EndpointReasoner(settings)) if settings else contrastive
    if name == "endpoint":
        return _endpoint(environ)
    if name.startswith(LOCAL_PREFIX) and name != LOCAL_PREFIX:
        return _local(Path(name.removeprefix(LOCAL_PREFIX)).expanduser(), device, environ)
    message = f"reasoner: expected one of {', '.join(NAMES)}, got {name!r}"
    raise ParameterError(message)


def _endpoint(environ: Mapping[str, str]) -> Reasoner:
    if settings := endpoint_settings_from_env(environ):
        return EndpointReasoner(settings)
    message = f"{BASE_URL}: expected an OpenAI-compatible endpoint, got none; set it and {MODEL}"
    raise ReasoningError(message)


def _local(folder: Path, device: str, environ: Mapping[str, str]) -> Reasoner:
    from scene_clip_ros.models.language.local_reasoner import LocalReasoner

    timeout_s, max_frames = limits_from_env(environ)
    settings = LocalSettings(device, timeout_s=timeout_s, max_frames=max_frames)
    return LocalReasoner(folder, settings)
