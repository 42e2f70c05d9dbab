"""Measures the pipeline that a node's parameters describe."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.core.errors import SourceError
from scene_clip_ros.core.profile import Profile, Setup
from scene_clip_ros.core.types import ImageArray
from scene_clip_ros.media.compressed import decode_compressed, encode_jpeg
from scene_clip_ros.media.encodings import decode_raw
from scene_clip_ros.media.scaling import resize_picture
from scene_clip_ros.media.sources import open_source
from scene_clip_ros.nodes.configured import (
    load_configured_encoder,
    load_configured_proposer,
    load_configured_vocabulary,
)
from scene_clip_ros.nodes.parameters import SceneClipParameters
from scene_clip_ros.pipeline.profiling import WARM_UP, Decode, Profiler

PICTURES = 8
"""Different frames that are used in turn."""

DEFAULT_SIZE_WH = (1920, 1080)
JPEG_QUALITY = 90
SCENARIO, SEED = "city-day", 7


def profile_pipeline(
    parameters: SceneClipParameters,
    *,
    recording: Path | None,
    cameras: int,
    camera_hz: float,
    size_wh: tuple[int, int] | None,
    transport: str,
    batches: int,
) -> Profile:
    """Load what the parameters name, and measure every stage.

    Args:
        parameters: Of the node.
        recording: Where frames come from; None: a rendered street.
        cameras: How many.
        camera_hz: Frames a second of each.
        size_wh: Width and height in pixels to which frames are scaled; None: as recorded, or
            `DEFAULT_SIZE_WH` of what is rendered.
        transport: ``raw`` or ``compressed``.
        batches: How many are counted.

    Raises:
        SourceError: The recording has no frame that can be used.
        VocabularyError: The vocabulary cannot be used.
        ModelError: A model cannot be loaded.
    """
    pictures = _recorded(recording) if recording else _rendered(size_wh or DEFAULT_SIZE_WH)
    if size_wh is not None:
        pictures = [resize_picture(picture, size_wh) for picture in pictures]
    height, width = pictures[0].shape[:2]
    encoder = load_configured_encoder(parameters)
    proposer = load_configured_proposer(parameters) if parameters.boxes.enabled else None
    profiler = Profiler(encoder, load_configured_vocabulary(parameters), proposer=proposer)
    decoders = [_decoder(picture, transport) for picture in pictures]
    measured = profiler.measure(
        with_progress(
            _batches(decoders, cameras=cameras, count=batches + WARM_UP),
            total=batches + WARM_UP,
            label="measuring",
            unit="batch",
        )
    )
    setup = Setup(
        cameras=cameras,
        camera_hz=camera_hz,
        size_wh=(width, height),
        is_compressed=transport == "compressed",
        crops=measured.crops,
        device=encoder.info.device,
        precision=encoder.info.precision,
        backend=encoder.info.backend,
        detector_backend=proposer.info.backend if proposer else "",
    )
    return Profile(setup, measured.stages)


def _recorded(path: Path) -> list[ImageArray]:
    """Return the first frames of a recording, of one size."""
    with open_source(path) as source:
        pictures = [frame.decode() for frame in itertools.islice(source, PICTURES)]
    if not pictures:
        message = f"{path}: expected at least one frame, got none"
        raise SourceError(message)
    return [picture for picture in pictures if picture.shape == pictures[0].shape]


def _rendered(size_wh: tuple[int, int]) -> list[ImageArray]:
    from scene_clip_ros.sim.drive import Drive
    from scene_clip_ros.sim.scenario import make_scenario

    scenario = make_scenario(SCENARIO, seed=SEED, seconds=PICTURES)
    drive = Drive(scenario, seed=SEED, seconds=PICTURES, size_wh=size_wh, rate_hz=1.0)
    numbers = with_progress(range(PICTURES), total=PICTURES, label="rendering")
    return [drive.render(number).rgb for number in numbers]


def _decoder(picture: ImageArray, transport: str) -> Decode:
    """Return what decodes a picture as a camera sends it."""
    if transport == "compressed":
        return partial(decode_compressed, encode_jpeg(picture, quality=JPEG_QUALITY))
    height, width = picture.shape[:2]
    data = picture.tobytes()
    return lambda: decode_raw(data, encoding="bgr8", width=width, height=height, step=3 * width)


def _batches(decoders: Sequence[Decode], *, cameras: int, count: int) -> Iterator[Sequence[Decode]]:
    endless = itertools.cycle(decoders)
    for _ in range(count):
        yield [next(endless) for _ in range(cameras)]
