"""Asks a language model that lies in a folder of this machine, through ``transformers``.

Only tensors are read, from safetensors files; code that comes with a model is not run, and nothing
is fetched.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import transformers
from torchvision.transforms.functional import to_pil_image

from scene_clip_ros.core.errors import ModelError, ReasoningError
from scene_clip_ros.core.questions.types import Answer, Observations
from scene_clip_ros.models.devices import choose_device, choose_precision
from scene_clip_ros.models.language.local_settings import LocalSettings, require_weights
from scene_clip_ros.models.language.prompt import Prompt, build_prompt
from scene_clip_ros.models.language.reply import NOTHING_SEEN, abstention, one_line, parse_reply
from scene_clip_ros.models.offline import no_downloads
from scene_clip_ros.models.transformers_reports import no_reports

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class _TimeIsUpError(Exception):
    """The deadline has passed while the model was computing."""


class LocalReasoner:
    """An image-text-to-text model with a chat template, on one device."""

    def __init__(self, folder: Path, settings: LocalSettings | None = None) -> None:
        """Load a model and its processor.

        Args:
            folder: As ``save_pretrained`` writes it, with the weights as safetensors.
            settings: How it runs.

        Raises:
            ModelError: There is no such model, it needs code of its own, or the device is not
                there.
        """
        self._settings = settings or LocalSettings()
        self._name = folder.resolve().name
        self._device = choose_device(self._settings.device)
        self._processor, model = _load(folder)
        dtype = _DTYPES[choose_precision(self._settings.precision, self._device)]
        self._model = model.eval().requires_grad_(False).to(self._device, dtype)
        self._deadline_s = float("inf")
        for module in self._model.modules():
            module.register_forward_pre_hook(self._stop_in_time)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._name

    def answer(self, question: str, seen: Observations) -> Answer:
        """Show a few frames and the facts to the model, and ask it.

        Args:
            question: In English, 1 to ``MAX_QUESTION_LENGTH`` characters.
            seen: What it is about.

        Returns:
            The answer; an abstention if the model says so, or nothing was seen.

        Raises:
            ReasoningError: The question is empty or too long, or there is no usable reply within
                ``timeout_s`` and ``max_tokens``.
            ModelError: The model fails.
        """
        self._deadline_s = time.monotonic() + self._settings.timeout_s
        prompt = build_prompt(question, seen, self._settings.max_frames)
        if prompt.is_blank:
            return abstention(NOTHING_SEEN, prompt.kind, self._name)
        try:
            reply = self._reply(prompt)
        except _TimeIsUpError:
            limit = f"{self._settings.timeout_s:g} s"
            message = f"{self._name}: expected an answer within {limit}, got none"
            raise ReasoningError(message) from None
        except Exception as err:
            message = f"{self._name}: expected a reply, got {one_line(str(err), 200)}"
            raise ModelError(message) from err
        return parse_reply(reply, prompt, self._name)

    def _reply(self, prompt: Prompt) -> str:
        inputs = self._inputs(prompt)
        with torch.inference_mode():
            output = self._model.generate(
                **inputs, max_new_tokens=self._settings.max_tokens, do_sample=False
            )
        told = output[0, inputs["input_ids"].shape[1] :]
        return str(self._processor.decode(told, skip_special_tokens=True))

    def _inputs(self, prompt: Prompt) -> Any:
        pictures = [_picture(frame.jpeg) for frame in prompt.frames if frame.jpeg]
        messages = [{"role": "user", "content": self._content(prompt)}]
        text = self._processor.apply_chat_template(messages, add_generation_prompt=True)
        inputs = self._processor(
            text=[text],
            images=[pictures] if pictures else None,
            return_tensors="pt",
            add_special_tokens=not self._begins_specially(text),
        )
        return inputs.to(self._device, dtype=self._model.dtype)

    def _content(self, prompt: Prompt) -> list[dict[str, str]]:
        parts = [self._text(prompt.instructions)]
        for frame in prompt.frames:
            parts.append(self._text(frame.caption))
            if frame.jpeg:
                parts.append({"type": "image"})
        return [*parts, self._text(prompt.closing())]

    def _text(self, text: str) -> dict[str, str]:
        """Return a text part, without what the model would take for an image or a turn's end."""
        for token in self._special_tokens():
            text = text.replace(token, " ")
        return {"type": "text", "text": f"{text}\n"}

    def _special_tokens(self) -> set[str]:
        tokenizer = self._processor.tokenizer
        named = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
        image_token = getattr(self._processor, "image_token", None)
        return named | ({image_token} if isinstance(image_token, str) else set())

    def _begins_specially(self, text: str) -> bool:
        token = self._processor.tokenizer.bos_token
        return bool(token) and text.startswith(token)

    def _stop_in_time(self, _module: torch.nn.Module, _inputs: Any) -> None:
        """Stop between any two layers: the first token takes as long as hundreds of others."""
        if time.monotonic() > self._deadline_s:
            raise _TimeIsUpError


def _load(folder: Path) -> tuple[Any, Any]:
    """Return processor and model, in the precision of the file."""
    require_weights(folder)
    safe: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        with no_downloads(), no_reports():
            processor = transformers.AutoProcessor.from_pretrained(folder, **safe)
            model, report = transformers.AutoModelForImageTextToText.from_pretrained(
                folder, use_safetensors=True, output_loading_info=True, **safe
            )
    except Exception as err:
        message = f"{folder}: expected an image-text-to-text model, got {one_line(str(err), 300)}"
        raise ModelError(message) from err
    if absent := sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]])):
        message = f"{folder}: expected all weights of the model, got none that fit {absent[0]}"
        raise ModelError(message)
    if not getattr(processor, "chat_template", None):
        message = f"{folder}: expected a processor with a chat template, got none"
        raise ModelError(message)
    return processor, model


def _picture(jpeg: bytes) -> Any:
    """Return a JPEG as a picture that every processor takes."""
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        message = f"expected a JPEG, got {len(jpeg)} bytes of something else"
        raise ValueError(message)
    return to_pil_image(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
