"""Stage `train`: variants and pixels to a generator, its samples and its history."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.core import log, tables
from pipeline.core.errors import TrainingError
from pipeline.core.files import exclusive, storage_errors, write_json
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from train import artifact, checkpoint, device, sheets
from train.checkpoint import Checkpoint
from train.data import Images, Variants, stored_size
from train.description import WEIGHTS, Data, Description, Results, rights
from train.device import Compute
from train.fingerprint import data_digest, fingerprint
from train.journal import Journal, Row, write_history
from train.loop import Training
from train.order import order_of
from train.signals import stop_wished


def run(paths: Paths, params: Train) -> None:
    """Train, from the last checkpoint of the same training if there is one.

    Checkpoints, samples and TensorBoard's events of a training in progress lie in
    ``work/train/<collection>/<fingerprint>``; what is published is written at the end.

    Raises:
        TableError, TrainingError: there is nothing to train on.
        InterruptedRunError: a signal stopped the training after a checkpoint.
        UnhealthyError: the monitor stopped the training.
        BusyError: another process trains the same collection.
    """
    device.make_deterministic(params.threads)
    table = tables.read(paths.table("variants"), VARIANTS)
    variants = Variants.of(table, Split.TRAIN)
    data = data_digest(table, params)
    warm = _warm(paths, params)
    folder = _folder(paths, params, variants, data, warm)
    compute = device.find()
    with _alone(paths, compute):
        training = Training(params, compute, paths.pixels, variants, folder)
        _begin(training, warm)
        if compute.ranks.first:
            _forget_others(training)
        with stop_wished() as stop:
            finished = False
            while not finished:  # each time it is set back, its curves are drawn anew
                finished = _run(paths, training, stop)
        if compute.ranks.first:
            if params.publish == "best":
                training.take_best()
            _publish(paths, training, variants, _description(paths, training, table, data))


@contextmanager
def _alone(paths: Paths, compute: Compute) -> Iterator[None]:
    """Hold the lock on the collection's training; of several processes the first holds it."""
    if not compute.ranks.first:
        yield
        return
    with exclusive(paths.work("train") / "lock", what=f"training of {paths.collection}"):
        yield


def _run(paths: Paths, training: Training, stop: Callable[[], bool]) -> bool:
    if not training.compute.ranks.first:
        return training.run(_nobody, stop)
    _clear(paths.model)
    board = training.folder / "tensorboard"
    with Journal(paths.model / "dvclive", board, training.rows) as journal:
        return training.run(journal.add, stop)


def _nobody(_row: Row) -> None:
    """The first process keeps the journal."""


def _warm(paths: Paths, params: Train) -> Checkpoint | None:
    """The checkpoint that ``params`` name to start from."""
    if params.warm_start is None:
        return None
    found = checkpoint.load(paths.root / params.warm_start)
    if found is None:
        raise TrainingError(
            f"train.warm_start: {params.warm_start} is missing, torn or no checkpoint; name a "
            f"file checkpoint-*.safetensors that was copied out of work/train, or set it to null"
        )
    return found


def _folder(
    paths: Paths, params: Train, variants: Variants, data: str, warm: Checkpoint | None
) -> Path:
    if not len(variants):
        raise TrainingError(
            f"{paths.table('variants')}: no image is left to train on; see {paths.funnel}"
        )
    size = stored_size(paths.pixels, params.resolution)
    shards = [paths.pixel_shard(size, name) for name in variants.shard_names]
    name = fingerprint(params, data, shards, warm.digest if warm else None)
    return paths.work("train") / name


