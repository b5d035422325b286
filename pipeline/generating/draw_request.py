"""What is asked of a trained model, drawn and written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import click
import numpy as np

from pipeline.generating.real_pictures import real_pictures
from pipeline.generating.request import STRIP_COUNT, SWEPT_ROWS, GenerateRequest
from train.compute import device
from train.conditions.asked_values import data_sheet_of, sweep_of, with_values
from train.export.model_description import read_model_description
from train.export.model_file import Model, load_model
from train.samples import generated_pictures, sheets
from train.samples.mixing import write_mixed
from train.samples.projection import TRIED, project
from train.samples.saved_latents import VECTOR_SEED, read_saved
from train.samples.swept import write_sweep
from train.samples.truncation import drawing_truncated


def draw(request: GenerateRequest, weights: Path) -> None:
    """Draw what ``request`` asks for with the model file ``weights``, and write it.

    Raises:
        TrainingError: the model is missing or torn.
        UsageError: the model cannot draw what is asked.
    """
    device.make_deterministic()
    model = load_model(weights, device.find())
    if request.latent is not None:
        _draw_again(model, weights, request.latent, request.out)
        return
    model = asked_of(model, request)
    limit = request.truncation
    with drawing_truncated(model, limit) if limit is not None else nullcontext():
        if request.sweep is not None:
            _draw_swept(model, request, request.sweep)
        elif request.near is not None:
            _draw_near(model, request, request.near)
        elif request.between is not None:
            _draw_between(model, request, request.between)
        else:
            _draw_of_seed(model, request)


def _draw_again(model: Model, weights: Path, file: Path, out: Path) -> None:
    """The picture that a walk saved, as it was."""
    saved = read_saved(file)
    latent = saved.latent_for(file, model)
    fingerprint = read_model_description(weights).fingerprint
    if saved.fingerprint != fingerprint:
        click.echo(
            f"{file} was saved of the training {saved.fingerprint}, and {weights} is of "
            f"{fingerprint}: the picture is another one",
            err=True,
        )
    if saved.class_name is not None:
        model = model.of_class(saved.class_name)
    model = model.of_one_vector(VECTOR_SEED)
    limit = saved.truncation
    with drawing_truncated(model, limit) if limit is not None else nullcontext():
        sheets.write_png(out, model.draw_from(latent)[0])


def asked_of(model: Model, request: GenerateRequest) -> Model:
    """The model, drawing the class, the values or the texts that were asked for."""
    if request.class_name is not None:
        model = model.of_class(request.class_name)
    if request.values:
        rows = with_values(data_sheet_of(model.condition), model.rows(), request.values)
        model = model.of_vectors(rows)
    if request.texts:
        # Imported here: the text package is needed for texts alone.
        from train.samples.worded import of_texts

        model = of_texts(model, request.texts, request.count_of_each)
    return model


def _draw_of_seed(model: Model, request: GenerateRequest) -> None:
    """A grid of the pictures of a seed, a file each, a film or a sheet of mixtures."""
    out, seed, count = request.out, request.seed, request.count_of_each
    if request.interpolate and model.classes and model.only is None:
        raise click.UsageError("this model tells classes apart; name the one to walk in by --class")
    if request.mix:
        side = max(1, round(count**0.5))
        write_mixed(out, model.of_one_vector(seed), model.latents(2 * side, seed))
        return
    latents = model.latents(count, seed).repeat(max(len(request.texts), 1), 1)
    if request.interpolate:
        generated_pictures.write_walk(out, model.of_one_vector(seed), latents)
    elif request.files:
        generated_pictures.write_files(out, model, latents)
    else:
        columns = count if len(request.texts) > 1 else None
        generated_pictures.write_grid(out, model, latents, columns)


def _draw_swept(model: Model, request: GenerateRequest, sweep: str) -> None:
    """The sheet of a sweep, each row of a latent and a real data sheet of its own."""
    sheet, rows = data_sheet_of(model.condition), request.count or SWEPT_ROWS
    swept = sweep_of(sheet, model.rows(rows), sweep)
    set_columns = {sheet.column(value.partition("=")[0].strip()).column for value in request.values}
    if swept.column in set_columns:
        raise click.UsageError(f"--set and --sweep both say what {swept.column} is; leave one out")
    latents = model.latents(rows, request.seed)
    write_sweep(request.out, model, latents, swept.vectors, swept.column, swept.labels)


def _draw_near(model: Model, request: GenerateRequest, image_id: str) -> None:
    """What is nearest to an image, beside it."""
    reals, creators = real_pictures(request.model, [image_id], model.params.resolution)
    model = _of_their_class(model, creators).of_one_vector(request.seed)
    nearest = project(model, reals[0], request.seed)
    _say_how_near(image_id, nearest.apart, nearest.apart_at_random)
    sheets.write_png(request.out, sheets.sheet(np.stack([reals[0], nearest.picture]), 2))


def _draw_between(model: Model, request: GenerateRequest, image_ids: tuple[str, str]) -> None:
    """The way from what is nearest to one image to what is nearest to another."""
    # Imported here: `train` says how threads wait, before torch looks.
    import torch

    reals, creators = real_pictures(request.model, image_ids, model.params.resolution)
    model = _of_their_class(model, creators).of_one_vector(request.seed)
    latents = []
    for image_id, real in zip(image_ids, reals, strict=True):
        nearest = project(model, real, request.seed)
        _say_how_near(image_id, nearest.apart, nearest.apart_at_random)
        latents.append(nearest.latent)
    ends = torch.stack(latents)
    if request.interpolate:
        generated_pictures.write_walk(request.out, model, ends)
    else:
        count = request.count or STRIP_COUNT
        generated_pictures.write_between(request.out, model, ends, reals, count)


def _say_how_near(image_id: str, apart: float, apart_at_random: float) -> None:
    click.echo(
        f"{image_id}: the nearest picture differs by {apart:.1f} levels of 255 (root mean square); "
        f"the nearest of {TRIED} drawn at random by {apart_at_random:.1f}"
    )


def _of_their_class(model: Model, creators: Sequence[str]) -> Model:
    """The model, drawing the class of the images where it tells classes apart."""
    if not model.classes or model.only is not None:
        return model
    if len(set(creators)) == 1 and creators[0] in model.classes:
        return model.of_class(creators[0])
    raise click.UsageError(
        f"this model tells classes apart, and these images are of {' and '.join(creators)}; name "
        f"the class to draw by --class"
    )
