"""Makes the shipped CLIP: renders, fits both towers, exports. One command rebuilds it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file

from scene_clip_ros.core.types import FloatArray
from scene_clip_ros.core.vocabulary import Vocabulary
from scene_clip_ros.models.model_source import EMBEDDED_CONFIG
from scene_clip_ros.models.open_clip_encoder import load_open_clip
from scene_clip_ros.training.augment import MEAN, STD
from scene_clip_ros.training.caption_fit import (
    CaptionFitSettings,
    CaptionSamples,
    fit_captions,
)
from scene_clip_ros.training.crop_fit import CropFitSettings, CropSamples, fit_crops
from scene_clip_ros.training.dataset import ensure_shard
from scene_clip_ros.training.image_fit import (
    ImageFit,
    ImageFitSettings,
    Report,
    TextProjection,
    fit_images,
)
from scene_clip_ros.training.pictures import CaptionedPictures
from scene_clip_ros.training.scenes import SceneShard, ensure_scenes, load_scenes
from scene_clip_ros.training.subwords import learn_merges, write_merges
from scene_clip_ros.training.teacher import DIM as TEACHER_DIM
from scene_clip_ros.training.teacher import Teacher, teacher_lexicon
from scene_clip_ros.training.text_fit import TextFitSettings, TextTower, fit_text
from scene_clip_ros.training.wordings import write_corpus

NAME = EMBEDDED_CONFIG.stem
MERGES_FILE = "merges.txt.gz"
EMBED_DIM = 256
IMAGE_SIZE = 128
CONTEXT = 32
MERGES = 4600
TEXT_WIDTH = 192
TEXT_LAYERS = 3
IMAGE_TOWER = "regnetx_002"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How much of everything goes into the model.

    Attributes:
        shards: Rendered shards of 500 pictures.
        image_steps: Steps of the image fit.
        text_steps: Steps of the text fit.
        sentences: Random sentences for the text fit, beside the fixed ones.
        crop_shards: Rendered shards of 240 whole pictures whose things are cut out.
        crop_steps: Steps that teach the image tower to name them.
        caption_steps: Steps that teach the text tower captions of the same pictures.
    """

    shards: int = 60
    image_steps: int = 1800
    text_steps: int = 1500
    sentences: int = 60000
    crop_shards: int = 30
    crop_steps: int = 1400
    caption_steps: int = 650


def model_config(vocabulary_size: int) -> dict[str, Any]:
    """Return the open_clip configuration, model and preprocessing."""
    return {
        "model_cfg": {
            "embed_dim": EMBED_DIM,
            "vision_cfg": {
                "timm_model_name": IMAGE_TOWER,
                "timm_model_pretrained": False,
                "timm_pool": "avg",
                "timm_proj": "linear",
                "image_size": IMAGE_SIZE,
            },
            "text_cfg": {
                "context_length": CONTEXT,
                "vocab_size": vocabulary_size,
                "width": TEXT_WIDTH,
                "heads": 3,
                "layers": TEXT_LAYERS,
                "tokenizer_kwargs": {"bpe_path": MERGES_FILE},
            },
        },
        "preprocess_cfg": {
            "size": [IMAGE_SIZE, IMAGE_SIZE],
            "mean": list(MEAN),
            "std": list(STD),
            "interpolation": "bicubic",
            "resize_mode": "squash",
        },
    }


