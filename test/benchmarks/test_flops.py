from __future__ import annotations

from typing import Any

import open_clip
import pytest
import torch
from flops import Tower, image_tower, text_tower
from torch.utils.flop_counter import FlopCounterMode

CONFIG: dict[str, Any] = {
    "embed_dim": 24,
    "vision_cfg": {
        "image_size": 48,
        "patch_size": 16,
        "layers": 2,
        "width": 32,
        "head_width": 8,
        "mlp_ratio": 3.0,
    },
    "text_cfg": {
        "context_length": 11,
        "vocab_size": 64,
        "layers": 3,
        "width": 16,
        "heads": 2,
    },
}


def products_without_attention(tower: Tower) -> int:
    return tower.flops - 2 * tower.layers * 2 * tower.tokens**2 * tower.width


def build() -> Any:
    torch.manual_seed(0)
    return open_clip.model.CLIP(**CONFIG)


def count(call: Any, *arguments: torch.Tensor) -> int:
    """Return what torch counts, but for the products within attention, which it may fuse."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        call(*arguments)
    counts = counter.get_flop_counts()["Global"]
    return sum(number for name, number in counts.items() if "attention" not in str(name))


def test_image_tower_counts_what_torch_counts() -> None:
    model, tower = build(), image_tower(CONFIG)
    counted = count(model.encode_image, torch.zeros(1, 3, 48, 48))
    assert counted == products_without_attention(tower)


def test_text_tower_counts_what_torch_counts() -> None:
    model, tower = build(), text_tower(CONFIG)
    counted = count(model.encode_text, torch.zeros(1, 11, dtype=torch.long))
    assert counted == products_without_attention(tower)


def test_weights_are_those_of_the_products() -> None:
    names = ("conv1.weight", "in_proj_weight", "out_proj.weight", "c_fc.weight", "c_proj.weight")
    visual = build().visual
    matrices = sum(
        weight.numel()
        for name, weight in visual.named_parameters()
        if name.endswith(names) or name == "proj"
    )
    assert image_tower(CONFIG).weights == matrices


@pytest.mark.parametrize(
    ("read", "gflops"), [(image_tower, 8.8), (text_tower, 6.0)], ids=["image", "text"]
)
def test_a_known_model_takes_what_is_known(read: Any, gflops: float) -> None:
    tower = read(open_clip.get_model_config("ViT-B-32"))
    assert tower.flops / 1e9 == pytest.approx(gflops, rel=0.02)
