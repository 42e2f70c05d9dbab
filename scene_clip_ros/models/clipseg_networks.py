"""The two networks of a CLIPSeg that see pictures, and the choice of what executes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.models.runtimes.choice import Choice, Trial, Wanted, choose_session
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.runtimes.onnx_export import Network
from scene_clip_ros.models.runtimes.parity import fixed_pictures, require_parity
from scene_clip_ros.models.runtimes.session import Session

Look = Callable[[torch.Tensor], list[torch.Tensor]]
"""Turns ``(N, h, w, 3)`` uint8 RGB into what the decoder takes, ``(N, tokens, width)`` each."""

Decode = Callable[[Sequence[torch.Tensor], torch.Tensor], torch.Tensor]
"""Turns that and ``(N, D)`` embeddings of prompts into ``(N, h, w)`` logits."""


@dataclass(frozen=True, slots=True)
class ClipsegNetworks:
    """Both networks, ready to run.

    Attributes:
        look: The vision tower.
        decode: The decoder.
        backend: What executes the vision tower.
        reason: One line for a person: why that.
    """

    look: Look
    decode: Decode
    backend: str = "torch"
    reason: str = ""


class VisionNetwork(nn.Module):
    """The vision tower with its normalisation in front."""

    def __init__(self, model: Any, preprocessing: Preprocessing, dtype: torch.dtype) -> None:
        """Take transformers' ``CLIPSegForImageSegmentation``, and what it computes in."""
        super().__init__()
        self.model = model
        self.normalisation = preprocessing.normalisation()
        self.dtype = dtype

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Look at ``(N, h, w, 3)`` uint8 RGB."""
        values = self.normalisation(pixels).contiguous().to(self.dtype)
        seen = self.model.clip.vision_model(pixel_values=values, output_hidden_states=True)
        # The first of the hidden states is the input of the first layer.
        return tuple(seen.hidden_states[layer + 1] for layer in self.model.extract_layers)


class DecoderNetwork(nn.Module):
    """The decoder."""

    def __init__(self, model: Any) -> None:
        """Take transformers' ``CLIPSegForImageSegmentation``."""
        super().__init__()
        self.decoder = model.decoder

    def forward(self, conditions: torch.Tensor, *seen: torch.Tensor) -> torch.Tensor:
        """Return ``(N, h, w)`` logits of N pictures and their ``(N, D)`` conditions."""
        logits: torch.Tensor = self.decoder(list(seen), conditions).logits
        # transformers drops the axis of a single picture.
        return logits.view(conditions.shape[0], *logits.shape[-2:])


def in_torch(
    model: Any, preprocessing: Preprocessing, *, device: torch.device, dtype: torch.dtype
) -> ClipsegNetworks:
    """Let torch execute both, and convert their weights to what is computed in."""
    model.clip.vision_model.to(dtype)
    model.decoder.to(dtype)
    vision = VisionNetwork(model, preprocessing, dtype).to(device)
    decoder = DecoderNetwork(model)
    return ClipsegNetworks(
        lambda pixels: list(vision(pixels)),
        lambda seen, conditions: decoder(conditions.to(dtype), *seen),
    )


def choose_networks(
    model: Any,
    wanted: Wanted,
    *,
    preprocessing: Preprocessing,
    model_id: str,
    cache: NetworkCache | None = None,
) -> ClipsegNetworks:
    """Choose what executes the networks: one runtime for both, or torch.

    Args:
        model: transformers' ``CLIPSegForImageSegmentation`` in fp32, on its device.
        wanted: The user's wish.
        preprocessing: How the model wants pictures.
        model_id: Architecture, weights and weight digest.
        cache: Where exported networks are kept; None: the default folder.

    Raises:
        ModelError: What is asked for is not installed or cannot compute so here.
    """
    device = torch.device(wanted.device)
    dtype = torch.bfloat16 if wanted.precision == "bf16" else torch.float32
    if wanted.backend == "torch":
        return in_torch(model, preprocessing, device=device, dtype=dtype)
    pixels = torch.from_numpy(fixed_pictures(preprocessing.size_hw)).to(device)
    vision = VisionNetwork(model, preprocessing, torch.float32).eval().to(device)
    decoder = DecoderNetwork(model).eval()
    generator = torch.Generator().manual_seed(0)
    width = model.config.projection_dim
    conditions = torch.randn(len(pixels), width, generator=generator).to(device)
    with torch.inference_mode():
        seen = vision(pixels)
        logits = decoder(conditions, *seen)
    layers = tuple(f"seen_{number}" for number in range(len(seen)))
    looking = choose_session(
        Network(f"{model_id} vision", vision, (pixels[:2],), ("pixels",), layers),
        wanted,
        Trial(check=_comparison([pixels], seen, precision=wanted.precision)),
        cache=cache,
    )
    if looking.session is None:
        return _told(in_torch(model, preprocessing, device=device, dtype=dtype), looking)
    decoding = choose_session(
        Network(
            f"{model_id} decoder",
            decoder,
            (conditions[:2], *(each[:2] for each in seen)),
            ("conditions", *layers),
            ("logits",),
        ),
        Wanted(looking.backend, wanted.device, wanted.precision),
        Trial(check=_comparison([conditions, *seen], [logits], precision=wanted.precision)),
        cache=cache,
    )
    if decoding.session is None:
        return _told(in_torch(model, preprocessing, device=device, dtype=dtype), decoding)
    return _told(_in_sessions(looking.session, decoding.session), looking)


def _in_sessions(looking: Session, decoding: Session) -> ClipsegNetworks:
    def decode(seen: Sequence[torch.Tensor], conditions: torch.Tensor) -> torch.Tensor:
        (logits,) = _run(decoding, [conditions, *seen])
        return logits

    return ClipsegNetworks(lambda pixels: _run(looking, [pixels]), decode)


def _told(networks: ClipsegNetworks, choice: Choice) -> ClipsegNetworks:
    return replace(networks, backend=choice.backend, reason=choice.reason)


def _comparison(
    inputs: Sequence[torch.Tensor], expected: Sequence[torch.Tensor], *, precision: str
) -> Callable[[Session], float]:
    """Return what compares a session's outputs with those of torch in fp32."""

    def check(session: Session) -> float:
        return min(
            require_parity(ours.cpu().numpy(), theirs.cpu().numpy(), precision=precision)
            for ours, theirs in zip(_run(session, inputs), expected, strict=True)
        )

    return check


def _run(session: Session, inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Run a session on tensors; the outputs are copies, which the next run leaves alone."""
    device = inputs[0].device
    outputs = session.run(*(np.ascontiguousarray(each.cpu().numpy()) for each in inputs))
    return [torch.tensor(np.asarray(output, np.float32), device=device) for output in outputs]
