"""Marks what texts describe with a CLIPSeg of transformers (Lüddecke and Ecker, CVPR 2022).

Transformers' own ``forward`` takes one prompt per picture, and looks at a picture anew for each.
Here the vision tower sees a picture once; only the small decoder runs for every prompt.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer, CLIPSegForImageSegmentation

from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.core.types import FloatArray, ImageArray
from scene_clip_ros.models.clipseg_folder import (
    EMBEDDED,
    ClipsegFolder,
    find_clipseg,
    read_preprocessing,
)
from scene_clip_ros.models.clipseg_networks import ClipsegNetworks, choose_networks, in_torch
from scene_clip_ros.models.devices import choose_device, is_mixed
from scene_clip_ros.models.error_line import error_line
from scene_clip_ros.models.offline import no_downloads
from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.models.runtimes.choice import Wanted
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.segmenter import SegmenterInfo
from scene_clip_ros.models.transformers_reports import no_reports
from scene_clip_ros.models.weights_file import check_weights, weights_digest

TEXT_BATCH = 64
DECODER_BATCH = 32
"""Most pairs of a picture and a prompt that the decoder takes at once."""
KEPT_PROMPTS = 1024
"""Embeddings of prompts that are kept, those used last."""

Tokenize = Callable[[list[str]], tuple[torch.Tensor, torch.Tensor]]
"""Turns texts into ``(N, context)`` int64 token ids and their attention mask."""


class ClipsegSegmenter:
    """A CLIPSeg on one device. Made by `load_clipseg`."""

    def __init__(
        self,
        model: Any,
        tokenize: Tokenize,
        *,
        preprocessing: Preprocessing,
        model_id: str,
        device: torch.device,
        precision: str,
        networks: ClipsegNetworks | None = None,
    ) -> None:
        """Move a loaded model to its device and run it once.

        Args:
            model: transformers' ``CLIPSegForImageSegmentation`` in fp32.
            tokenize: The model's tokenizer.
            preprocessing: How the model wants pictures.
            model_id: Architecture, weights and weight digest.
            device: Where it runs.
            precision: ``fp32`` or ``bf16``; texts are always embedded in fp32.
            networks: Executes what sees pictures; None: torch does.

        Raises:
            ModelError: The model computes NaN, or takes no pictures of that size.
        """
        self._model = model.eval().requires_grad_(False).to(device)
        self._tokenize = tokenize
        self._preprocessing = preprocessing
        self._device = device
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self._networks = networks or in_torch(
            self._model, preprocessing, device=device, dtype=dtype
        )
        self._kept: OrderedDict[str, torch.Tensor] = OrderedDict()
        blank = np.zeros((*preprocessing.size_hw, 3), np.uint8)
        logits = self.mark(self.look([blank]), ["anything"])
        height, width = logits.shape[-2:]
        self._info = SegmenterInfo(
            model_id,
            device.type,
            precision,
            (height, width),
            backend=self._networks.backend,
            backend_reason=self._networks.reason,
        )

    @property
    def info(self) -> SegmenterInfo:
        """What is loaded."""
        return self._info

    def view(self, images: Sequence[ImageArray]) -> _View:
        """Return pictures to be asked about; looks at nothing yet.

        What the vision tower makes of a picture is held for as long as the view is: some 4 MB in
        fp32 for a CLIPSeg of 352 pixels.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each; sizes may differ.
        """
        return _View(self, images)

    def segment(self, images: Sequence[ImageArray], prompts: Sequence[str]) -> FloatArray:
        """Look at pictures once and for every prompt.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each; sizes may differ.
            prompts: Texts; what is longer than the text tower's context is cut off.

        Returns:
            ``(N, P, h, w)`` float32 logits.

        Raises:
            ModelError: A logit is NaN or infinite.
        """
        return self.view(images).segment(prompts)

    @torch.inference_mode()
    def look(self, images: Sequence[ImageArray]) -> list[torch.Tensor]:
        """Run the vision tower once.

        Args:
            images: ``(H, W, 3)`` uint8 RGB each, N ≥ 1 of them; sizes may differ.

        Returns:
            What the decoder takes, ``(N, tokens, width)`` each.
        """
        return self._networks.look(self._preprocessing.fit(images, self._device))

    @torch.inference_mode()
    def mark(self, activations: list[torch.Tensor], prompts: Sequence[str]) -> FloatArray:
        """Tell how well prompts describe what was seen.

        Args:
            activations: What `look` returned.
            prompts: Texts, at least one.

        Returns:
            ``(N, P, h, w)`` float32 logits.

        Raises:
            ModelError: A logit is NaN or infinite.
        """
        logits = self._decode(activations, self._embed(prompts))
        values: FloatArray = logits.to("cpu", torch.float32).numpy()
        if not np.isfinite(values).all():
            message = "expected finite logits, got NaN or infinity"
            raise ModelError(message)
        return values

    def _decode(self, activations: list[torch.Tensor], conditions: torch.Tensor) -> torch.Tensor:
        """Return ``(N, P, h, w)`` logits of N pictures and ``(P, D)`` prompts."""
        count, prompts = len(activations[0]), len(conditions)
        picture_of = torch.arange(count, device=self._device).repeat_interleave(prompts)
        prompt_of = torch.arange(prompts, device=self._device).repeat(count)
        parts = []
        for start in range(0, len(picture_of), DECODER_BATCH):
            rows = picture_of[start : start + DECODER_BATCH]
            columns = prompt_of[start : start + DECODER_BATCH]
            seen = [each[rows] for each in activations]
            parts.append(self._networks.decode(seen, conditions[columns]))
        logits = torch.cat(parts)
        return logits.view(count, prompts, *logits.shape[-2:])

    def _embed(self, prompts: Sequence[str]) -> torch.Tensor:
        """Return ``(P, D)`` conditions of the decoder, computing only those not kept."""
        missing = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._kept]
        for start in range(0, len(missing), TEXT_BATCH):
            batch = missing[start : start + TEXT_BATCH]
            ids, attended = (each.to(self._device) for each in self._tokenize(batch))
            read = self._model.clip.text_model(input_ids=ids, attention_mask=attended)
            conditions = self._model.clip.text_projection(read.pooler_output)
            self._kept.update(zip(batch, conditions, strict=True))
        for prompt in prompts:
            self._kept.move_to_end(prompt)
        rows = torch.stack([self._kept[prompt] for prompt in prompts])
        while len(self._kept) > KEPT_PROMPTS:
            self._kept.popitem(last=False)
        return rows


class _View:
    """Pictures, and what the vision tower made of them once it was asked for."""

    def __init__(self, segmenter: ClipsegSegmenter, images: Sequence[ImageArray]) -> None:
        self._segmenter = segmenter
        self._images = images
        self._seen: list[torch.Tensor] | None = None

    def segment(self, prompts: Sequence[str]) -> FloatArray:
        if not self._images or not prompts:
            size_hw = self._segmenter.info.size_hw
            return np.empty((len(self._images), len(prompts), *size_hw), np.float32)
        if self._seen is None:
            self._seen = self._segmenter.look(self._images)
        return self._segmenter.mark(self._seen, prompts)


def load_clipseg(
    model: str = EMBEDDED,
    *,
    device: str = "auto",
    precision: str = "auto",
    backend: str = "torch",
    cache: NetworkCache | None = None,
) -> ClipsegSegmenter:
    """Load a CLIPSeg from this machine; nothing is fetched.

    Args:
        model: ``embedded``, a checkpoint folder in the form of transformers, or the hub name of
            one that is in the local cache.
        device: ``cpu``, ``cuda``, one GPU as ``cuda:1``, or ``auto``: a GPU if there is one.
        precision: ``fp32``, ``bf16``, or ``auto``: bf16 where the device computes it natively.
        backend: What executes vision tower and decoder: ``torch``, ``openvino``, ``onnxruntime``,
            or ``auto``, the first of them that computes what torch does.
        cache: Where exported networks are kept; None: the default folder.

    Raises:
        ModelError: The model cannot be found, trusted or built, or the device or the backend is
            missing.
    """
    chosen_device = choose_device(device)
    chosen_precision = "bf16" if is_mixed(precision, chosen_device) else "fp32"
    folder = find_clipseg(model)
    preprocessing = Preprocessing(
        **read_preprocessing(folder.path), resize_mode="squash", fill_color=0
    )
    network = _build(folder).eval().requires_grad_(False).to(chosen_device)
    model_id = f"{folder.name}@{weights_digest(folder.weights)}"
    tokenize = _build_tokenizer(folder, network.config.text_config)
    try:
        return ClipsegSegmenter(
            network,
            tokenize,
            preprocessing=preprocessing,
            model_id=model_id,
            device=chosen_device,
            precision=chosen_precision,
            networks=choose_networks(
                network,
                Wanted(backend, str(chosen_device), chosen_precision),
                preprocessing=preprocessing,
                model_id=model_id,
                cache=cache,
            ),
        )
    except (RuntimeError, ValueError, IndexError) as err:
        message = f"{folder.path}: expected a CLIPSeg that can be run, got {error_line(err)}"
        raise ModelError(message) from err


def _build(folder: ClipsegFolder) -> Any:
    check_weights(folder.weights)
    try:
        with no_downloads(), no_reports():
            network, report = CLIPSegForImageSegmentation.from_pretrained(
                folder.path,
                local_files_only=True,
                use_safetensors=folder.weights.suffix == ".safetensors",
                weights_only=True,
                output_loading_info=True,
            )
    except pickle.UnpicklingError as err:
        message = (
            f"{folder.weights}: expected weights only, got a file that runs code when it is "
            "loaded; convert it to safetensors"
        )
        raise ModelError(message) from err
    except Exception as err:
        message = f"{folder.weights}: expected weights of a CLIPSeg, got {error_line(err)}"
        raise ModelError(message) from err
    _require_complete(folder, report)
    return network.float()


def _require_complete(folder: ClipsegFolder, report: dict[str, Any]) -> None:
    """Refuse weights of another network: transformers fills what is missing with random ones."""
    missing = sorted(report["missing_keys"]) + sorted(key[0] for key in report["mismatched_keys"])
    if missing:
        message = (
            f"{folder.weights}: expected every weight of its config.json, got none that fit "
            f"{len(missing)} of them, e.g. {missing[0]}"
        )
        raise ModelError(message)


def _build_tokenizer(folder: ClipsegFolder, tower: Any) -> Tokenize:
    """Return the tokenizer of a text tower, whose configuration is ``tower``."""
    try:
        with no_downloads(), no_reports():
            tokenizer: Any = AutoTokenizer.from_pretrained(folder.path, local_files_only=True)
    except Exception as err:
        message = f"{folder.path}: expected a tokenizer, got {error_line(err)}"
        raise ModelError(message) from err

    def tokenize(texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=tower.max_position_embeddings,
            return_tensors="pt",
        )
        return tokens["input_ids"], tokens["attention_mask"]

    _require_end(folder, tokenize(["road"])[0][0].tolist(), tower)
    return tokenize


def _require_end(folder: ClipsegFolder, ids: list[int], tower: Any) -> None:
    """Refuse a tokenizer of another tower, which reads a text's meaning at its end token.

    Without that token every text would mean the same; 2 stands for the highest id, for old files.
    """
    if tower.eos_token_id not in (2, *ids) or max(ids) >= tower.vocab_size:
        message = (
            f"{folder.path}: expected a tokenizer of {tower.vocab_size} tokens that ends texts in "
            f"{tower.eos_token_id}, got {ids} for 'road'"
        )
        raise ModelError(message)
