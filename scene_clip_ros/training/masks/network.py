"""Builds the small CLIPSeg: a text tower of the embedded CLIP's kind, an image tower, a decoder.

CLIPSeg (Lüddecke and Ecker, CVPR 2022) conditions a small decoder on the text embedding of a CLIP
and reads activations of several layers of its image tower, which must be a vision transformer. The
embedded CLIP's is none, so that this one learns its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from torch import nn
from transformers import (
    CLIPImageProcessor,
    CLIPSegConfig,
    CLIPSegForImageSegmentation,
    CLIPTokenizer,
)

from scene_clip_ros.models.model_source import ModelSource
from scene_clip_ros.training.augment import MEAN, STD
from scene_clip_ros.training.embedded import CONTEXT, EMBED_DIM, TEXT_LAYERS, TEXT_WIDTH

SIDE = 256
PATCH = 16
_WIDTH = 144
_LAYERS = 6
_HEADS = 4
_EXTRACT = (2, 4, 5)
_REDUCED = 64
_TEXT_SCALE = 0.1
"""Text embeddings have a length of some 23, too much for the decoder; their directions stay."""

_TOKENIZER_FILE = "tokenizer.json"
_EMPTY_LOGIT = -2.0
_POSITION_SPREAD = 0.3
_START, _END = "<start_of_text>", "<end_of_text>"

State = dict[str, torch.Tensor]


def mask_config(vocabulary_size: int) -> CLIPSegConfig:
    """Return the architecture."""
    end = vocabulary_size - 1
    return CLIPSegConfig(
        text_config={
            "vocab_size": vocabulary_size,
            "hidden_size": TEXT_WIDTH,
            "intermediate_size": 4 * TEXT_WIDTH,
            "num_hidden_layers": TEXT_LAYERS,
            "num_attention_heads": TEXT_WIDTH // 64,
            "max_position_embeddings": CONTEXT,
            "hidden_act": "gelu",
            "bos_token_id": end - 1,
            "eos_token_id": end,
            "pad_token_id": end,
        },
        vision_config={
            "hidden_size": _WIDTH,
            "intermediate_size": 4 * _WIDTH,
            "num_hidden_layers": _LAYERS,
            "num_attention_heads": _HEADS,
            "image_size": SIDE,
            "patch_size": PATCH,
            "hidden_act": "gelu",
        },
        projection_dim=EMBED_DIM,
        extract_layers=list(_EXTRACT),
        reduce_dim=_REDUCED,
        use_complex_transposed_convolution=True,
        decoder_num_attention_heads=4,
        decoder_intermediate_size=4 * _REDUCED,
    )


def new_network(state: State) -> CLIPSegForImageSegmentation:
    """Build a CLIPSeg that reads texts as an open_clip model does and has yet to learn to see.

    Args:
        state: The weights of that model, of the embedded one's architecture.
    """
    torch.manual_seed(0)
    network = CLIPSegForImageSegmentation(mask_config(len(state["token_embedding.weight"])))
    _start(network)
    network.load_state_dict(text_state(state), strict=False)
    for name, parameter in network.named_parameters():
        # The decoder reads neither the class token's projection nor another text tower.
        if not name.startswith(("clip.vision_model", "decoder")):
            parameter.requires_grad_(False)
    return network


@torch.no_grad()
def _start(network: CLIPSegForImageSegmentation) -> None:
    """Start from weights that a short fit gets somewhere from.

    Those of transformers are for weights that are loaded over them: some of the decoder's have
    deviation 1, and where a patch lies hardly shows beside what it shows.
    """
    for module in network.decoder.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            module.reset_parameters()
    network.decoder.transposed_convolution[-1].bias.fill_(_EMPTY_LOGIT)
    network.clip.vision_model.embeddings.position_embedding.weight.normal_(0, _POSITION_SPREAD)


def text_state(state: State) -> State:
    """Rename the text tower's weights from open_clip's names to those of transformers."""
    text = "clip.text_model"
    renamed = {
        f"{text}.embeddings.token_embedding.weight": state["token_embedding.weight"],
        f"{text}.embeddings.position_embedding.weight": state["positional_embedding"],
        f"{text}.final_layer_norm.weight": state["ln_final.weight"],
        f"{text}.final_layer_norm.bias": state["ln_final.bias"],
        "clip.text_projection.weight": _TEXT_SCALE * state["text_projection"].T.contiguous(),
        "clip.logit_scale": state["logit_scale"],
    }
    for number in range(TEXT_LAYERS):
        there = f"{text}.encoder.layers.{number}"
        renamed |= _layer_state(state, f"transformer.resblocks.{number}", there)
    return renamed


def _layer_state(state: State, here: str, there: str) -> State:
    layer: State = {}
    for part in ("weight", "bias"):
        query, key, value = state[f"{here}.attn.in_proj_{part}"].chunk(3)
        layer |= {
            f"{there}.self_attn.q_proj.{part}": query.contiguous(),
            f"{there}.self_attn.k_proj.{part}": key.contiguous(),
            f"{there}.self_attn.v_proj.{part}": value.contiguous(),
            f"{there}.self_attn.out_proj.{part}": state[f"{here}.attn.out_proj.{part}"],
            f"{there}.layer_norm1.{part}": state[f"{here}.ln_1.{part}"],
            f"{there}.layer_norm2.{part}": state[f"{here}.ln_2.{part}"],
            f"{there}.mlp.fc1.{part}": state[f"{here}.mlp.c_fc.{part}"],
            f"{there}.mlp.fc2.{part}": state[f"{here}.mlp.c_proj.{part}"],
        }
    return layer


def make_tokenizer(source: ModelSource) -> CLIPTokenizer:
    """Return the tokenizer of an open_clip model with subwords of its own, for transformers."""
    theirs: Any = open_clip.get_tokenizer(source.open_clip_name, **source.tokenizer_options)
    return CLIPTokenizer(
        vocab=dict(theirs.encoder),
        merges=list(theirs.bpe_ranks),
        unk_token=_END,
        bos_token=_START,
        eos_token=_END,
        pad_token=_END,
        model_max_length=CONTEXT,
    )


def export_masks(
    network: CLIPSegForImageSegmentation, tokenizer: CLIPTokenizer, folder: Path
) -> None:
    """Write a folder that transformers' CLIPSeg classes read, in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value.half() for name, value in network.state_dict().items()}
    network.half().save_pretrained(folder)
    network.float().load_state_dict({name: value.float() for name, value in kept.items()})
    tokenizer.save_pretrained(folder)
    compact = json.loads((folder / _TOKENIZER_FILE).read_bytes())
    (folder / _TOKENIZER_FILE).write_text(
        json.dumps(compact, separators=(",", ":"), ensure_ascii=False), encoding="utf-8"
    )
    CLIPImageProcessor(
        do_center_crop=False,
        size={"height": SIDE, "width": SIDE},
        image_mean=list(MEAN),
        image_std=list(STD),
    ).save_pretrained(folder)
