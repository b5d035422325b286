"""Stage `train`: variants and pixels to a generator, its samples and its history."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.core import log, tables
from pipeline.core.errors import TrainingError
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from train.bases.base_catalogue import base_of, weights_of
from train.compute import device
from train.conditions.condition_table import read_conditions
from train.data.real_images import RealImages
from train.data.sampler import sampler_for
from train.data.variants import Variants
from train.export.model_description import WEIGHTS, Description
from train.loop import checkpoint, publishing, session
from train.loop.checkpoint import Checkpoint
from train.loop.fingerprint import data_digest
from train.loop.training import Training
from train.metrics.distances import FEWEST
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
    conditions = read_conditions(paths, params)
    variants = Variants.of(table, Split.TRAIN).with_vectors(conditions)
    if not len(variants):
        raise TrainingError(
            f"{paths.table('variants')}: no image is left to train on; see {paths.funnel}"
        )
    _warn_of_few(variants)
    data = data_digest(table, params, vectors=variants.vectors)
    warm = _warm(paths, params)
    compute = device.find()
    with session.alone(paths.work("train"), paths.collection, compute):
        training = Training(params, compute, paths.pixels, variants, paths.work("train"))
        name = session.name_of(training, paths.pixels, variants, data, warm)
        session.train_to_end(training, name, warm, paths.model)
        if compute.ranks.first:
            evaluation = (paths.evaluation / "evaluation.json").relative_to(paths.root)
            description = publishing.describe_model(
                training,
                [table],
                data,
                paths.collection,
                name,
                evaluation,
                None if conditions is None else conditions.description,
            )
            _publish(paths, params, training, variants, description)


def _warn_of_few(variants: Variants) -> None:
    """Say what so few images are too few for; a training on them may be meant all the same."""
    images = len(variants.originals()[0])
    if images < 2 * FEWEST:
        log.say(
            f"train: {log.counted(images, 'image')} to train on, and fewer than {2 * FEWEST} are "
            f"too few: the model will repeat them, and `evaluate` can measure neither distances "
            f"nor copies; add images, or let select and augment keep more"
        )


def _warm(paths: Paths, params: Train) -> Checkpoint | None:
    """The checkpoint or base that ``params`` name to start from."""
    if params.warm_start is None:
        return None
    if (base := base_of(params)) is not None:
        return _weights_of(base[0])
    return session.warm_checkpoint(
        paths.root, "train", params.warm_start, "a base such as base:fields-64, "
    )


def _weights_of(name: str) -> Checkpoint:
    """The base of that name.

    Raises:
        TrainingError: its file is not here, or torn.
    """
    path = weights_of(name)
    saved = checkpoint.load_checkpoint(path)
    if saved is None:
        raise TrainingError(f"{path}: missing or torn; `git checkout {path.name}` brings it back")
    return saved


def _publish(
    paths: Paths,
    params: Train,
    training: Training,
    variants: Variants,
    description: Description,
) -> None:
    folder = paths.model
    publishing.publish(training, description, folder, paths.evaluation / "curves")
    strip = _film_strip(folder / "samples", params.resolution)
    sheets.write_png(paths.evaluation / "film_strip.png", strip)
    sheets.write_png(folder / "reals.png", _reals(paths, params, variants))
    shown = training.rows[-1]["images"]
    if training.budget.images is None or shown < training.budget.images:
        again = f"to train so again to the bit, write kimg: {shown / 1000} and no minutes"
        if params.learning_rate_falls_from is not None:
            again = (
                f"its learning rates fell by the clock, so it cannot be trained again to the bit; "
                f"kimg: {shown / 1000} and no minutes shows as many images, and repeats"
            )
        log.say(f"train: {training.spent}; {again}")
    log.say(
        f"train: {shown:,} images shown of {len(variants):,} variants in "
        f"{training.rows[-1]['step']:,} steps at up to {params.resolution} px; {folder / WEIGHTS}; "
        f"curves: tensorboard --logdir {training.folder}"
    )


def _film_strip(samples: Path, resolution: int) -> Pixels:
    moments = sheets.evenly(sorted(samples.glob("[0-9]*.png")), sheets.STRIP_COLUMNS)
    return sheets.film_strip([sheets.read_png(path) for path in moments], resolution)


def _reals(paths: Paths, params: Train, variants: Variants) -> Pixels:
    """The first images of the training's own order, as many as a sheet of samples shows."""
    places = sampler_for(params, variants, params.seed).take(0, params.sample_grid**2)
    images = RealImages(paths.pixels, variants.taken(places), params.resolution)
    return sheets.sheet(images.pictures(np.arange(len(places))), params.sample_grid)
