from __future__ import annotations

from typing import Any

import pytest
import torch
from open_clip.model import QuickGELU
from open_clip.transformer import VisionTransformer
from torch import nn

from scene_clip_ros.models.lean_vision_transformer import LeanVisionTransformer, can_be_lean
from scene_clip_ros.models.preprocessing import Preprocessing

PREPROCESSING = Preprocessing((32, 48), (0.5, 0.4, 0.3), (0.2, 0.3, 0.4), "bicubic", "squash", 0)


def vision_transformer(**settings: Any) -> VisionTransformer:
    sizes = {"image_size": (32, 48), "patch_size": 16, "width": 24, "layers": 3, "heads": 4}
    torch.manual_seed(5)
    visual = VisionTransformer(**{**sizes, "mlp_ratio": 2.0, "output_dim": 10, **settings}).eval()
    with torch.no_grad():
        for parameter in visual.parameters():
            # No bias is zero and no scale is one, so that none can be left out unseen.
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return visual


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"patch_size": 8, "layers": 1},
        {"patch_size": (8, 16)},
        {"act_layer": QuickGELU},
        {"ls_init_value": 0.3},
        {"no_ln_pre": True},
        {"final_ln_after_pool": True},
        {"pos_embed_type": "sin_cos_2d", "image_size": 32},
        {"patch_dropout": 0.5},
    ],
    ids=lambda settings: ",".join(settings) or "plain",
)
@pytest.mark.parametrize("projection", ["projected", "not projected"])
def test_embeds_as_open_clip_does(settings: dict[str, Any], projection: str) -> None:
    visual = vision_transformer(**settings)
    if projection == "not projected":
        visual.proj = None
    pixels = torch.randint(0, 256, (3, *visual.image_size, 3), dtype=torch.uint8)

    with torch.no_grad():
        expected = visual(PREPROCESSING.normalisation()(pixels))
        seen = LeanVisionTransformer(visual, PREPROCESSING)(pixels)

    assert can_be_lean(visual)
    torch.testing.assert_close(seen, expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "settings",
    [
        {"pool_type": "avg"},
        {"attentional_pool": True, "attn_pooler_heads": 2},
        {"output_tokens": True},
        {"image_size": (32, 50)},
        {"qk_norm": True},
        {"block_type": "custom"},
    ],
    ids=lambda settings: ",".join(settings),
)
def test_other_kinds_of_towers_are_left_as_they_are(settings: dict[str, Any]) -> None:
    assert not can_be_lean(vision_transformer(**settings))


def test_other_networks_are_left_as_they_are() -> None:
    assert not can_be_lean(nn.Linear(3, 3))


def test_the_original_is_not_changed() -> None:
    visual = vision_transformer()
    before = {name: value.clone() for name, value in visual.state_dict().items()}
    LeanVisionTransformer(visual, PREPROCESSING)
    assert before.keys() == visual.state_dict().keys()
    assert all(torch.equal(value, before[name]) for name, value in visual.state_dict().items())
