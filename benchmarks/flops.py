"""Counts the multiplications and additions of a CLIP from its architecture.

Everything that is a product of matrices counts: linear layers, the convolution that cuts a picture
into patches, attention. Norms, activations and softmax do not; they are about one in a thousand.
Attention counts in full, even where a causal mask makes half of it zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MLP_RATIO = 4


@dataclass(frozen=True, slots=True)
class Tower:
    """A transformer of open_clip with what is before and after it.

    Attributes:
        layers: Blocks of attention and MLP.
        width: Numbers of a token.
        tokens: Tokens that a block works on.
        mlp_width: Numbers in the middle of an MLP.
        patch_inputs: Numbers that a patch's token is computed from; 0 where tokens are looked up.
        dim: Numbers of an embedding.
    """

    layers: int
    width: int
    tokens: int
    mlp_width: int
    patch_inputs: int
    dim: int

    @property
    def flops(self) -> int:
        """Operations for one picture or text; a multiplication and an addition are two."""
        per_token = 4 * self.width**2 + 2 * self.width * self.mlp_width
        attention = 2 * self.tokens**2 * self.width
        patches = (self.tokens - 1) * self.patch_inputs * self.width
        block = self.tokens * per_token + attention
        return 2 * (self.layers * block + patches + self.width * self.dim)

    @property
    def weights(self) -> int:
        """Numbers that have to be read for the products."""
        block = 4 * self.width**2 + 2 * self.width * self.mlp_width
        return self.layers * block + self.width * (self.patch_inputs + self.dim)


def image_tower(config: Mapping[str, Any]) -> Tower:
    """Read the ViT of open_clip's configuration of a model, with one class token."""
    vision = config["vision_cfg"]
    side = vision["image_size"] // vision["patch_size"]
    return Tower(
        layers=vision["layers"],
        width=vision["width"],
        tokens=side**2 + 1,
        mlp_width=int(vision["width"] * vision.get("mlp_ratio", MLP_RATIO)),
        patch_inputs=3 * vision["patch_size"] ** 2,
        dim=config["embed_dim"],
    )


def text_tower(config: Mapping[str, Any]) -> Tower:
    """Read the text transformer of open_clip's configuration of a model."""
    text = config["text_cfg"]
    return Tower(
        layers=text["layers"],
        width=text["width"],
        tokens=text["context_length"],
        mlp_width=int(text["width"] * text.get("mlp_ratio", MLP_RATIO)),
        patch_inputs=0,
        dim=config["embed_dim"],
    )
