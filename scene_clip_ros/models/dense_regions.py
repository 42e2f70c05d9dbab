"""The part of a Faster R-CNN that looks at whole pictures: trunk, pyramid and proposal head.

It is most of the work, the same for every picture of a size, and so what other runtimes execute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torchvision.models.detection import FasterRCNN

from scene_clip_ros.models.region_network import in_fp32
from scene_clip_ros.models.runtimes.choice import Choice, Trial, Wanted, choose_session
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.runtimes.onnx_export import Network
from scene_clip_ros.models.runtimes.parity import fixed_pictures, require_parity
from scene_clip_ros.models.runtimes.session import Session

_TRIAL_HW = (320, 576)
"""Height and width of the pictures on which runtimes are compared: what all strides divide."""


@dataclass(frozen=True, slots=True)
class DenseRegions:
    """What is seen at every place of a batch of N pictures, level by level.

    Attributes:
        features: ``(N, C, h, w)`` float32 by the pyramid's names.
        logits: ``(N, A, h, w)`` float32, objectness of A anchors at every place.
        deltas: ``(N, 4 A, h, w)`` float32, their corrections.
    """

    features: dict[str, torch.Tensor]
    logits: list[torch.Tensor]
    deltas: list[torch.Tensor]


LookAll = Callable[[torch.Tensor], DenseRegions]
"""Looks at ``(N, 3, H, W)`` float32, normalised and padded."""


class _DenseNetwork(nn.Module):
    """The exported part: a tensor in; features, logits and deltas of every level out."""

    def __init__(self, network: FasterRCNN) -> None:
        """Take the detector."""
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Look at ``(N, 3, H, W)`` float32, in fp32."""
        with in_fp32(self.network):
            seen = TorchDense(self.network)(pixels)
        return tuple(_flat(seen))


class TorchDense:
    """Torch executes it."""

    def __init__(self, network: FasterRCNN) -> None:
        """Take the detector, on its device."""
        self._network = network

    def __call__(self, pixels: torch.Tensor) -> DenseRegions:
        """Look at pictures."""
        features = _named(self._network.backbone(pixels))
        return DenseRegions(features, *self._network.rpn.head(list(features.values())))


class SessionDense:
    """Another runtime executes it."""

    def __init__(self, session: Session, names: tuple[str, ...]) -> None:
        """Take the network, ready to run, and the names of the pyramid's levels."""
        self._session = session
        self._names = names

    def __call__(self, pixels: torch.Tensor) -> DenseRegions:
        """Look at pictures."""
        outputs = self._session.run(np.ascontiguousarray(pixels.cpu().numpy()))
        tensors = [torch.from_numpy(np.asarray(each)).to(pixels.device) for each in outputs]
        count = len(self._names)
        features = dict(zip(self._names, tensors[:count], strict=True))
        return DenseRegions(features, tensors[count : 2 * count], tensors[2 * count :])


def choose_dense(
    network: FasterRCNN, wanted: Wanted, *, model_id: str, cache: NetworkCache | None = None
) -> tuple[LookAll, Choice]:
    """Choose what looks at whole pictures.

    Args:
        network: The detector, in evaluation mode, on its device.
        wanted: The user's wish.
        model_id: Architecture, weights and weight digest.
        cache: Where exported networks are kept; None: the default folder.

    Raises:
        ModelError: What is asked for is not installed or cannot compute so here.
    """
    in_torch = TorchDense(network)
    if wanted.backend == "torch":
        return in_torch, Choice(None, "torch", "as set")
    pictures = torch.from_numpy(fixed_pictures(_TRIAL_HW)[:2]).permute(0, 3, 1, 2) / 255.0 - 0.5
    pixels = pictures.to(wanted.device)
    with in_fp32(network), torch.inference_mode():
        seen = in_torch(pixels)
    levels = range(len(seen.features))
    names = [f"{kind}_{level}" for kind in ("features", "logits", "deltas") for level in levels]
    exported = Network(
        identity=f"{model_id} regions",
        module=_DenseNetwork(network).eval(),
        example=(pixels,),
        inputs=("pixels",),
        outputs=tuple(names),
        free_axes=(0, 2, 3),
    )

    def check(session: Session) -> float:
        ours = SessionDense(session, tuple(seen.features))(pixels)
        return min(
            require_parity(one.cpu().numpy(), other.cpu().numpy(), precision=wanted.precision)
            for one, other in zip(_flat(ours), _flat(seen), strict=True)
        )

    @torch.inference_mode()
    def run_torch() -> object:
        return in_torch(pixels[:1])

    trial = Trial(check, lambda session: session.run(pixels[:1].cpu().numpy()), run_torch)
    choice = choose_session(exported, wanted, trial, cache=cache)
    if choice.session is None:
        return in_torch, choice
    return SessionDense(choice.session, tuple(seen.features)), choice


def _named(features: torch.Tensor | dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the levels of a trunk by name, also of one that has a single level."""
    return {"0": features} if isinstance(features, torch.Tensor) else features


def _flat(seen: DenseRegions) -> list[torch.Tensor]:
    return [*seen.features.values(), *seen.logits, *seen.deltas]
