"""The architecture of region detectors that this package trains: a small Faster R-CNN.

Faster R-CNN (Ren et al., 2015) with a feature pyramid (Lin et al., 2017), built from torchvision's
parts over any trunk of timm.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import timm
import torch
from torch import nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.rpn import AnchorGenerator, RPNHead
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from scene_clip_ros.core.errors import ModelError

CONFIG_FILE = "region_config.json"
WEIGHTS_FILE = "model.safetensors"

_ROI_LEVELS = 4
_ANCHOR_LEVELS = 5


def _is_number(value: object, *, low: float = 0.0, high: float = math.inf) -> bool:
    """Whether it is a finite number above ``low`` and up to ``high``."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return math.isfinite(value) and low < value <= high


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and _is_number(value)


def _are(value: object, is_right: Callable[[object], bool], *, count: int | None = None) -> bool:
    """Whether it is a tuple of ``count`` right values; None: of one or more."""
    if not isinstance(value, tuple) or not value:
        return False
    return count in (None, len(value)) and all(map(is_right, value))


def _are_anchors(value: object) -> bool:
    if not isinstance(value, tuple) or not _are(
        value, lambda sides: _are(sides, _is_number), count=_ANCHOR_LEVELS
    ):
        return False
    return len({len(sides) for sides in value}) == 1


def _are_names(value: object) -> bool:
    if not isinstance(value, tuple) or not _are(value, _is_name):
        return False
    return len(set(value)) == len(value)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


_WHOLE = ("a whole number from 1 on", _is_whole)
_EXPECTED: dict[str, tuple[str, Callable[[object], bool]]] = {
    "classes": ("names of one or more classes, all different, none empty", _are_names),
    "trunk": ("the name of a timm model", _is_name),
    "channels": _WHOLE,
    "head_width": _WHOLE,
    "anchor_sizes": (f"{_ANCHOR_LEVELS} lists of sides above 0, as many each", _are_anchors),
    "aspect_ratios": ("one or more numbers above 0", lambda value: _are(value, _is_number)),
    "size_wh": ("2 whole numbers from 1 on", lambda value: _are(value, _is_whole, count=2)),
    "looks": _WHOLE,
    "mean": (
        "3 numbers in [0, 1]",
        lambda value: _are(value, lambda each: each == 0 or _is_number(each, high=1.0), count=3),
    ),
    "std": (
        "3 numbers above 0, up to 1",
        lambda value: _are(value, lambda each: _is_number(each, high=1.0), count=3),
    ),
}
"""What every field must be, in words and as a test."""


@dataclass(frozen=True, slots=True)
class RegionConfig:
    """What a region detector is made of; kept beside its weights as JSON.

    Attributes:
        classes: Names of the detector's own classes, without the background; one or more.
        trunk: Name of a timm model with features at strides 4, 8, 16 and 32.
        channels: Of the feature pyramid, ≥ 1.
        head_width: Of the box head, ≥ 1.
        anchor_sizes: Sides of the anchors in pixels at strides 4, 8, 16, 32 and 64; as many each.
        aspect_ratios: Height over width of the anchors, > 0; one or more.
        size_wh: Largest width and height, in pixels, that pictures are scaled to, ≥ 1.
        looks: How often the box head looks at a region, ≥ 1.
        mean: Of the RGB channels in [0, 1].
        std: Of the RGB channels in (0, 1].
    """

    classes: tuple[str, ...]
    trunk: str = "regnetx_002"
    channels: int = 64
    head_width: int = 256
    anchor_sizes: tuple[tuple[int, ...], ...] = (
        (10, 15),
        (22, 32),
        (46, 68),
        (98, 142),
        (206, 300),
    )
    aspect_ratios: tuple[float, ...] = (0.45, 1.0, 2.0, 3.2)
    size_wh: tuple[int, int] = (960, 540)
    looks: int = 2
    mean: tuple[float, float, float] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, float, float] = (0.26862954, 0.26130258, 0.27577711)

    def __post_init__(self) -> None:
        """Refuse what no network can be built of.

        Raises:
            ModelError: Names the field, what was expected and what came.
        """
        for name, (expected, is_right) in _EXPECTED.items():
            value = getattr(self, name)
            if not is_right(value):
                message = f"{name}: expected {expected}, got {value!r}"
                raise ModelError(message)

    def to_json(self) -> str:
        """Return the text of a configuration file."""
        return json.dumps(asdict(self), indent=2) + "\n"


