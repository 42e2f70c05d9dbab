"""Makes the reasoner that a person names."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from scene_clip_ros.core.errors import ParameterError, ReasoningError
from scene_clip_ros.core.questions.types import Reasoner
from scene_clip_ros.models.language.auto_reasoner import AutoReasoner
from scene_clip_ros.models.language.endpoint import EndpointReasoner
from scene_clip_ros.models.language.endpoint_settings import (
    BASE_URL,
    MODEL,
    EndpointSettings,
    endpoint_settings_from_env,
    limits_from_env,
)
from scene_clip_ros.models.language.local_settings import LocalSettings, require_weights

LOCAL_PREFIX = "local:"
NAMES = ("auto", "contrastive", "endpoint", f"{LOCAL_PREFIX}FOLDER")


LoadChosen = Callable[[Reasoner], Reasoner]
"""Gets the reasoner that answers from the CLIP model; may take seconds."""


def load_reasoner(
    name: str,
    contrastive: Reasoner,
    *,
    device: str = "auto",
    environ: Mapping[str, str] | None = None,
) -> Reasoner:
    """Return the reasoner of a name.

    Args:
        name: As for `find_reasoner`.
        contrastive: What answers from the CLIP model that is loaded.
        device: Where a model in a folder runs.
        environ: Where the endpoint is configured; None: ``os.environ``.

    Raises:
        ParameterError: There is no reasoner of that name.
        ReasoningError: The endpoint is not configured, or wrongly.
        ModelError: The model in the folder cannot be loaded.
    """
    return find_reasoner(name, device=device, environ=environ)(contrastive)


def find_reasoner(
    name: str, *, device: str = "auto", environ: Mapping[str, str] | None = None
) -> LoadChosen:
    """Find the reasoner of a name, at once, and return what loads it.

    Args:
        name: ``contrastive``; ``endpoint``, as the environment configures it; ``local:FOLDER``, a
            model in a folder; or ``auto``: contrastive, and the endpoint, if one is configured,
            for what needs a language model.
        device: Where a model in a folder runs.
        environ: Where the endpoint is configured; None: ``os.environ``.

    Raises:
        ParameterError: There is no reasoner of that name.
        ReasoningError: The endpoint is not configured, or wrongly.
        ModelError: There is no model in the folder.
    """
    environ = os.environ if environ is None else environ
    if name == "contrastive":
        return _itself
    if name == "auto":
        settings = endpoint_settings_from_env(environ)
        return partial(_load_auto, settings) if settings else _itself
    if name == "endpoint":
        return partial(_load_endpoint, _required_endpoint(environ))
    if name.startswith(LOCAL_PREFIX) and name != LOCAL_PREFIX:
        return _find_local(Path(name.removeprefix(LOCAL_PREFIX)).expanduser(), device, environ)
    message = f"reasoner: expected one of {', '.join(NAMES)}, got {name!r}"
    raise ParameterError(message)


def _itself(contrastive: Reasoner) -> Reasoner:
    return contrastive


def _load_auto(settings: EndpointSettings, contrastive: Reasoner) -> Reasoner:
    return AutoReasoner(contrastive, EndpointReasoner(settings))


def _load_endpoint(settings: EndpointSettings, _contrastive: Reasoner) -> Reasoner:
    return EndpointReasoner(settings)


def _required_endpoint(environ: Mapping[str, str]) -> EndpointSettings:
    if settings := endpoint_settings_from_env(environ):
        return settings
    message = f"{BASE_URL}: expected an OpenAI-compatible endpoint, got none; set it and {MODEL}"
    raise ReasoningError(message)


def _find_local(folder: Path, device: str, environ: Mapping[str, str]) -> LoadChosen:
    timeout_s, max_frames = limits_from_env(environ)
    settings = LocalSettings(device, timeout_s=timeout_s, max_frames=max_frames)
    require_weights(folder)

    def load(_contrastive: Reasoner) -> Reasoner:
        from scene_clip_ros.models.language.local_reasoner import LocalReasoner

        return LocalReasoner(folder, settings)

    return load
