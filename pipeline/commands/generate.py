"""`salon generate`: pictures from a trained model."""

from __future__ import annotations

from pathlib import Path

import click

DEFAULT_COUNT = 64


@click.command("generate")
@click.argument("model")
@click.option(
    "-n", "--count", type=click.IntRange(1, 100_000), default=DEFAULT_COUNT, show_default=True,
    help="Pictures to draw; with --interpolate, the pictures passed through.",
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
    "--truncation", type=click.FloatRange(0, min_open=True), metavar="LIMIT",
    help="Draw latents from the normal distribution cut off at LIMIT: below 1 pictures are safer "
    "and more alike. Not for networks that normalise their latents.",
)  # fmt: skip
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="File or folder to write."
)
def generate(
    model: str,
    count: int,
    seed: int,
    class_name: str | None,
    files: bool,
    interpolate: bool,
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
    """
    if files and interpolate:
        raise click.UsageError("--files and --interpolate exclude each other")
    if out.is_dir() and not files:
        raise click.UsageError(
            f"--out: {out} is a folder; name a file in it, or write one file a picture by --files"
        )
    # Imported here: a help page should not wait for torch.
    from pipeline.commands.model import file_of
    from train.compute import device
    from train.export import model_file
    from train.samples import generate

    path = file_of(model)
    device.make_deterministic()
    network = model_file.load(path, device.find())
    latents = network.latents(count, seed)
    if truncation is not None:
        latents = generate.truncated(network, latents, truncation)
    if class_name is not None:
        network = network.of_class(class_name)
    elif interpolate and network.classes:
        raise click.UsageError("this model tells classes apart; name the one to walk in by --class")
    if interpolate:
        generate.write_walk(out, network, latents)
    elif files:
        generate.write_files(out, network, latents)
    else:
        generate.write_grid(out, network, latents)
    click.echo(f"{out}", err=True)
