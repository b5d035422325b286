"""Stage `train`: variants and pixels to a generator, its samples and its history."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipeline.core import log, tables
from pipeline.core.errors import TrainingError
from pipeline.core.files import exclusive, storage_errors, write_bytes, write_json
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from train.bases.catalogue import base_of, weights_of
from train.compute import device
from train.compute.device import Compute
from train.data.images import Images, stored_size
from train.data.sampler import sampler_for
from train.data.variants import Variants
from train.export import model_file
from train.export.description import WEIGHTS, Data, Description, Results, rights
from train.loop import checkpoint
from train.loop.checkpoint import Checkpoint
from train.loop.fingerprint import code_digest, data_digest, fingerprint
from train.loop.history import Curves, write_csv, write_curves
from train.loop.signals import stop_wished
from train.loop.training import Training
from train.metrics.distances import FEWEST
from train.monitor.rules import Row
from train.samples import sheets


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
    if not len(variants):
        raise TrainingError(
            f"{paths.table('variants')}: no image is left to train on; see {paths.funnel}"
        )
    _warn_of_few(variants)
    data = data_digest(table, params)
    warm = _warm(paths, params)
    compute = device.find()
    with _alone(paths, compute):
        training = Training(params, compute, paths.pixels, variants, paths.work("train"))
        name = _name(training, paths, variants, data, warm)
        _begin(training, name, warm)
        _check_agreement(training, name)
        if compute.ranks.first:
            _forget_others(training)
        with stop_wished() as stop:
            finished = False
            while not finished:  # each time it is set back, its curves are drawn anew
                finished = _run(paths, training, stop)
        if compute.ranks.first:
            if params.publish == "best":
                training.take_best()
            description = _description(paths, training, name, table, data)
            _publish(paths, training, variants, description)


def _warn_of_few(variants: Variants) -> None:
    """Say what so few images are too few for; a training on them may be meant all the same."""
    images = len(variants.originals()[0])
    if images < 2 * FEWEST:
        log.say(
            f"train: {log.counted(images, 'image')} to train on, and fewer than {2 * FEWEST} are "
            f"too few: the model will repeat them, and `evaluate` can measure neither distances "
            f"nor copies; add images, or let select and augment keep more"
        )


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
    with Curves(training.folder / "tensorboard", training.rows) as curves:
        return training.run(curves.add, stop)


def _nobody(_row: Row) -> None:
    """The first process draws the curves."""


def _warm(paths: Paths, params: Train) -> Checkpoint | None:
    """The checkpoint or base that ``params`` name to start from."""
    if params.warm_start is None:
        return None
    if (base := base_of(params)) is not None:
        return _weights_of(base[0])
    saved = checkpoint.load(paths.root / params.warm_start)
    if saved is None:
        raise TrainingError(
            f"train.warm_start: {params.warm_start} is missing, torn or no checkpoint; name a "
            f"base such as base:fields-64, a file checkpoint-*.safetensors that was copied out of "
            f"work/train, or null"
        )
    return saved


def _weights_of(name: str) -> Checkpoint:
    """The base of that name.

    Raises:
        TrainingError: its file is not here, or torn.
    """
    path = weights_of(name)
    saved = checkpoint.load(path)
    if saved is None:
        raise TrainingError(f"{path}: missing or torn; `git checkout {path.name}` brings it back")
    return saved


def _name(
    training: Training, paths: Paths, variants: Variants, data: str, warm: Checkpoint | None
) -> str:
    """The fingerprint of the training."""
    size = stored_size(paths.pixels, training.params.resolution)
    shards = [paths.pixel_shard(size, shard) for shard in variants.shard_names]
    code = code_digest(type(training.recipe))
    return fingerprint(training.params, data, shards, code, warm.digest if warm else None)


def _begin(training: Training, name: str, warm: Checkpoint | None) -> None:
    """Go on, start warm or start fresh, and say which and why."""
    training.folder /= name
    saved, torn = checkpoint.load_latest(training.folder)
    if saved is not None and training.is_shorter_than(saved):
        longer, training.folder = (
            training.folder,
            training.folder.with_name(f"{name}-{training.budget.tag}"),
        )
        log.say(
            f"train: {longer} has shown {saved.record.images_seen:,} images, more than "
            f"{training.budget} allow, and stays as it is"
        )
        saved, torn = checkpoint.load_latest(training.folder)
    for path in torn:
        log.say(f"train: {path} is torn and passed over")
        if training.compute.ranks.first:
            path.unlink(missing_ok=True)
    none = f"{training.folder} holds no checkpoint of these data, params and code"
    if saved is None and warm is not None:
        training.start_warm(warm)
        log.say(
            f"train: warm, from {training.params.warm_start} after "
            f"{warm.record.images_seen:,} images, because train.warm_start names it and {none}"
        )
        return
    if saved is None:
        log.say(f"train: fresh, because {none}")
        return
    path = checkpoint.path_of(training.folder, saved.record.images_seen)
    training.restore(saved, path)
    log.say(f"train: goes on after {training.spent} from {path}")
    before, now = saved.record.compute, training.compute.description
    if before != now:
        log.say(f"train: begun on {before}, goes on with {now}; the last bits will differ")


def _check_agreement(training: Training, name: str) -> None:
    """See that all processes begin at one place of one training, in one folder.

    Raises:
        TrainingError: they do not.
    """
    ranks, where, seen = training.compute.ranks, training.compute.device, training.state.images_seen
    if ranks.count == 1:
        return
    mark = training.folder / "begun.txt"
    if ranks.first:
        write_bytes(mark, uuid.uuid4().bytes)
    ranks.any(False, where)  # until it is written
    begun = mark.read_bytes() if mark.exists() else None
    agreed = ranks.agree(f"{name} {seen} {version('torch')} {begun!r}", where)
    if ranks.first:
        mark.unlink()
    if not agreed:
        raise TrainingError(
            f"the processes of this training begin apart: the one on {socket.gethostname()} with "
            f"{training.folder} after {seen:,} images, by torch {version('torch')}; all hosts "
            f"must share the project's folder and have the same environment (docs/cluster.md)"
        )


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
    """Make ``folder`` an empty one, and find out now whether the model can be written in the end.

    Raises:
        StorageError: it cannot be written, or is a file or a link.
    """
    with storage_errors(folder):
        if folder.is_symlink() or folder.is_file():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)


def _publish(
    paths: Paths, training: Training, variants: Variants, description: Description
) -> None:
    folder, params = paths.model, training.params
    seen = training.monitor.seen
    model_file.write(folder, training.state.averaged_generator(), description)
    write_csv(folder / "history.csv", training.rows)
    write_csv(folder / "sample_metrics.csv", seen.sample_metrics)
    write_json(folder / "health.json", seen.findings)
    _copy_samples(training, folder / "samples")
    strip = _film_strip(folder / "samples", params.resolution)
    sheets.write_png(paths.evaluation / "film_strip.png", strip)
    write_curves(paths.evaluation / "curves", training.rows)
    sheets.write_png(folder / "reals.png", _reals(paths, training, variants))
    shown = training.rows[-1]["images"]
    if training.budget.images is None or shown < training.budget.images:
        log.say(
            f"train: {training.spent}; to train so again to the bit, write kimg: {shown / 1000} "
            f"and no minutes"
        )
    log.say(
        f"train: {shown:,} images shown of {len(variants):,} variants in "
        f"{training.rows[-1]['step']:,} steps at up to {params.resolution} px; {folder / WEIGHTS}; "
        f"curves: tensorboard --logdir {training.folder / 'tensorboard'}"
    )


def _copy_samples(training: Training, folder: Path) -> None:
    """Copy the samples of the history; of a training that was lengthened there are more."""
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for row in training.monitor.seen.sample_metrics:
        name = f"{row['images']:09d}.png"
        try:
            shutil.copyfile(training.folder / "samples" / name, folder / name)
        except FileNotFoundError as error:
            raise TrainingError(
                f"{training.folder / 'samples' / name}: missing; delete {training.folder} and run "
                f"the same command again to train anew"
            ) from error


def _description(
    paths: Paths, training: Training, name: str, table: pa.Table, data: str
) -> Description:
    variants = Variants.of(table, Split.TRAIN)
    originals, _ = variants.originals()
    captures = {shard.rpartition("-")[0] for shard in variants.shard_names}
    evaluation = (paths.evaluation / "evaluation.json").relative_to(paths.root)
    seen, state = training.monitor.seen, training.state
    return Description(
        salon=version("salon"),
        collection=paths.collection,
        fingerprint=name,
        params=training.params.model_dump(mode="json"),
        title=training.params.title,
        images_seen=state.images_seen,
        steps=state.steps,
        compute=training.compute.description,
        data=Data(
            sha256=data,
            images=len(originals),
            variants=len(variants),
            captures=sorted(captures),
            rights=rights(table),
        ),
        classes=_classes(variants) if training.params.is_conditional else {},
        parameters=state.parameters(),
        results=Results(
            losses=next(row for row in training.rows if row["images"] >= state.images_seen),
            sample_metrics=next(
                row for row in reversed(seen.sample_metrics) if row["images"] <= state.images_seen
            ),
            findings=len(seen.findings),
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
    places = sampler_for(params, variants).take(0, params.sample_grid**2)
    images = Images(paths.pixels, variants.taken(places), params.resolution)
    return sheets.sheet(images.pictures(np.arange(len(places))), params.sample_grid)
