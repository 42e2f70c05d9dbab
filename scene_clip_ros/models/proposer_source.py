"""Finds and loads a detector on this machine, never beyond."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torchvision import models
from torchvision.models.detection import FasterRCNN

from scene_clip_ros.core.detector_classes import numbered_class
from scene_clip_ros.core.errors import ModelError
from scene_clip_ros.models.dense_regions import choose_dense
from scene_clip_ros.models.devices import choose_device, is_mixed
from scene_clip_ros.models.error_line import error_line
from scene_clip_ros.models.model_source import EMBEDDED, EMBEDDED_FOLDER
from scene_clip_ros.models.proposer import ProposalLimits, ProposerInfo
from scene_clip_ros.models.region_network import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    build_region_network,
    read_region_config,
    set_mixed,
)
from scene_clip_ros.models.runtimes.choice import Wanted
from scene_clip_ros.models.runtimes.network_cache import NetworkCache
from scene_clip_ros.models.torchvision_proposer import TorchvisionProposer
from scene_clip_ros.models.weights_file import read_weights, weights_digest

EMBEDDED_REGIONS = EMBEDDED_FOLDER.with_name("scene-clip-regions")
_CLASS_HEAD = "roi_heads.box_predictor.cls_score.weight"
_DEFAULT_TAG = "DEFAULT"


@dataclass(frozen=True, slots=True)
class _Built:
    network: FasterRCNN
    classes: tuple[str, ...]
    name: str
    weights: Path
    looks: int = 1


def detector_names() -> tuple[str, ...]:
    """Return the variants of Faster R-CNN that torchvision has."""
    return tuple(
        name
        for name in models.list_models(module=models.detection)
        if name.startswith("fasterrcnn")
    )


def load_proposer(
    detector: str = EMBEDDED,
    weights: str | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
    backend: str = "torch",
    limits: ProposalLimits | None = None,
    cache: NetworkCache | None = None,
) -> TorchvisionProposer:
    """Load a detector from this machine; nothing is fetched.

    Args:
        detector: ``embedded``, a folder with ``region_config.json``, or one of `detector_names`.
        weights: A weights file (safetensors, or a checkpoint that torch loads as weights only), or
            a tag of torchvision's, e.g. ``COCO_V1``, whose file is in torch's cache; None: the
            weights in the folder, or those that torchvision recommends.
        device: ``cpu``, ``cuda``, one GPU as ``cuda:1``, or ``auto``: a GPU if there is one.
        precision: ``fp32``, ``bf16``, or ``auto``: bf16 where the device computes it natively.
            Torch computes torchvision's own variants in fp32 all the same.
        backend: What looks at whole pictures: ``torch``, ``openvino``, ``onnxruntime``, or
            ``auto``, the fastest of them that computes what torch does.
        limits: Which regions are kept; None: the defaults.
        cache: Where exported networks are kept; None: the default folder.

    Raises:
        ModelError: The detector cannot be found, trusted or built, or the device is missing.
    """
    chosen = choose_device(device)
    mixed = is_mixed(precision, chosen)
    if detector == EMBEDDED:
        built = _build_own(EMBEDDED_REGIONS, weights, mixed=mixed)
    elif Path(detector).is_dir():
        built = _build_own(Path(detector), weights, mixed=mixed)
    else:
        built = _build_torchvision(detector, weights)
    model_id = f"{built.name}/{built.weights.stem}@{weights_digest(built.weights)}"
    network = built.network.eval().requires_grad_(False).to(chosen)
    wanted = Wanted(backend, str(chosen), "bf16" if mixed else "fp32")
    look_all, choice = choose_dense(network, wanted, model_id=model_id, cache=cache)
    info = ProposerInfo(model_id, built.classes, chosen.type, choice.backend, choice.reason)
    return TorchvisionProposer(
        network, info=info, limits=limits, looks=built.looks, look_all=look_all
    )


def _build_own(folder: Path, weights: str | None, *, mixed: bool) -> _Built:
    config = read_region_config(folder / CONFIG_FILE)
    path = Path(weights) if weights else folder / WEIGHTS_FILE
    network = build_region_network(config)
    _fill(network, read_weights(path), path)
    set_mixed(network, mixed=mixed)
    return _Built(network, config.classes, folder.name, path, config.looks)


def _build_torchvision(name: str, weights: str | None) -> _Built:
    if name not in detector_names():
        known = ", ".join(("embedded", "a folder", *detector_names()))
        message = f"detector: expected one of {known}; got {name!r}"
        raise ModelError(message)
    path = Path(weights) if weights and Path(weights).exists() else _cached(name, weights)
    state = read_weights(path)
    if _CLASS_HEAD not in state:
        message = f"{path}: expected weights of {name}, got none of its class head"
        raise ModelError(message)
    count = len(state[_CLASS_HEAD])
    network = models.get_model(name, weights=None, weights_backbone=None, num_classes=count)
    _fill(network, state, path)
    return _Built(network, _class_names(name, count), name, path)


def _cached(name: str, tag: str | None) -> Path:
    """Return the file of a tag in torch's cache."""
    tags = models.get_model_weights(name).__members__
    chosen = tags.get(tag or _DEFAULT_TAG)
    if chosen is None:
        known = ", ".join(tags)
        message = f"{name}: expected a weights file or one of {known}; got {tag!r}"
        raise ModelError(message)
    file_name: str = chosen.url.rpartition("/")[2]
    path = Path(torch.hub.get_dir()) / "checkpoints" / file_name
    if not path.exists():
        message = (
            f"{name}: expected the weights {chosen.name} at {path}, got nothing there; "
            f"download {chosen.url} to that place, or name a file"
        )
        raise ModelError(message)
    return path


def _class_names(name: str, count: int) -> tuple[str, ...]:
    """Return the names of a class head's scores after the background; numbers where unknown."""
    published = models.get_model_weights(name)[_DEFAULT_TAG].meta["categories"]
    if len(published) == count:
        return tuple(published[1:])
    return tuple(numbered_class(number) for number in range(1, count))


def _fill(network: FasterRCNN, state: dict[str, torch.Tensor], path: Path) -> None:
    try:
        network.load_state_dict(state)
    except RuntimeError as err:
        message = f"{path}: expected weights of this detector, got {error_line(err)}"
        raise ModelError(message) from err