def read_region_config(path: Path) -> RegionConfig:
    """Read a configuration file.

    Raises:
        ModelError: It cannot be read, is no JSON object, or has other keys or values than
            `RegionConfig` takes.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        values = {name: _as_tuple(value) for name, value in data.items()}
        return RegionConfig(**values)
    except ModelError as err:
        message = f"{path}: {err}"
        raise ModelError(message) from err
    except (OSError, ValueError, AttributeError, TypeError) as err:
        known = ", ".join(field.name for field in fields(RegionConfig))
        message = f"{path}: expected a JSON object with the keys {known}; got {err}"
        raise ModelError(message) from err


def build_region_network(config: RegionConfig) -> FasterRCNN:
    """Build a detector with random weights.

    Its own post-processing is unused: `TorchvisionProposer` reads proposals and class scores.

    Raises:
        ModelError: timm has no such trunk, or its strides are others.
    """
    width, height = config.size_wh
    ratios = (config.aspect_ratios,) * len(config.anchor_sizes)
    anchors = AnchorGenerator(config.anchor_sizes, ratios)
    return FasterRCNN(
        _PyramidTrunk(config).to(memory_format=torch.channels_last),
        num_classes=None,
        min_size=height,
        max_size=width,
        image_mean=list(config.mean),
        image_std=list(config.std),
        rpn_anchor_generator=anchors,
        rpn_head=_RegionHead(config.channels, anchors.num_anchors_per_location()[0]),
        box_roi_pool=MultiScaleRoIAlign(
            [str(level) for level in range(_ROI_LEVELS)],
            output_size=7,
            sampling_ratio=1,
            canonical_scale=112,
            canonical_level=4,
        ),
        box_head=_BoxHead(config.channels * 7 * 7, config.head_width),
        box_predictor=_BoxPredictor(config.head_width, len(config.classes) + 1),
    )


def set_mixed(network: FasterRCNN, *, mixed: bool) -> None:
    """Let a network compute in bf16 where that is safe, or in fp32 throughout."""
    for part in (network.backbone, network.rpn.head, network.roi_heads.box_head):
        part.mixed = mixed


@contextmanager
def in_fp32(network: FasterRCNN) -> Iterator[None]:
    """Let a network of ours or of torchvision compute in fp32 within the block."""
    was_mixed = bool(getattr(network.backbone, "mixed", False))
    if was_mixed:
        set_mixed(network, mixed=False)
    try:
        yield
    finally:
        if was_mixed:
            set_mixed(network, mixed=True)


class _PyramidTrunk(nn.Module):
    """Features at strides 4 to 64, by level name ``"0"`` to ``"3"`` and ``"pool"``.

    Attributes:
        mixed: Whether it computes in bf16 where that is safe; features are fp32 all the same.
    """

    def __init__(self, config: RegionConfig) -> None:
        super().__init__()
        try:
            trunk: Any = timm.create_model(
                config.trunk, pretrained=False, features_only=True, out_indices=(1, 2, 3, 4)
            )
        except RuntimeError as err:
            message = f"expected a trunk that timm knows, got {config.trunk!r}"
            raise ModelError(message) from err
        strides = trunk.feature_info.reduction()
        if strides != [4, 8, 16, 32]:
            message = f"{config.trunk}: expected features at strides 4, 8, 16, 32, got {strides}"
            raise ModelError(message)
        self.trunk = trunk
        self.mixed = False
        self.out_channels = config.channels
        self.pyramid = FeaturePyramidNetwork(
            trunk.feature_info.channels(), config.channels, extra_blocks=LastLevelMaxPool()
        )

    def forward(self, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        # Convolutions on a CPU take half the time with the channels last.
        packed = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast(pictures.device.type, torch.bfloat16, enabled=self.mixed):
            features = {str(level): value for level, value in enumerate(self.trunk(packed))}
            pyramid: dict[str, torch.Tensor] = self.pyramid(features)
        return {level: value.float() for level, value in pyramid.items()}


class _RegionHead(RPNHead):  # type: ignore[misc]
    """Objectness and box of every anchor.

    Attributes:
        mixed: As of `_PyramidTrunk`.
    """

    def __init__(self, channels: int, anchors: int) -> None:
        super().__init__(channels, anchors)
        self.mixed = False

    def forward(self, x: list[torch.Tensor]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        with torch.autocast(x[0].device.type, torch.bfloat16, enabled=self.mixed):
            logits, boxes = super().forward(x)
        return [each.float() for each in logits], [each.float() for each in boxes]


class _BoxHead(nn.Module):
    """Two layers over the pooled features of a region.

    Attributes:
        mixed: As of `_PyramidTrunk`.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.mixed = False
        self.first = nn.Linear(inputs, width)
        self.second = nn.Linear(width, width)

    def forward(self, pooled: torch.Tensor) -> torch.Tensor:
        with torch.autocast(pooled.device.type, torch.bfloat16, enabled=self.mixed):
            hidden = self.first(pooled.flatten(1)).relu()
            features: torch.Tensor = self.second(hidden).relu()
        return features.float()


class _BoxPredictor(nn.Module):
    """Class logits, background first, and a box correction per class."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.cls_score = nn.Linear(width, classes)
        self.bbox_pred = nn.Linear(width, classes * 4)

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.cls_score(features), self.bbox_pred(features)


def _as_tuple(value: Any) -> Any:
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value
