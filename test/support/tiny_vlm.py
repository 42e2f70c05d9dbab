"""A vision-language model of a few kilobytes that does what its weights, set by hand, say.

It is LLaVA with one layer that averages all it is shown. A bright picture makes it say one reply, a
dark one another, and the word "raining" in the question a third, whatever the pictures.
"""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

BRIGHT = '{"answer": "It is bright.", "confidence": 0.75, "evidence": [1]}'
DARK = '{"answer": "It is dark.", "confidence": 0.5, "evidence": []}'
RAIN = '{"answer": "cannot tell: rain cannot be heard", "confidence": 0, "evidence": []}'
REPLIES = (BRIGHT, DARK, RAIN)

_TOKENS = ["<unk>", "</s>", "<image>", "raining", *REPLIES]
_UNKNOWN, _END, _IMAGE, _RAINING = range(4)
_WIDTH = 8
_SIZE, _PATCH = 16, 8
_TEMPLATE = (
    "{% for m in messages %}{% for part in m['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endfor %}"
)


def save_tiny_vlm(folder: Path, *, ends: bool = True) -> None:
    """Write a model and its processor, as `transformers` reads them.

    Args:
        folder: Made if it is not there.
        ends: Whether it stops after one reply; if not, it repeats it for ever.
    """
    model = LlavaForConditionalGeneration(_config())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        _set_eyes(model)
        _set_words(model, ends=ends)
    model.save_pretrained(folder)
    _processor().save_pretrained(folder)


def _config() -> LlavaConfig:
    vision = CLIPVisionConfig(
        hidden_size=_WIDTH,
        intermediate_size=_WIDTH,
        num_hidden_layers=1,
        num_attention_heads=1,
        image_size=_SIZE,
        patch_size=_PATCH,
    )
    text = LlamaConfig(
        vocab_size=len(_TOKENS),
        hidden_size=_WIDTH,
        intermediate_size=_WIDTH,
        num_hidden_layers=1,
        num_attention_heads=1,
        max_position_embeddings=100_000,
        bos_token_id=None,
        eos_token_id=_END,
        pad_token_id=_END,
        tie_word_embeddings=False,
    )
    return LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=_IMAGE,
        image_seq_length=(_SIZE // _PATCH) ** 2,
        vision_feature_layer=-1,
    )


def _set_eyes(model: LlavaForConditionalGeneration) -> None:
    """Put bright patches on dimension 1 and dark ones on dimension 2."""
    named = dict(model.named_parameters())
    for name, parameter in named.items():
        if "norm" in name and name.endswith("weight"):
            parameter.fill_(1)
        elif "patch_embedding" in name:
            parameter[1], parameter[2] = 1.0, -1.0
        elif "multi_modal_projector" in name and name.endswith("weight"):
            parameter.copy_(torch.eye(_WIDTH))


def _set_words(model: LlavaForConditionalGeneration, *, ends: bool) -> None:
    """Put the word on dimension 3 and replies on 4; say what the average is like."""
    words = model.get_input_embeddings().weight
    words[:, 0] = 1
    words[_RAINING] = torch.eye(_WIDTH)[3]
    words[_RAINING + 1 :] = torch.eye(_WIDTH)[4]
    for name, parameter in model.named_parameters():
        if "language_model" in name and ("v_proj" in name or "o_proj" in name):
            parameter.copy_(torch.eye(_WIDTH) * 100)
    bright, dark, rain = range(_RAINING + 1, len(_TOKENS))
    head = model.get_output_embeddings().weight
    head[bright, 1], head[dark, 2], head[rain, 3] = 1.0, 1.0, 100.0
    head[_END, 4] = 10_000.0 if ends else -1.0


def _processor() -> LlavaProcessor:
    vocabulary = {token: number for number, token in enumerate(_TOKENS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        eos_token="</s>",
        pad_token="</s>",
        additional_special_tokens=["<image>"],
    )
    pictures = CLIPImageProcessor(
        size={"shortest_edge": _SIZE}, crop_size={"height": _SIZE, "width": _SIZE}
    )
    return LlavaProcessor(
        pictures,
        fast,
        patch_size=_PATCH,
        vision_feature_select_strategy="default",
        chat_template=_TEMPLATE,
        num_additional_image_tokens=1,
    )
