"""open_clip's vision transformer, with the steps left out that its embedding does not need.

It embeds as the original does, from the same weights, and is what runtimes get:

- patches are cut from the pictures' bytes and multiplied with the first convolution's kernels, into
  which the normalisation is folded;
- queries, keys and values are one product, with the scale of the dot products (Vaswani et al. 2017,
  equation 1) folded into the queries' weights, and axes are swapped once per block and way;
- of the last block, only the class token goes on, since nothing else is looked at afterwards.
"""

from __future__ import annotations

from typing import Any

import torch
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import nn
from torch.nn import functional

from scene_clip_ros.models.preprocessing import Preprocessing


def can_be_lean(visual: Any) -> bool:
    """Whether an image tower is of the plain kind that `LeanVisionTransformer` computes."""
    return (
        type(visual) is VisionTransformer
        and visual.pool_type == "tok"
        and visual.attn_pool is None
        and not visual.output_tokens
        and all(map(_is_plain, visual.transformer.resblocks))
        and all(side % patch == 0 for side, patch in zip(*_sides(visual), strict=True))
    )


class LeanVisionTransformer(nn.Module):
    """A vision transformer for inference; holds the original's layers and derived weights."""

    def __init__(self, visual: Any, preprocessing: Preprocessing) -> None:
        """Derive the weights.

        Args:
            visual: An image tower that `can_be_lean`, in fp32, on the CPU.
            preprocessing: How it wants its pictures.
        """
        super().__init__()
        self._patch_hw = tuple(visual.patch_size)
        std = torch.tensor(preprocessing.std)
        kernels = visual.conv1.weight / (255.0 * std).view(3, 1, 1)
        offset = (visual.conv1.weight.sum((2, 3)) * (torch.tensor(preprocessing.mean) / std)).sum(1)
        places = visual.positional_embedding
        self.patch_weight = _fixed(kernels.permute(0, 2, 3, 1).flatten(1))
        self.patch_bias = _fixed(places[1:] - offset)
        self.class_token = _fixed(visual.class_embedding + places[0])
        self.ln_pre = visual.ln_pre
        *first, last = visual.transformer.resblocks
        self.blocks = nn.Sequential(
            *(_Block(block, only_class=False) for block in first), _Block(last, only_class=True)
        )
        self.ln_post = visual.ln_post
        self.proj = visual.proj

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Embed ``(N, h, w, 3)`` uint8 RGB, to ``(N, D)``."""
        patches = functional.linear(self._cut(pixels).float(), self.patch_weight) + self.patch_bias
        tokens = torch.cat([self.class_token.expand(pixels.shape[0], 1, -1), patches], dim=1)
        pooled = self.ln_post(self.blocks(self.ln_pre(tokens)))[:, 0]
        features: torch.Tensor = pooled if self.proj is None else pooled @ self.proj
        return features

    def _cut(self, pixels: torch.Tensor) -> torch.Tensor:
        """Cut pictures into patches: ``(N, h, w, 3)`` to ``(N, patches, their bytes)``."""
        _, height, width, _ = pixels.shape
        high, wide = self._patch_hw
        rows, columns = height // high, width // wide
        lines = pixels.reshape(-1, rows, high, columns, wide * 3)
        return lines.transpose(2, 3).reshape(-1, rows * columns, high * wide * 3)


class _Block(nn.Module):
    """A residual attention block from which all tokens come out, or the class token alone."""

    def __init__(self, block: Any, *, only_class: bool) -> None:
        super().__init__()
        self.ln_1, self.ls_1, self.ln_2, self.ls_2 = block.ln_1, block.ls_1, block.ln_2, block.ls_2
        self.mlp = block.mlp
        attention = block.attn
        width = attention.embed_dim
        self._head_shape = (attention.num_heads, attention.head_dim)
        self._only_class = only_class
        scale = torch.ones(3 * width)
        scale[:width] = attention.head_dim**-0.5
        weight, bias = attention.in_proj_weight * scale[:, None], attention.in_proj_bias * scale
        # The class token alone asks, but looks at all.
        widths = [width, 2 * width] if only_class else [3 * width]
        parts = zip(weight.split(widths), bias.split(widths), strict=True)
        self.in_projections = nn.ModuleList(_linear(*part) for part in parts)
        self.out_proj = attention.out_proj

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Turn ``(N, L, width)`` into the same, or into ``(N, 1, width)``."""
        normed = self.ln_1(tokens)
        inputs = [normed]
        if self._only_class:
            tokens, inputs = tokens[:, :1], [normed[:, :1], normed]
        queries, keys, values = (
            part
            for projection, each in zip(self.in_projections, inputs, strict=True)
            for part in self._heads(projection(each))
        )
        weights = (queries @ keys.transpose(-1, -2)).softmax(-1)
        attended = (weights @ values).transpose(1, 2).flatten(2)
        tokens = tokens + self.ls_1(self.out_proj(attended))
        result: torch.Tensor = tokens + self.ls_2(self.mlp(self.ln_2(tokens)))
        return result

    def _heads(self, joint: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Take ``(N, L, parts * width)`` apart, to ``(N, heads, L, width / heads)`` each."""
        split = joint.reshape(*joint.shape[:2], -1, *self._head_shape)
        return split.permute(2, 0, 3, 1, 4).unbind(0)


def _is_plain(block: Any) -> bool:
    if type(block) is not ResidualAttentionBlock or hasattr(block, "ln_1_kv"):
        return False
    attention = block.attn
    return (
        attention.in_proj_weight is not None
        and attention.in_proj_bias is not None
        and attention.bias_k is None
        and not attention.add_zero_attn
    )


def _sides(visual: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    return tuple(visual.image_size), tuple(visual.patch_size)


def _linear(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    outputs, inputs = weight.shape
    layer = nn.Linear(inputs, outputs, device="meta")
    layer.weight, layer.bias = _fixed(weight), _fixed(bias)
    return layer


def _fixed(weights: torch.Tensor) -> nn.Parameter:
    return nn.Parameter(weights.detach().clone(), requires_grad=False)
