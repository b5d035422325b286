"""`salon generate`: pictures from a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.core.shards import Pixels
    from train.export.model_file import Model

DEFAULT_COUNT = 64
ROW_COUNT = 8
"""Pictures of each text, where there are several."""
SWEPT_ROWS = 6
STRIP_COUNT = 9
"""Pictures on the way between two images."""


@click.command("generate")
@click.argument("model")
@click.option(
    "-n", "--count", type=click.IntRange(1, 100_000), default=None,
    help="Pictures to draw; with --interpolate, the pictures passed through; with --between, the "
    f"pictures of the strip; with several --text, of each.  [default: {DEFAULT_COUNT}; "
    f"{STRIP_COUNT} between two images; {ROW_COUNT} of each of several texts]",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Picks them."
)
@click.option("--class", "class_name", help="Draw one class only, if the model tells them apart.")
@click.option(
    "--text", "texts", multiple=True, metavar="TEXT",
    help="Draw what TEXT says, if the model was shown captions; given more than once, a row of "
    "pictures for each. Needs `make text`.",
)  # fmt: skip
@click.option(
    "--set", "values", multiple=True, metavar="COLUMN=VALUE",
    help="What to draw, where the model is drawn of data sheets; may be given several times. What "
    "is not set is as on sheets of images that the model was shown.",
)  # fmt: skip
@click.option(
    "--sweep", metavar="COLUMN=FROM..TO",
    help="A sheet on which one thing changes from column to column, and each row is one latent; "
    "COLUMN=A,B,C for categories.",
)  # fmt: skip
@click.option("--files", is_flag=True, help="One PNG a picture in the folder OUT, not one grid.")
@click.option(
    "--interpolate", is_flag=True, help="A film (.gif or .mp4) that moves from picture to picture."
)
@click.option(
    "--near", metavar="IMAGE_ID",
    help="The picture nearest to an image of the collection, beside it; says how near it is.",
)  # fmt: skip
@click.option(
    "--between", nargs=2, metavar="IMAGE_ID IMAGE_ID",
    help="A strip from the picture nearest to one image to that of another; with --interpolate, a "
    "film there and back.",
)  # fmt: skip
@click.option(
    "--mix", is_flag=True,
    help="A sheet of mixtures: each row has the styles of its first picture, such as colours, "
    "each column the places of its first. For models that have styles (residual).",
)  # fmt: skip
@click.option(
    "--truncation", type=click.FloatRange(0, min_open=True), metavar="LIMIT",
    help="Safer pictures that are more alike, for a LIMIT below 1: latents are cut off there or, "
    "in networks that normalise them, what the first layers make is drawn to its mean.",
)  # fmt: skip
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="File or folder to write."
)
def generate(
    model: str,
    count: int | None,
    seed: int,
    class_name: str | None,
    texts: tuple[str, ...],
    values: tuple[str, ...],
    sweep: str | None,
    files: bool,
    interpolate: bool,
    near: str | None,
    between: tuple[str, str] | None,
    mix: bool,
    truncation: float | None,
    out: Path,
) -> None:
    """Draw pictures with a trained model.

    MODEL is a collection, or a file *.safetensors that somebody gave you. The same model, seed
    and number give the same pictures. An .mp4 needs `pip install 'salon[video]'`.

    \b
    Example:
      salon generate paintings --out grid.png
      salon generate paintings -n 500 --seed 7 --files --out drawn/
      salon generate paintings --truncation 0.7 --out safer.png
      salon generate paintings -n 8 --interpolate --out walk.mp4
      salon generate paintings --class vera-lindqvist --out grid.png
      salon generate watches --text "steel diver, green dial" --out green.png
      salon generate watches --text "black dial, rubber strap" --text "gold watch" --out rows.png
      salon generate watches --set "Dial=green" --set "Case diameter=40" --out green.png
      salon generate watches --sweep "Case diameter=36..46" --out wider.png
      salon generate watches --sweep "Dial=green,blue,black" --out dials.png
      salon generate paintings --mix --out mixed.png
      salon generate paintings --near 5f0c1d2e3a4b5c6d7e8f9a0b --out near.png
      salon generate paintings --between 5f0c1d2e3a4b5c6d7e8f9a0b 0a1b2c3d4e5f6a7b8c9d0e1f --out strip.png
    """  # noqa: E501 - a command that can be copied
    _check(files=files, interpolate=interpolate, near=near, between=between, mix=mix, sweep=sweep)
    _check_texts(texts, one_of=interpolate or near or between or mix)
    if out.is_dir() and not files:
        raise click.UsageError(
            f"--out: {out} is a folder; name a file in it, or write one file a picture by --files"
        )
    # Imported here: a help page should not wait for torch.
    from pipeline.commands.model import file_of
    from train.compute import device
    from train.export import model_file
    from train.samples import generated_pictures
    from train.samples.mixing import write_mixed
    from train.samples.truncation import drawing_truncated

    path = file_of(model)
    device.make_deterministic()
    network = model_file.load_model(path, device.find())
    count_of_each = count or (ROW_COUNT if len(texts) > 1 else DEFAULT_COUNT)
    network = _asked(network, class_name, values, texts, count_of_each)
    with drawing_truncated(network, truncation) if truncation is not None else nullcontext():
        if sweep is not None:
            _draw_swept(network, sweep, values, seed, count, out)
        elif near is not None or between is not None:
            _draw_near(model, network, between or (near or "",), seed, count, interpolate, out)
        else:
            if interpolate and network.classes and class_name is None:
                raise click.UsageError(
                    "this model tells classes apart; name the one to walk in by --class"
                )
            latents = network.latents(count_of_each, seed).repeat(max(len(texts), 1), 1)
            if interpolate:
                generated_pictures.write_walk(out, network.of_one_vector(seed), latents)
            elif mix:
                side = max(1, round(count_of_each**0.5))
                write_mixed(out, network.of_one_vector(seed), network.latents(2 * side, seed))
            elif files:
                generated_pictures.write_files(out, network, latents)
            else:
                columns = count_of_each if len(texts) > 1 else None
                generated_pictures.write_grid(out, network, latents, columns)
    click.echo(f"{out}", err=True)


def _check(
    *, files: bool, interpolate: bool, near: object, between: object, mix: bool, sweep: object
) -> None:
    """See that one thing was asked for."""
    asked = {
        "--files": files, "--near": near, "--between": between, "--mix": mix, "--sweep": sweep
    }  # fmt: skip
    names = [name for name, value in asked.items() if value]
    if interpolate and not between:
        names.append("--interpolate")
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} exclude each other")


def _check_texts(texts: Sequence[str], *, one_of: object) -> None:
    """See that what moves or mixes pictures is asked for within one text."""
    if len(texts) > 1 and one_of:
        raise click.UsageError("several --text are drawn as a sheet, or by --files; name one")


def _asked(
    network: Model,
    class_name: str | None,
    values: Sequence[str],
    texts: Sequence[str],
    count: int,
) -> Model:
    """The model, drawing what was asked for: of several ``texts``, ``count`` pictures of each."""
    if class_name is not None:
        network = network.of_class(class_name)
    if values:
        network = _of_values(network, values)
    if texts:
        from train.samples.worded import of_texts

        network = of_texts(network, texts, count)
    return network


def _of_values(network: Model, values: Sequence[str]) -> Model:
    """The model, drawing of real data sheets with these ``values``, each as ``column=value``."""
    import torch

    from train.conditions.asking import sheet_of, with_values

    sheet = sheet_of(network.condition)
    return network.of_vectors(torch.from_numpy(with_values(sheet, network.rows(), values)))


def _draw_swept(
    network: Model, sweep: str, values: Sequence[str], seed: int, count: int | None, out: Path
) -> None:
    """Draw the sheet of a sweep, each row of a latent and a real data sheet of its own."""
    from train.conditions.asking import sheet_of, sweep_of
    from train.samples.swept import write_sweep

    sheet, rows = sheet_of(network.condition), count or SWEPT_ROWS
    swept = sweep_of(sheet, network.rows(rows), sweep)
    set_columns = {sheet.column(value.partition("=")[0].strip()).column for value in values}
    if swept.column in set_columns:
        raise click.UsageError(f"--set and --sweep both say what {swept.column} is; leave one out")
    latents = network.latents(rows, seed)
    write_sweep(out, network, latents, swept.vectors, swept.column, swept.labels)


def _draw_near(
    collection: str,
    network: Model,
    image_ids: Sequence[str],
    seed: int,
    count: int | None,
    interpolate: bool,
    out: Path,
) -> None:
    """Draw what is nearest to one image, or the way between two."""
    import numpy as np
    import torch

    from train.samples import generated_pictures, sheets
    from train.samples.projection import TRIED, project

    reals, creators = _reals(collection, image_ids, network.params.resolution)
    network = _of_their_class(network, creators).of_one_vector(seed)
    nearest = []
    for image_id, real in zip(image_ids, reals, strict=True):
        nearest.append(project(network, real, seed))
        click.echo(
            f"{image_id}: the nearest picture differs by {nearest[-1].apart:.1f} levels of 255 "
            f"(root mean square); the nearest of {TRIED} drawn at random by "
            f"{nearest[-1].apart_at_random:.1f}"
        )
    ends = torch.stack([each.latent for each in nearest])
    if len(nearest) == 1:
        sheets.write_png(out, sheets.sheet(np.stack([reals[0], nearest[0].picture]), 2))
    elif interpolate:
        generated_pictures.write_walk(out, network, ends)
    else:
        generated_pictures.write_between(out, network, ends, reals, count or STRIP_COUNT)


def _of_their_class(network: Model, creators: Sequence[str]) -> Model:
    """The model, drawing the class of the images where it tells classes apart."""
    if not network.classes or network.only is not None:
        return network
    if len(set(creators)) == 1 and creators[0] in network.classes:
        return network.of_class(creators[0])
    raise click.UsageError(
        f"this model tells classes apart, and these images are of {' and '.join(creators)}; name "
        f"the class to draw by --class"
    )


def _reals(
    collection: str, image_ids: Sequence[str], resolution: int
) -> tuple[Pixels, tuple[str, ...]]:
    """The images of those ids, and of whom they are.

    Raises:
        UsageError: the collection shows no such image, or is none.
    """
    import numpy as np

    from pipeline.core import tables
    from pipeline.core.paths import Paths
    from pipeline.core.schema import VARIANTS, Split
    from train.data.real_images import RealImages
    from train.data.variants import Variants

    if collection.endswith(".safetensors"):
        raise click.UsageError(
            "--near and --between look for images of a collection; name one in place of the file"
        )
    paths = Paths(Path.cwd(), collection)
    table = tables.read(paths.table("variants"), VARIANTS)
    pictures, creators = [], []
    for image_id in image_ids:
        for split in Split:
            originals, _ = Variants.of(table, split).originals()
            here = np.flatnonzero(originals.image_id == image_id)
            if len(here):
                images = RealImages(paths.pixels, originals.taken(here), resolution)
                pictures.append(images.pictures(np.arange(1))[0])
                creators.append(originals.classes[originals.of_class[here[0]]])
                break
        else:
            raise click.UsageError(
                f"{collection} keeps no image {image_id!r}; the review page (`salon review "
                f"{collection}`) shows the ids of all images"
            )
    return np.stack(pictures), tuple(creators)
