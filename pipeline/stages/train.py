"""Stage `train`: variants and pixels to a generator, its samples and its history."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.core import log, tables
from pipeline.core.errors import TrainingError
from pipeline.core.files import exclusive, storage_errors
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from train import artifact, checkpoint, device, sheets
from train.data import Images, Order, Variants, stored_size
from train.fingerprint import data_digest, fingerprint
from train.journal import Journal, write_history
from train.loop import Training
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
    data = data_digest(table)
    folder = _folder(paths, params, variants, data)
    with exclusive(paths.work("train") / "lock", what=f"training of {paths.collection}"):
        training = Training(params, device.find(), paths.pixels, variants, folder)
        _resume(training)
        _clear(paths.model)
        with (
            Journal(paths.model / "dvclive", folder / "tensorboard", training.rows) as journal,
            stop_wished() as stop,
        ):
            training.run(journal.add, stop)
        _publish(paths, training, variants, data)


def _folder(paths: Paths, params: Train, variants: Variants, data: str) -> Path:
    if not len(variants):
        raise TrainingError(
            f"{paths.table('variants')}: no image is left to train on; see {paths.funnel}"
        )
    size = stored_size(paths.pixels, params.resolution)
    shards = [paths.pixel_shard(size, name) for name in variants.shard_names]
    return paths.work("train") / fingerprint(params, data, shards)


def _resume(training: Training) -> None:
    """Take the latest whole checkpoint and say which, or why none."""
    saved, torn = checkpoint.load_latest(training.folder)
    for path in torn:
        log.say(f"train: {path} is torn and passed over")
        path.unlink()
    if saved is None:
        log.say(
            f"train: fresh, because {training.folder} holds no checkpoint of these data, "
            f"params and code"
        )
        return
    training.restore(saved)
    log.say(
        f"train: goes on after {saved.images_seen:,} of {training.total:,} images from "
        f"{checkpoint.path_of(training.folder, saved.images_seen)}"
    )
    before, now = saved.record["compute"], training.compute.description
    if before != now:
        log.say(f"train: begun on {before}, goes on with {now}; the last bits will differ")


def _clear(folder: Path) -> None:
    with storage_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _publish(paths: Paths, training: Training, variants: Variants, data: str) -> None:
    folder, params = paths.model, training.params
    artifact.write(folder, training.averaged_generator(), _description(training, variants, data))
    write_history(folder / "history.csv", training.rows)
    with storage_errors(folder):
        shutil.copytree(training.folder / "samples", folder / "samples", dirs_exist_ok=True)
    sheets.write_png(folder / "reals.png", _reals(paths, training, variants))
    last = training.rows[-1]
    log.say(
        f"train: {training.total:,} images shown of {len(variants):,} variants in "
        f"{last['step']:,} steps at up to {params.resolution} px; {folder / artifact.WEIGHTS}; "
        f"curves: tensorboard --logdir {training.folder / 'tensorboard'}"
    )


def _description(training: Training, variants: Variants, data: str) -> dict[str, Any]:
    originals, _ = variants.originals()
    return {
        "params": training.params.model_dump(mode="json"),
        "images_seen": training.images_seen,
        "steps": training.steps,
        "compute": training.compute.description,
        "data": {"sha256": data, "images": len(originals), "variants": len(variants)},
        "parameters": training.parameters(),
        "range": "-1..1, RGB",
    }


def _reals(paths: Paths, training: Training, variants: Variants) -> Pixels:
    """The first images of the training's own order, as many as a sheet of samples shows."""
    params = training.params
    wanted = Order(params.seed, len(variants)).take(0, params.sample_grid**2)
    images = Images(paths.pixels, variants.taken(wanted), params.resolution)
    return sheets.sheet(images.pictures(np.arange(len(wanted))), params.sample_grid)