class EmbeddedTraining:
    """The steps from nothing to files; each keeps its result in a work folder for the next run."""

    def __init__(self, work: Path, vocabulary: Vocabulary, recipe: Recipe, report: Report) -> None:
        """Prepare; nothing is computed yet.

        Args:
            work: Folder for shards and checkpoints.
            vocabulary: Whose attributes and hazards are learnt.
            recipe: How much.
            report: Called with the step and losses of each fit.
        """
        self._work = work
        self._vocabulary = vocabulary
        self._recipe = recipe
        self._report = report
        self._teacher = Teacher()
        work.mkdir(parents=True, exist_ok=True)

    def run(self, folder: Path) -> None:
        """Do everything and write the model into a folder."""
        fit = self.image_fit()
        model = self.text_fit(fit.averaged["projection"])
        model.visual.load_state_dict(fit.averaged["tower"].state_dict())
        with torch.no_grad():
            model.logit_scale.copy_(fit.log_scale.detach())
        self.crop_fit(model)
        self.caption_fit(model)
        self.export(model, folder)

    def shards(self) -> list[Path]:
        """Render what is missing; return the shard files."""
        return [
            ensure_shard(self._work / "shards", number) for number in range(self._recipe.shards)
        ]

    def tokenizer(self) -> open_clip.SimpleTokenizer:
        """Learn the subwords; return the tokenizer."""
        path = self._work / MERGES_FILE
        if not path.exists():
            words = Counter(teacher_lexicon())
            corpus = write_corpus(self._vocabulary, ("road",), size=2000, seed=1)
            for text in corpus.sentences:
                words.update(dict.fromkeys(re.findall("[a-z]+", text.lower()), 3))
            write_merges(learn_merges(words, MERGES), path)
        return open_clip.SimpleTokenizer(bpe_path=str(path), context_length=CONTEXT)

    def model(self) -> open_clip.CLIP:
        """Return an untrained model of the shipped architecture."""
        torch.manual_seed(0)
        return open_clip.CLIP(**model_config(self.tokenizer().vocab_size)["model_cfg"])

    def image_fit(self) -> ImageFit:
        """Fit the image tower and the projection of the teacher."""
        tower = self.model().visual.to(memory_format=torch.channels_last)
        fit = ImageFit(tower, TextProjection(TEACHER_DIM, EMBED_DIM))
        data = CaptionedPictures(self.shards(), self._vocabulary, self._encode)
        settings = ImageFitSettings(steps=self._recipe.image_steps, size=IMAGE_SIZE)
        fit_images(
            fit, data, settings=settings, checkpoint=self._work / "image.pt", report=self._report
        )
        return fit

    def text_fit(self, projection: torch.nn.Module) -> open_clip.CLIP:
        """Fit the text tower to the projected teacher; return a model that holds it."""
        model = self.model()
        corpus = write_corpus(
            self._vocabulary, teacher_lexicon(), size=self._recipe.sentences, seed=0
        )
        vectors = torch.from_numpy(self._encode_kept(corpus.sentences))
        with torch.no_grad():
            targets = projection(vectors.float())
        tokens = self.tokenizer()(list(corpus.sentences))
        settings = TextFitSettings(
            steps=self._recipe.text_steps, batch=320, fixed_share=0.35, fixed=corpus.fixed
        )
        fit_text(
            TextTower(model),
            tokens,
            targets,
            settings=settings,
            checkpoint=self._work / "text.pt",
            report=self._report,
        )
        return model

    def crop_fit(self, model: open_clip.CLIP) -> None:
        """Teach the image tower of a model to name single things."""
        scenes = self._scenes()
        tokenize = self.tokenizer()

        def encode(texts: Sequence[str]) -> FloatArray:
            with torch.no_grad():
                vectors = model.encode_text(tokenize(list(texts)), normalize=True)
            return np.asarray(vectors.numpy(), np.float32)

        settings = CropFitSettings(
            steps=self._recipe.crop_steps,
            size=IMAGE_SIZE,
            logit_scale=float(model.logit_scale.exp()),
        )
        fit_crops(
            model.visual,
            CropSamples(scenes, self._vocabulary, encode),
            settings=settings,
            checkpoint=self._work / "crops.pt",
            report=self._report,
        )

    def caption_fit(self, model: open_clip.CLIP) -> None:
        """Teach the text tower of a model captions that say several things at once."""
        folder = self._work / "uncaptioned"
        self.export(model, folder)
        encoder = load_open_clip(str(folder / EMBEDDED_CONFIG.name))
        samples = CaptionSamples(
            self._scenes(),
            self._vocabulary,
            teacher_lexicon(),
            encode_images=encoder.encode_images,
        )
        fit_captions(
            TextTower(model),
            self.tokenizer(),
            samples,
            settings=CaptionFitSettings(steps=self._recipe.caption_steps),
            checkpoint=self._work / "captions.pt",
            report=self._report,
        )

    def export(self, model: open_clip.CLIP, folder: Path) -> None:
        """Write configuration, weights and subwords for ``load_open_clip``."""
        folder.mkdir(parents=True, exist_ok=True)
        write_weights(model, folder)
        config = model_config(self.tokenizer().vocab_size)
        (folder / EMBEDDED_CONFIG.name).write_text(
            json.dumps(config, indent=2) + "\n", encoding="utf-8"
        )
        (folder / MERGES_FILE).write_bytes((self._work / MERGES_FILE).read_bytes())

    def _scenes(self) -> SceneShard:
        return load_scenes(ensure_scenes(self._work / "scenes", self._recipe.crop_shards))

    def _encode(self, texts: Sequence[str]) -> FloatArray:
        return self._teacher.encode(texts)

    def _encode_kept(self, sentences: tuple[str, ...]) -> FloatArray:
        path = self._work / f"sentences-{len(sentences)}.npy"
        if not path.exists():
            np.save(path, self._encode(sentences).astype(np.float16))
        vectors: FloatArray = np.load(path)
        return vectors


def write_weights(model: open_clip.CLIP, folder: Path) -> None:
    """Write a model's weights into a folder, in half precision."""
    state = {
        name: _half(value).contiguous()
        for name, value in model.state_dict().items()
        if name != "attn_mask"
    }
    save_file(state, folder / "model.safetensors")


def _half(value: torch.Tensor) -> torch.Tensor:
    return value.half() if value.dtype == torch.float32 else value
