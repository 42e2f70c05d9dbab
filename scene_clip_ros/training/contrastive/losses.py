"""Losses that draw pictures towards their captions, and gradients of batches in parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch.nn import functional

LossName = Literal["clip", "siglip"]

Embed = Callable[[int], tuple[torch.Tensor, torch.Tensor]]
"""Embeds one part of a batch: pictures and captions, ``(n, D)`` each, rows of unit length."""

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Of all pictures and all captions of a batch."""


def same_captions(captions: Sequence[str]) -> torch.Tensor:
    """Return which captions say the same: ``(N, N)`` float32, 1 where they do.

    Such a caption is right for each of its pictures; to take it for wrong would teach noise.
    """
    numbers = {text: number for number, text in enumerate(dict.fromkeys(captions))}
    row = torch.tensor([numbers[text] for text in captions])
    return (row[:, None] == row[None, :]).float()


def clip_loss(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Return the symmetric InfoNCE loss of CLIP (Radford et al., 2021).

    Args:
        logits: ``(N, N)``, pictures by captions.
        same: ``(N, N)``, see `same_captions`; the identity gives the loss of the paper.
    """
    target = same / same.sum(dim=1, keepdim=True)
    both = functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
    return both / 2


def siglip_loss(logits: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Return the sigmoid loss of SigLIP (Zhai et al., 2023); see `clip_loss`."""
    return -functional.logsigmoid((2 * same - 1) * logits).sum() / len(logits)


LOSSES: dict[LossName, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "clip": clip_loss,
    "siglip": siglip_loss,
}


def contrast(
    model: Any, images: torch.Tensor, texts: torch.Tensor, *, same: torch.Tensor, name: LossName
) -> torch.Tensor:
    """Return the loss of a batch, with the logit scale, and bias if any, of an open_clip model.

    Args:
        model: Of open_clip.
        images: ``(N, D)``, rows of unit length.
        texts: ``(N, D)``, rows of unit length.
        same: See `same_captions`.
        name: Of the loss.
    """
    logits = model.logit_scale.exp() * images.float() @ texts.float().T
    if model.logit_bias is not None:
        logits = logits + model.logit_bias
    return LOSSES[name](logits, same)


def backward(embed: Embed, parts: int, loss: Loss) -> float:
    """Compute the gradients of a batch, in parts if it is too large for the memory.

    The loss compares everything with everything, so parts are embedded twice: first without
    gradients, for the loss and its gradients with respect to the embeddings, then with (Gao et al.,
    "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup", 2021).

    Args:
        embed: Must give equal embeddings for equal parts.
        parts: How many, ≥ 1.
        loss: Of the whole batch.

    Returns:
        The loss.
    """
    if parts == 1:
        value = loss(*embed(0))
        value.backward()  # type: ignore[no-untyped-call]
        return float(value.detach())
    with torch.no_grad():
        rows = [embed(part) for part in range(parts)]
    images, texts = (torch.cat(side).requires_grad_() for side in zip(*rows, strict=True))
    value = loss(images, texts)
    value.backward()  # type: ignore[no-untyped-call]
    sizes = [len(part[0]) for part in rows]
    slopes = [torch.split(side.grad, sizes) for side in (images, texts) if side.grad is not None]
    for part in range(parts):
        _follow_slopes(embed(part), [side[part] for side in slopes])
    return float(value.detach())


def _follow_slopes(rows: tuple[torch.Tensor, ...], slopes: list[torch.Tensor]) -> None:
    """Pass gradients on to the weights; a tower that is locked has none."""
    fitted = [(row, slope) for row, slope in zip(rows, slopes, strict=True) if row.requires_grad]
    torch.autograd.backward([row for row, _ in fitted], [slope for _, slope in fitted])
