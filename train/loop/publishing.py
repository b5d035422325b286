"""What a finished training leaves behind: a model file that says what it is, history, samples."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from pipeline.core.errors import TrainingError
from pipeline.core.files import storage_errors, write_json
from pipeline.core.schema import Split
from train.data.variants import Variants
from train.export import model_file
from train.export.model_description import Data, Description, Results, shown_rights
from train.loop.history import write_csv, write_curves
from train.loop.training import Training


def describe_model(
    training: Training,
    tables: Sequence[pa.Table],
    data: str,
    collection: str,
    name: str,
    evaluation: Path,
) -> Description:
    """What the model file says.

    Args:
        training: at its end.
        tables: of all variants, one a collection.
        data: their digest.
        collection: whose variants they are, in words.
        name: the fingerprint.
        evaluation: where the project will keep the distances from real images.
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
        classes=_classes(shown[0]) if training.params.is_conditional else {},
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


def publish(training: Training, description: Description, model: Path, curves: Path) -> None:
    """Write the averaged generator, the history and the samples.

    Raises:
        TrainingError: a sheet of samples is missing.
        StorageError: the disk is full or a folder cannot be written.
    """
    seen = training.monitor.seen
    model_file.write_model(model, training.state.averaged_generator(), description)
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
