"""`salon generate`: pictures from a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pipeline.generating.request import DEFAULT_COUNT, ROW_COUNT, STRIP_COUNT, GenerateRequest


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
    "--latent", type=click.Path(path_type=Path), metavar="FILE",
    help="The picture of a FILE.json that `salon walk` saved, drawn again.",
)  # fmt: skip
@click.option(
    "--truncation", type=click.FloatRange(0, min_open=True), metavar="LIMIT",
    help="Safer pictures that are more alike, for a LIMIT below 1: latents are cut off there or, "
    "in networks that normalise them, what the first layers make is drawn to its mean.",
)  # fmt: skip
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="File or folder to write."
)
def generate(**options: Any) -> None:
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
      salon generate paintings --latent kept/walk-1.json --out again.png
      salon generate paintings --between 5f0c1d2e3a4b5c6d7e8f9a0b 0a1b2c3d4e5f6a7b8c9d0e1f --out strip.png
    """  # noqa: E501 - a command that can be copied
    request = GenerateRequest(**options)
    request.check()
    # Imported here: a help page should not wait for torch.
    from pipeline.commands.model import file_of
    from pipeline.generating.draw_request import draw

    draw(request, file_of(request.model))
    click.echo(f"{request.out}", err=True)
