"""`salon generate`: pictures from a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.core.shards import Pixels
    from train.export.model_file import Model

DEFAULT_COUNT = 64
STRIP_COUNT = 9
"""Pictures on the way between two images."""


@click.command("generate")
@click.argument("model")
@click.option(
    "-n", "--count", type=click.IntRange(1, 100_000), default=None,
    help="Pictures to draw; with --interpolate, the pictures passed through; with --between, the "
    f"pictures of the strip.  [default: {DEFAULT_COUNT}; {STRIP_COUNT} between two images]",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Picks them."
)
@click.option("--class", "class_name", help="Draw one class only, if the model tells them apart.")
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
    "--walk", is_flag=True,
    help="Serve a page on which a slider walks between two pictures, of seeds or of images; what "
    "you save there goes into the folder OUT, each picture with its latent.",
)  # fmt: skip
@click.option(
    "--latent", "saved", type=click.Path(path_type=Path), metavar="FILE",
    help="The picture of a FILE.json that --walk saved, drawn again.",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0,
    help="Of the page; 0 takes any free port.",
)  # fmt: skip
@click.option("--open", "opens", is_flag=True, help="Open the page in the default browser.")
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
    files: bool,
    interpolate: bool,
    near: str | None,
    between: tuple[str, str] | None,
    mix: bool,
    walk: bool,
    saved: Path | None,
    port: int,
    opens: bool,
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
      salon generate paintings --mix --out mixed.png
      salon generate paintings --near 5f0c1d2e3a4b5c6d7e8f9a0b --out near.png
      salon generate paintings --walk --out kept/
      salon generate paintings --latent kept/walk-1.json --out again.png
      salon generate paintings --between 5f0c1d2e3a4b5c6d7e8f9a0b 0a1b2c3d4e5f6a7b8c9d0e1f --out strip.png
    """  # noqa: E501 - a command that can be copied
    _check(
        {
            "--files": files, "--near": near, "--between": between, "--mix": mix, "--walk": walk,
            "--latent": saved,
        },
        interpolate=interpolate,
    )  # fmt: skip
    if (port or opens) and not walk:
        raise click.UsageError("--port and --open are of the page; add --walk")
    if out.is_dir() and not (files or walk):
        raise click.UsageError(
            f"--out: {out} is a folder; name a file in it, or write one file a picture by --files"
        )
    # Imported here: a help page should not wait for torch.
    from pipeline.commands.model import file_of
    from train.compute import device
    from train.export import model_file
    from train.samples.truncation import drawing_truncated

    path = file_of(model)
    device.make_deterministic()
    network = model_file.load_model(path, device.find())
    if saved is not None:
        _draw_again(saved, path, network, out)
        return
    if class_name is not None:
        network = network.of_class(class_name)
    with drawing_truncated(network, truncation) if truncation is not None else nullcontext():
        if walk:
            _walk(model, path, network, truncation, port, opens, out)
            return
        if near is not None or between is not None:
            _draw_near(model, network, between or (near or "",), seed, count, interpolate, out)
        else:
            _draw(network, count or DEFAULT_COUNT, seed, files, interpolate, mix, out)
    click.echo(f"{out}", err=True)


def _check(asked: dict[str, object], *, interpolate: bool) -> None:
    """See that one thing was asked for."""
    names = [name for name, value in asked.items() if value]
    if interpolate and not asked["--between"]:
        names.append("--interpolate")
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} exclude each other")


def _draw(
    network: Model, count: int, seed: int, files: bool, interpolate: bool, mix: bool, out: Path
) -> None:
    """Draw the pictures of a seed."""
    from train.samples import generated_pictures
    from train.samples.mixing import write_mixed

    if interpolate and network.classes and network.only is None:
        raise click.UsageError("this model tells classes apart; name the one to walk in by --class")
    latents = network.latents(count, seed)
    if interpolate:
        generated_pictures.write_walk(out, network, latents)
    elif mix:
        write_mixed(out, network, network.latents(2 * max(1, round(count**0.5)), seed))
    elif files:
        generated_pictures.write_files(out, network, latents)
    else:
        generated_pictures.write_grid(out, network, latents)


def _draw_again(saved: Path, path: Path, network: Model, out: Path) -> None:
    """Draw the picture that a walk saved, as it was."""
    from train.export.model_description import read_model_description
    from train.samples import sheets
    from train.samples.saved_latents import read_saved
    from train.samples.truncation import drawing_truncated

    held = read_saved(saved)
    latent = held.checked(saved, network)
    now = read_model_description(path).fingerprint
    if held.fingerprint != now:
        click.echo(
            f"{saved} was saved of the training {held.fingerprint}, and {path} is of {now}: the "
            f"picture is another one",
            err=True,
        )
    if held.class_name is not None:
        network = network.of_class(held.class_name)
    limit = held.truncation
    with drawing_truncated(network, limit) if limit is not None else nullcontext():
        sheets.write_png(out, network.draw_from(latent)[0])
    click.echo(f"{out}", err=True)


def _walk(
    collection: str,
    path: Path,
    network: Model,
    truncation: float | None,
    port: int,
    opens: bool,
    out: Path,
) -> None:
    """Serve the page of a walk until Ctrl-C."""
    from pipeline.core.errors import UsageError
    from train.export.model_description import read_model_description
    from train.watch.walk import Walk
    from train.watch.walk_page import serve_walk_page

    def real_of(image_id: str) -> Pixels:
        try:
            real: Pixels = _reals(collection, [image_id], network.params.resolution)[0][0]
        except click.UsageError as error:
            raise UsageError(error.message) from error
        return real

    def ready(address: str) -> None:
        click.echo(f"Open {address}\nCtrl-C ends it.")
        if opens:
            click.launch(address)

    fingerprint = read_model_description(path).fingerprint
    walk = Walk(network, collection, fingerprint, real_of, out, truncation)
    # Not raised where the signal is ignored, as in a background job of a shell.
    with suppress(KeyboardInterrupt):
        serve_walk_page(walk, port, ready)


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
    network = _of_their_class(network, creators)
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
