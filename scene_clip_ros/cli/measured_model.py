"""The options of commands that measure models, and what they load."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scene_clip_ros.core.execution import BACKENDS, PRECISIONS

if TYPE_CHECKING:
    from scene_clip_ros.models.encoder import Encoder
    from scene_clip_ros.models.proposer import Proposer


def add_measured_encoder(parser: argparse.ArgumentParser, *, does: str = "what to measure") -> None:
    """Declare which CLIP is measured, and what executes it."""
    parser.add_argument(
        "--model", default="embedded", metavar="NAME|FILE", help=f"{does} (%(default)s)"
    )
    parser.add_argument("--pretrained", metavar="TAG|FILE", help="its weights")
    add_execution(parser)


def add_measured_detector(parser: argparse.ArgumentParser) -> None:
    """Declare which detector is measured."""
    parser.add_argument(
        "--detector",
        default="embedded",
        metavar="NAME|FOLDER",
        help="proposes regions (%(default)s)",
    )
    parser.add_argument("--detector-weights", metavar="TAG|FILE", help="its weights")


def add_execution(parser: argparse.ArgumentParser) -> None:
    """Declare what executes networks, and in which arithmetic."""
    parser.add_argument(
        "--backend",
        choices=BACKENDS,
        default="auto",
        help="what executes the networks (auto: the fastest that is right)",
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="auto",
        help="arithmetic of the networks (auto: what this machine does fast)",
    )


def load_measured_encoder(args: argparse.Namespace) -> Encoder:
    """Load the CLIP that the options name.

    Raises:
        ModelError: It cannot be found, trusted or loaded.
    """
    from scene_clip_ros.models.open_clip_encoder import load_open_clip

    return load_open_clip(
        args.model, args.pretrained, precision=args.precision, backend=args.backend
    )


def load_measured_proposer(args: argparse.Namespace) -> Proposer:
    """Load the detector that the options name.

    Raises:
        ModelError: It cannot be found, trusted or loaded.
    """
    from scene_clip_ros.models.proposer_source import load_proposer

    return load_proposer(
        args.detector, args.detector_weights, precision=args.precision, backend=args.backend
    )


def describe(encoder: Encoder) -> str:
    """Return one line that says what was measured."""
    info = encoder.info
    return f"{info.model_id} ({info.device}, {info.precision}, {info.backend})"
