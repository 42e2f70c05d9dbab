"""The options of commands that need the towers of a model and nothing else."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scene_clip_ros.models.encoder import Encoder


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name a model."""
    parser.add_argument(
        "--model",
        metavar="NAME|FILE",
        help="'embedded' (default), an open_clip architecture, or an open_clip config file",
    )
    parser.add_argument(
        "--pretrained", metavar="TAG|FILE", help="weights: an open_clip tag or a local file"
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), help="default: auto")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="ROS 2 parameter file of the node scene_clip"
    )


def load_encoder(args: argparse.Namespace) -> Encoder:
    """Load the model that the options name.

    Raises:
        ParameterError: The parameter file is wrong.
        ModelError: The model cannot be found, trusted or loaded.
    """
    from scene_clip_ros.cli.config import load_parameters
    from scene_clip_ros.nodes.configured import load_configured_encoder

    parameters = load_parameters(
        args.config,
        {"model": args.model, "pretrained": args.pretrained, "device": args.device},
    )
    return load_configured_encoder(parameters)


def load_templates(args: argparse.Namespace) -> tuple[str, ...]:
    """Return the sentences that a text is put into, those of the vocabulary.

    Raises:
        ParameterError: The parameter file is wrong.
        VocabularyError: The vocabulary that it names cannot be used.
    """
    from scene_clip_ros.cli.config import load_parameters
    from scene_clip_ros.nodes.configured import load_configured_vocabulary

    return load_configured_vocabulary(load_parameters(args.config)).templates


def load_min_lead(args: argparse.Namespace) -> float:
    """Return from which lead on a frame shows what a text says, as the node does.

    Raises:
        ParameterError: The parameter file is wrong.
    """
    from scene_clip_ros.cli.config import load_parameters

    return load_parameters(args.config).memory.min_lead
