"""Trains a model on pictures with captions, from data to a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scene_clip_ros.models.devices import choose_device, choose_precision
from scene_clip_ros.models.preprocessing import Preprocessing
from scene_clip_ros.report.curves import draw_curves
from scene_clip_ros.report.fit_rows import FitRow, append_row, read_rows
from scene_clip_ros.training.contrastive.batches import OnProblem, PairReader, TrainingOrder
from scene_clip_ros.training.contrastive.card import TrainingFacts, write_card
from scene_clip_ros.training.contrastive.export import export_model
from scene_clip_ros.training.contrastive.fit import ContrastiveFit, FitSettings
from scene_clip_ros.training.contrastive.job import TrainingJob
from scene_clip_ros.training.contrastive.resume import (
    CHECKPOINT_FILE,
    METRICS_FILE,
    check_folder,
    resume,
)
from scene_clip_ros.training.contrastive.start import Start, start_model
from scene_clip_ros.training.contrastive.towers import Towers
from scene_clip_ros.training.contrastive.training_data import TrainingData, load_data
from scene_clip_ros.training.model_card import CARD_FILE

CURVES_FILE = "curves.png"


@dataclass(frozen=True, slots=True)
class Reporting:
    """Who is told what.

    Attributes:
        on_note: Of what is about to be done, in a sentence.
        on_problem: Of every picture or caption that cannot be used.
        on_row: Of how the fit stands, and of its number of steps, now and then.
    """

    on_note: Callable[[str], None]
    on_problem: OnProblem
    on_row: Callable[[FitRow, int], None]


@dataclass(frozen=True, slots=True)
class _Run:
    """Everything that a job stands for on this machine."""

    job: TrainingJob
    data: TrainingData
    start: Start
    order: TrainingOrder
    settings: FitSettings
    device: str
    precision: str


def train(
    job: TrainingJob, folder: Path, *, reporting: Reporting, device: str = "auto", workers: int = 2
) -> None:
    """Fit a model until all steps are done, and write it; goes on where an equal run stopped.

    Args:
        job: What and how.
        folder: Holds checkpoint and metrics while the fit runs, and the model afterwards.
        reporting: Who is told.
        device: As for `choose_device`.
        workers: Threads that read pictures.

    Raises:
        SourceError: The data cannot be read, is too little, or has the folder in it.
        ModelError: The model cannot be built, or the fit fails.
        ParameterError: The folder is another run's, or holds files that are of no run.
    """
    check_folder(folder, data=filter(None, (job.data, job.validation)))
    run = _prepare(job, device)
    for problem in run.data.problems:
        reporting.on_problem(problem)
    reader = PairReader(
        Preprocessing.from_config(run.start.model.visual.preprocess_cfg),
        workers=workers,
        report=reporting.on_problem,
    )
    fit = _build_fit(run, reader)
    identity = _identity(run)
    resume(fit, folder, identity)
    reporting.on_note(_summary(run, fit.step))

    def on_row(row: FitRow) -> None:
        append_row(folder / METRICS_FILE, row)
        reporting.on_row(row, run.settings.steps)

    fit.run(folder / CHECKPOINT_FILE, identity, on_row=on_row)
    export_model(run.start.model, run.start.config, run.start.tokenize, folder)
    _describe(run, folder, broken=len(reader.broken))


def _prepare(job: TrainingJob, device: str) -> _Run:
    data = load_data(job)
    start = start_model(job.start)
    chosen = choose_device(device)
    batch = min(job.batch, len(data.pairs))
    order = TrainingOrder(data.pairs, batch, job.least_share, job.start.seed)
    return _Run(
        job=job,
        data=data,
        start=start,
        order=order,
        settings=job.fit_settings(order.steps_per_epoch),
        device=str(chosen),
        precision=choose_precision(job.precision, chosen),
    )


def _build_fit(run: _Run, reader: PairReader) -> ContrastiveFit:
    towers = Towers(
        run.start.model,
        run.start.tokenize,
        loss=run.start.loss,
        precision=run.precision,
        device=choose_device(run.device),
    )
    return ContrastiveFit(
        towers, run.order, held_out=run.data.held_out, reader=reader, settings=run.settings
    )


def _identity(run: _Run) -> str:
    """Return all that shapes a fit, as JSON."""
    job = run.job
    entries: dict[str, Any] = {
        "pairs": run.data.digest,
        "model": run.start.config.model,
        "weights": run.start.weights,
        "loss": run.start.loss,
        "lock_image": job.start.lock_image,
        "lock_text": job.start.lock_text,
        "share": job.share,
        "batch": run.order.batch,
        "least_share": job.least_share,
        "precision": run.precision,
        **asdict(run.settings),
    }
    return json.dumps(entries, sort_keys=True)


def _summary(run: _Run, done: int) -> str:
    data, start = run.data, run.start
    resumed = f", goes on after step {done}" if done else ""
    return (
        f"{start.config.name} from {start.weights}: {len(data.pairs)} pairs with {data.captions} "
        f"captions, {len(data.held_out)} pairs held out; {run.settings.steps} steps of "
        f"{run.order.batch} ({run.device}, {run.precision}, loss {start.loss}){resumed}"
    )


def _describe(run: _Run, folder: Path, *, broken: int) -> None:
    """Draw the curves and write the card."""
    rows, name = read_rows(folder / METRICS_FILE), folder.resolve().name
    draw_curves(rows, folder / CURVES_FILE, title=name)
    towers = (("image", run.job.start.lock_image), ("text", run.job.start.lock_text))
    facts = TrainingFacts(
        name=name,
        architecture=run.start.config.name,
        weights=run.start.weights,
        data=Path(run.job.data).name,
        pairs=len(run.data.pairs),
        captions=run.data.captions,
        held_out=len(run.data.held_out),
        unusable=len(run.data.problems) + broken,
        loss=run.start.loss,
        batch=run.order.batch,
        rate=run.job.rate,
        seed=run.job.start.seed,
        locked=tuple(tower for tower, is_locked in towers if is_locked),
    )
    (folder / CARD_FILE).write_text(write_card(facts, rows), encoding="utf-8")
