"""The options of commands that run the whole pipeline over a recording."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scene_clip_ros.nodes.parameters import SceneClipParameters


def add_pipeline_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name models and say how frames are judged."""
    parser.add_argument(
        "--model",
        metavar="NAME|FILE",
        help="'embedded' (default), an open_clip architecture, or an open_clip config file",
    )
    parser.add_argument(
        "--pretrained", metavar="TAG|FILE", help="weights: an open_clip tag or a local file"
    )
    parser.add_argument(
        "--detector",
        metavar="NAME|FOLDER",
        help="proposes regions: 'embedded' (default), a Faster R-CNN of torchvision, or a folder",
    )
    parser.add_argument(
        "--detector-weights", metavar="TAG|FILE", help="its weights: a tag or a local file"
    )
    parser.add_argument("--no-boxes", action="store_true", help="labels only: no boxes, no alerts")
    parser.add_argument("--vocabulary", metavar="FILE", help="what to look for (YAML)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), help="default: auto")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="ROS 2 parameter file of the node scene_clip"
    )


def load_pipeline_parameters(
    args: argparse.Namespace, more: Mapping[str, str | None] | None = None
) -> SceneClipParameters:
    """Return the parameters of the node as the options set them.

    Args:
        args: With the options of `add_pipeline_options`.
        more: What other options set; None: they were not given.

    Raises:
        ParameterError: The parameter file or an option is wrong.
    """
    from scene_clip_ros.cli.config import load_parameters

    return load_parameters(
        args.config,
        {
            "model": args.model,
            "pretrained": args.pretrained,
            "vocabulary": args.vocabulary,
            "device": args.device,
            "boxes.enabled": False if args.no_boxes else None,
            "boxes.detector": args.detector,
            "boxes.weights": args.detector_weights,
            **(more or {}),
        },
    )
