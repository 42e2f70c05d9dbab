"""Chooses what executes the towers of a CLIP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as cache_once
from typing import Any

import torch
from open_clip.model import convert_weights_to_lp

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.models.open_clip_model import Tokenize
from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.models.runtimes.choice import Trial, Wanted, choose_session
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.runtimes.onnx_export import Network
from scene_clip_ros.models.runtimes.parity import TEXTS, fixed_pictures, require_parity
from scene_clip_ros.models.runtimes.session import Session
from scene_clip_ros.models.towers import (
    ImageNetwork,
    SessionTower,
    TextNetwork,
    TorchTower,
    Tower,
    exported_image_network,
)

_CPU = torch.device("cpu")
_OUTPUTS = ("features",)


@dataclass(frozen=True, slots=True)
class Towers:
    """Both towers, ready to run.

    Attributes:
        image: Embeds ``(N, h, w, 3)`` uint8.
        text: Embeds ``(N, context)`` int64 tokens.
        dim: Length D of an embedding.
        backend: What executes the image tower.
        reason: One line for a person: why that.
    """

    image: Tower
    text: Tower
    dim: int
    backend: str
    reason: str


def choose_towers(
    model: Any,
    tokenize: Tokenize,
    wanted: Wanted,
    *,
    model_id: str,
    preprocessing: Preprocessing,
    cache: NetworkCache | None = None,
) -> Towers:
    """Choose what executes the towers: one runtime for both, torch for what it cannot run.

    Args:
        model: As open_clip builds it, in fp32, on the CPU; not to be used afterwards.
        tokenize: The model's tokenizer.
        wanted: The user's wish.
        model_id: Architecture, weights and weight digest.
        preprocessing: How the model wants its pictures.
        cache: Where exported networks are kept; None: the default folder.

    Raises:
        ModelError: What is asked for is not installed or cannot compute so here.
    """
    device, mixed = torch.device(wanted.device), wanted.precision == "bf16"
    image, text = ImageNetwork(model, preprocessing).eval(), TextNetwork(model).eval()
    pictures = torch.from_numpy(fixed_pictures(preprocessing.size_hw))
    tokens = tokenize(list(TEXTS))
    seen, read = (
        TorchTower(network, _CPU, mixed=False)(inputs)
        for network, inputs in ((image, pictures), (text, tokens))
    )

    @cache_once
    def torch_image() -> Tower:
        if mixed:
            # Autocast alone would convert the weights anew for every frame.
            convert_weights_to_lp(model.visual, torch.bfloat16)
        return TorchTower(image, device, mixed=mixed)

    exported = exported_image_network(image, preprocessing)
    chosen = choose_session(
        Network(
            f"{model_id} image {preprocessing}", exported, (pictures[:2],), ("pixels",), _OUTPUTS
        ),
        wanted,
        Trial(
            check=_comparison(pictures, seen, precision=wanted.precision),
            run=lambda session: SessionTower(session)(pictures[:1]),
            run_torch=lambda: torch_image()(pictures[:1]),
        ),
        cache=cache,
    )
    if chosen.session is None:
        text_tower: Tower = TorchTower(text, device, mixed=mixed)
        return Towers(torch_image(), text_tower, seen.shape[1], chosen.backend, chosen.reason)
    # Texts are few, and what they are compared with is seldom encoded anew: no int8 for them.
    precision = "fp32" if wanted.precision == "int8" else wanted.precision
    reader = choose_session(
        Network(f"{model_id} text", text, (tokens[:2],), ("tokens",), _OUTPUTS),
        Wanted(chosen.backend, wanted.device, precision),
        Trial(check=_comparison(tokens, read, precision=precision)),
        cache=cache,
    )
    text_tower = (
        SessionTower(reader.session) if reader.session else TorchTower(text, device, mixed=mixed)
    )
    return Towers(
        SessionTower(chosen.session), text_tower, seen.shape[1], chosen.backend, chosen.reason
    )


def _comparison(
    inputs: torch.Tensor, reference: FloatArray, *, precision: str
) -> Callable[[Session], float]:
    """Return what compares a session's outputs with those of torch in fp32."""

    def check(session: Session) -> float:
        return require_parity(SessionTower(session)(inputs), reference, precision=precision)

    return check