def _begin(training: Training, warm: Checkpoint | None) -> None:
    """Go on, start warm or start fresh, and say which and why."""
    saved, torn = checkpoint.load_latest(training.folder)
    for path in torn:
        log.say(f"train: {path} is torn and passed over")
        if training.compute.ranks.first:
            path.unlink(missing_ok=True)
    none = f"{training.folder} holds no checkpoint of these data, params and code"
    if saved is None and warm is not None:
        training.start_warm(warm)
        log.say(
            f"train: warm, from {training.params.warm_start} after {warm.images_seen:,} images, "
            f"because train.warm_start names it and {none}"
        )
        return
    if saved is None:
        log.say(f"train: fresh, because {none}")
        return
    training.restore(saved)
    log.say(
        f"train: goes on after {saved.images_seen:,} of {training.total:,} images from "
        f"{checkpoint.path_of(training.folder, saved.images_seen)}"
    )
    before, now = saved.record["compute"], training.compute.description
    if before != now:
        log.say(f"train: begun on {before}, goes on with {now}; the last bits will differ")


def _forget_others(training: Training) -> None:
    """Delete the oldest trainings of the collection beyond those that are kept."""
    training.folder.mkdir(parents=True, exist_ok=True)
    others = [path for path in training.folder.parent.iterdir() if path.is_dir()]
    others.remove(training.folder)
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[training.params.keep_trainings - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
        log.say(f"train: {path} deleted, older than the trainings that are kept")


def _clear(folder: Path) -> None:
    with storage_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _publish(
    paths: Paths, training: Training, variants: Variants, description: Description
) -> None:
    folder, params = paths.model, training.params
    artifact.write(folder, training.averaged_generator(), description)
    write_history(folder / "history.csv", training.rows)
    write_history(folder / "vitals.csv", training.watcher.vitals)
    write_json(folder / "health.json", training.watcher.findings)
    with storage_errors(folder):
        shutil.copytree(training.folder / "samples", folder / "samples", dirs_exist_ok=True)
    sheets.write_png(folder / "film_strip.png", _film_strip(folder / "samples", params.resolution))
    sheets.write_png(folder / "reals.png", _reals(paths, training, variants))
    last = training.rows[-1]
    log.say(
        f"train: {training.total:,} images shown of {len(variants):,} variants in "
        f"{last['step']:,} steps at up to {params.resolution} px; {folder / WEIGHTS}; "
        f"curves: tensorboard --logdir {training.folder / 'tensorboard'}"
    )


def _description(paths: Paths, training: Training, table: pa.Table, data: str) -> Description:
    variants = Variants.of(table, Split.TRAIN)
    originals, _ = variants.originals()
    captures = {name.rpartition("-")[0] for name in variants.shard_names}
    evaluation = (paths.evaluation / "evaluation.json").relative_to(paths.root)
    return Description(
        salon=version("salon"),
        collection=paths.collection,
        fingerprint=training.folder.name,
        params=training.params.model_dump(mode="json"),
        images_seen=training.images_seen,
        steps=training.steps,
        compute=training.compute.description,
        data=Data(
            sha256=data,
            images=len(originals),
            variants=len(variants),
            captures=sorted(captures),
            rights=rights(table),
        ),
        classes=_classes(variants) if training.params.is_conditional else {},
        parameters=training.parameters(),
        results=Results(
            losses=next(row for row in training.rows if row["images"] >= training.images_seen),
            vitals=next(
                row
                for row in reversed(training.watcher.vitals)
                if row["images"] <= training.images_seen
            ),
            findings=len(training.watcher.findings),
            evaluation=evaluation.as_posix(),
        ),
    )


def _film_strip(samples: Path, resolution: int) -> Pixels:
    moments = sheets.evenly(sorted(samples.glob("[0-9]*.png")), sheets.STRIP_COLUMNS)
    return sheets.film_strip([sheets.read_png(path) for path in moments], resolution)


def _classes(variants: Variants) -> dict[str, int]:
    return dict(zip(variants.classes, variants.class_sizes().tolist(), strict=True))


def _reals(paths: Paths, training: Training, variants: Variants) -> Pixels:
    """The first images of the training's own order, as many as a sheet of samples shows."""
    params = training.params
    wanted = order_of(params, variants).take(0, params.sample_grid**2)
    images = Images(paths.pixels, variants.taken(wanted), params.resolution)
    return sheets.sheet(images.pictures(np.arange(len(wanted))), params.sample_grid)
