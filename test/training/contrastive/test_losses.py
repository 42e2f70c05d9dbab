"""Losses are those of open_clip, and batches in parts have the gradients of whole ones."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from open_clip.loss import ClipLoss, SigLipLoss
from torch.nn import functional

from scene_clip_ros.training.contrastive.losses import (
    LossName,
    backward,
    contrast,
    same_captions,
)

SCALE, BIAS = torch.tensor(9.0), torch.tensor(-4.0)


def rows(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return functional.normalize(torch.randn(6, 5, generator=generator), dim=-1)


def model(bias: torch.Tensor | None) -> SimpleNamespace:
    return SimpleNamespace(logit_scale=SCALE.log(), logit_bias=bias)


def test_different_captions_have_the_losses_of_open_clip() -> None:
    same = same_captions([str(number) for number in range(6)])
    images, texts = rows(0), rows(1)
    ours = contrast(model(None), images, texts, same=same, name="clip")
    torch.testing.assert_close(ours, ClipLoss()(images, texts, SCALE))
    ours = contrast(model(BIAS), images, texts, same=same, name="siglip")
    torch.testing.assert_close(ours, SigLipLoss()(images, texts, SCALE, BIAS))


@pytest.mark.parametrize("name", ["clip", "siglip"])
def test_equal_captions_are_no_mistake(name: LossName) -> None:
    texts = rows(1)[[0, 1, 2, 0, 1, 2]]
    same = same_captions(["a", "b", "c", "a", "b", "c"])
    shared = contrast(model(BIAS), texts, texts, same=same, name=name)
    alone = contrast(model(BIAS), texts, texts, same=torch.eye(6), name=name)
    assert shared < alone


@pytest.mark.parametrize("locked", [False, True], ids=["both towers", "one tower locked"])
def test_a_batch_in_parts_has_the_gradients_of_the_whole(*, locked: bool) -> None:
    pixels, tokens = torch.split(rows(2), 3), torch.split(rows(3), 3)
    found = []
    for parts in (1, 2):
        torch.manual_seed(0)
        images, texts = torch.nn.Linear(5, 4), torch.nn.Linear(5, 4)
        texts.requires_grad_(not locked)

        def embed(
            part: int,
            *,
            parts: int = parts,
            images: torch.nn.Module = images,
            texts: torch.nn.Module = texts,
        ) -> tuple[torch.Tensor, torch.Tensor]:
            left, right = (
                side[part] if parts == 2 else torch.cat(side) for side in (pixels, tokens)
            )
            return images(left), texts(right)

        loss = backward(embed, parts, lambda x, y: ClipLoss()(x, y, SCALE))
        found.append([torch.tensor(loss), *(p.grad for p in images.parameters())])
        assert (texts.weight.grad is None) == locked
    torch.testing.assert_close(found[0], found[1])
