"""What a finished training leaves behind: a model file that says what it is, history, samples."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from pipeline.core.errors import TrainingError
from pipeline.core.files import storage_errors, write_json
from pipeline.core.schema import Split
from train.conditions.vectors import Floats
from train.data.classes import spread
from train.data.variants import Variants
from train.export import model_file
from train.export.model_description import Data, Description, Results, shown_rights
from train.loop.history import write_csv, write_curves
from train.loop.training import Training

VECTORS_KEPT: Final = 256
"""Vectors of images that a model file holds at most, to draw of where nothing else is asked."""


def describe_model(
    training: Training,
    tables: Sequence[pa.Table],
    data: str,
    collection: str,
    name: str,
    evaluation: Path,
    condition: dict[str, Any] | None = None,
) -> Description:
    """What the model file says.

    Args:
        training: at its end.
        tables: of all variants, one a collection.
        data: their digest.
        collection: whose variants they are, in words.
        name: the fingerprint.
        evaluation: where the project will keep the distances from real images.
        condition: what the vectors stand for that pictures are drawn of, if they are.
    """
    shown = [Variants.of(table, Split.TRAIN) for table in tables]
    captures = {shard.rpartition("-")[0] for each in shown for shard in each.shard_names}
    state = training.state
    return Description(
        salon=version("salon"),
        collection=collection,
        fingerprint=name,
        params=training.params.model_dump(mode="json"),
        title=training.params.title,
        images_seen=state.images_seen,
        steps=state.steps,
        compute=training.compute.description,
        data=Data(
            sha256=data,
            images=sum(len(each.originals()[0]) for each in shown),
            variants=sum(map(len, shown)),
            captures=sorted(captures),
            rights=shown_rights(pa.concat_tables(tables)),
        ),
        classes=_classes(shown[0]) if training.params.tells_classes else {},
        condition=condition or {},
        parameters=state.parameters(),
        results=_results(training, evaluation),
    )


def _results(training: Training, evaluation: Path) -> Results:
    seen, images_seen = training.monitor.seen, training.state.images_seen
    return Results(
        losses=next(row for row in training.rows if row["images"] >= images_seen),
        sample_metrics=next(
            row for row in reversed(seen.sample_metrics) if row["images"] <= images_seen
        ),
        findings=len(seen.findings),
        evaluation=evaluation.as_posix(),
    )


def _classes(variants: Variants) -> dict[str, int]:
    return dict(zip(variants.classes, variants.class_sizes().tolist(), strict=True))


def _shown_vectors(variants: Variants) -> Floats | None:
    """The vectors of some images, evenly from all that there are."""
    originals, _ = variants.originals()
    if originals.vectors is None:
        return None
    count = min(VECTORS_KEPT, len(originals))
    return originals.vectors.at(spread(np.ones(len(originals), np.int64), count))


def publish(training: Training, description: Description, model: Path, curves: Path) -> None:
    """Write the averaged generator, the history and the samples.

    Raises:
        TrainingError: a sheet of samples is missing.
        StorageError: the disk is full or a folder cannot be written.
    """
    seen = training.monitor.seen
    vectors = _shown_vectors(training.variants)
    model_file.write_model(model, training.state.averaged_generator(), description, vectors)
    write_csv(model / "history.csv", training.rows)
    write_csv(model / "sample_metrics.csv", seen.sample_metrics)
    write_json(model / "health.json", seen.findings)
    _copy_samples(training, model / "samples")
    write_curves(curves, training.rows)


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
