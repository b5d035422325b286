"""Stage `translate`: variants and pixels to a network that makes pictures of pictures."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipeline.core import log, tables
from pipeline.core.errors import TrainingError
from pipeline.core.params.translation import Translation
from pipeline.core.paths import Paths, TranslationPaths
from pipeline.core.schema import VARIANTS
from pipeline.core.shards import Pixels
from train.compute import device
from train.export.model_description import WEIGHTS, Description
from train.loop import publishing, session
from train.loop.fingerprint import data_digest
from train.loop.training import Training
from train.samples import sheets
from train.translation.curated import Curated
from train.translation.drawing import film_strip
from train.translation.subject import subject_of


def run(paths: TranslationPaths, params: Translation) -> None:
    """Train, from the last checkpoint of the same training if there is one.

    Checkpoints, samples and TensorBoard's events of a training in progress lie in
    ``work/translate/<name>/<fingerprint>``; what is published is written at the end.

    Raises:
        TableError, TrainingError: there is nothing to train on.
        InterruptedRunError: a signal stopped the training after a checkpoint.
        UnhealthyError: the monitor stopped the training.
        BusyError: another process trains the same translation.
    """
    device.make_deterministic(params.threads)
    # One table for a translation within one collection, two for one between two.
    held = {each.collection: _variants(each) for each in (paths.source, paths.aim)}
    inputs, targets = (
        Curated.of(each.pixels, held[each.collection]) for each in (paths.source, paths.aim)
    )
    data = data_digest(held[params.collection], params, *list(held.values())[1:])
    subject = subject_of(paths.name, params, inputs, targets)
    warm = None
    if params.warm_start is not None:
        warm = session.warm_checkpoint(paths.root, subject.section, params.warm_start)
    compute = device.find()
    with session.alone(paths.work, f"translation {paths.name}", compute):
        training = Training(params, compute, inputs.pixels, inputs.train, paths.work, subject)
        name = session.name_of(training, inputs.pixels, inputs.train, data, warm)
        session.train_to_end(training, name, warm, paths.model)
        if compute.ranks.first:
            evaluation = (paths.evaluation / "evaluation.json").relative_to(paths.root)
            description = publishing.describe_model(
                training, list(held.values()), data, " to ".join(held), name, evaluation
            )
            _publish(paths, params, training, description)


def _variants(source: Paths) -> pa.Table:
    """The table of variants of a collection.

    Raises:
        TableError, TrainingError: it is missing, or no image is left to train on.
    """
    table = tables.read(source.table("variants"), VARIANTS)
    if not len(Curated.of(source.pixels, table).train):
        raise TrainingError(
            f"{source.table('variants')}: no image is left to train on; see {source.funnel}"
        )
    return table


def _publish(
    paths: TranslationPaths, params: Translation, training: Training, description: Description
) -> None:
    folder = paths.model
    publishing.publish(training, description, folder, paths.evaluation / "curves")
    strip = _film_strip(folder / "samples", params)
    sheets.write_png(paths.evaluation / "film_strip.png", strip)
    end = training.rows[-1]
    log.say(
        f"translate: {end['images']:,} inputs shown of {description.data.variants:,} variants in "
        f"{end['step']:,} steps at {params.resolution} px; {folder / WEIGHTS}; "
        f"curves: tensorboard --logdir {training.folder}"
    )


def _film_strip(samples: Path, params: Translation) -> Pixels:
    moments = sheets.evenly(sorted(samples.glob("[0-9]*.png")), sheets.STRIP_COLUMNS - 2)
    return film_strip([sheets.read_png(path) for path in moments], params.resolution)
