"""Changes pictures as cameras do, so that the renderer's own looks are not learnt by heart."""

from __future__ import annotations

import torch
from torch.nn import functional

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def normalise(pictures: torch.Tensor) -> torch.Tensor:
    """Apply CLIP's mean and deviation to ``(N, 3, H, W)`` in [0, 1]."""
    mean = torch.tensor(MEAN).view(1, 3, 1, 1)
    std = torch.tensor(STD).view(1, 3, 1, 1)
    return (pictures - mean) / std


def augment(pictures: torch.Tensor, size: int, generator: torch.Generator) -> torch.Tensor:
    """Crop, mirror, recolour, blur and add noise.

    Args:
        pictures: ``(N, 3, H, W)`` float32 in [0, 1].
        size: Side of the square result in pixels.
        generator: Source of randomness.

    Returns:
        ``(N, 3, size, size)`` float32, normalised for the model.
    """
    warped = recolour(_warp(pictures, size, generator), generator)
    return normalise(degrade(warped, generator).clamp_(0, 1))


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(n, generator=generator)


def _warp(pictures: torch.Tensor, size: int, generator: torch.Generator) -> torch.Tensor:
    n = len(pictures)
    zoom_x, zoom_y = _uniform(n, 0.72, 1.0, generator), _uniform(n, 0.72, 1.0, generator)
    mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    turn = 0.03 * torch.randn(n, generator=generator)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = zoom_x * mirror, zoom_y
    theta[:, 0, 1], theta[:, 1, 0] = turn, -turn
    theta[:, 0, 2] = (1 - zoom_x) * _uniform(n, -1, 1, generator)
    theta[:, 1, 2] = (1 - zoom_y) * _uniform(n, -1, 1, generator)
    grid = functional.affine_grid(theta, [n, 3, size, size], align_corners=False)
    return functional.grid_sample(pictures, grid, padding_mode="reflection", align_corners=False)


def recolour(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Change brightness, tint, contrast and colourfulness: one affine map of the colours each."""
    n = len(pictures)
    gain = _uniform(n, 0.78, 1.28, generator).view(n, 1, 1)
    tint = 1 + 0.06 * torch.randn(n, 3, 1, generator=generator)
    colour = _uniform(n, -0.1, 1.4, generator).clamp(min=0).view(n, 1, 1)
    contrast = _uniform(n, 0.75, 1.25, generator).view(n, 1, 1)
    mix = colour * torch.eye(3) + (1 - colour) / 3
    mix = contrast * gain * tint * mix
    mean = pictures.mean(dim=(2, 3))[..., None]
    offset = (1 - contrast) / contrast * (mix @ mean).mean(dim=1, keepdim=True)
    flat = pictures.flatten(2)
    return torch.baddbmm(offset.expand(n, 3, 1), mix, flat).view_as(pictures)


def degrade(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Soften some pictures, and add sensor noise to all."""
    n = len(pictures)
    share = _uniform(n, -0.6, 1.0, generator).clamp(min=0).view(n, 1, 1, 1)
    side = 3 if torch.rand(1, generator=generator) < 0.6 else 5
    soft = functional.avg_pool2d(
        pictures, side, stride=1, padding=side // 2, count_include_pad=False
    )
    strength = _uniform(n, 0.0, 0.035, generator).view(n, 1, 1, 1)
    noise = torch.randn(1, *pictures.shape[1:], generator=generator)
    return torch.lerp(pictures, soft, share) + noise * strength
