"""The drive that the demo plays: rendered once, kept while it is what was asked for."""

from __future__ import annotations

import argparse
import hashlib
from contextlib import closing
from pathlib import Path

from scene_clip_ros.cli.progress import with_progress
from scene_clip_ros.media.bag_source import BagSource
from scene_clip_ros.media.frame_source import FrameSource
from scene_clip_ros.media.truth import TRUTH_TOPIC, read_truth, truth_file
from scene_clip_ros.report.drive_scoring import DriveTruth, parse_drive_truth


def ensure_drive(args: argparse.Namespace, folder: Path) -> Path:
    """Render the demo's drive unless the folder holds it already.

    Args:
        args: Scenario, seed, seconds, size and rate.
        folder: Where ``drive.mcap`` goes.

    Returns:
        The bag.
    """
    drive, key_file = folder / "drive.mcap", folder / "drive.key"
    key = _key(args)
    if drive.is_file() and key_file.is_file() and key_file.read_text(encoding="utf-8") == key:
        return drive
    _render(args, drive)
    key_file.write_text(key, encoding="utf-8")
    return drive


def read_truths(source: FrameSource, path: Path) -> list[DriveTruth]:
    """Read the truth of a drive; none for footage that has none.

    Raises:
        SourceError: There is truth, but it is damaged.
    """
    if isinstance(source, BagSource):
        has_truth = any(t.name.endswith(f"/{TRUTH_TOPIC}") for t in source.reader.topics)
    else:
        has_truth = truth_file(path).is_file()
    if not has_truth:
        return []
    return [parse_drive_truth(record.data, where=record.where) for record in read_truth(path)]


def _render(args: argparse.Namespace, path: Path) -> None:
    """Render the drive that the options describe."""
    from scene_clip_ros.sim.drive import Drive
    from scene_clip_ros.sim.export import ExportSettings, export_drive
    from scene_clip_ros.sim.parallel import render_parallel
    from scene_clip_ros.sim.scenario import make_scenario

    scenario = make_scenario(args.scenario, seed=args.seed, seconds=args.seconds)
    drive = Drive(
        scenario, seed=args.seed, seconds=args.seconds, size_wh=args.size, rate_hz=args.rate
    )
    settings = ExportSettings(
        camera=drive.camera_name,
        rate_hz=drive.rate_hz,
        focal_px=drive.camera.focal_px,
        centre_xy=drive.camera.centre_uv,
    )
    with closing(render_parallel(drive)) as rendered:
        frames = with_progress(rendered, total=len(drive), label="rendering")
        export_drive(frames, path, settings=settings)


def _key(args: argparse.Namespace) -> str:
    """Tell drives apart by what was asked for and by the code that renders."""
    import scene_clip_ros.sim

    asked = (args.scenario, args.seed, args.seconds, args.size, args.rate)
    digest = hashlib.sha256(repr(asked).encode())
    for module in sorted(Path(scene_clip_ros.sim.__file__).parent.rglob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
