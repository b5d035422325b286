"""`salon walk`: a page on which somebody walks between two pictures of a model."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("walk")
@click.argument("model")
@click.option(
    "--class", "class_name", help="Walk in one class only, if the model tells them apart."
)
@click.option(
    "--truncation", type=click.FloatRange(0, min_open=True), metavar="LIMIT",
    help="Safer pictures that are more alike, as for `salon generate`.",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, show_default=True,
    help="Of the page, on this machine only; 0 takes any free one.",
)  # fmt: skip
@click.option("--open", "opens", is_flag=True, help="Open the page in the default browser.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True,
    help="Folder for the pictures that you keep, each with its latent.",
)  # fmt: skip
def walk(
    model: str,
    class_name: str | None,
    truncation: float | None,
    port: int,
    opens: bool,
    out: Path,
) -> None:
    """Serve a page with a slider from one picture to another, until Ctrl-C.

    MODEL is a collection, or a file *.safetensors that somebody gave you. Either end is a seed, or
    the id of an image of the collection. `salon generate MODEL --latent` draws again what is kept.

    \b
    Example:
      salon walk paintings --out kept/
      salon walk paintings --open --out kept/
    """
    # Imported here: a help page should not wait for torch.
    from pipeline.commands.model import file_of
    from pipeline.generating.walking import serve_walk

    def ready(address: str) -> None:
        click.echo(f"Open {address}\nCtrl-C ends it.")
        if opens:
            click.launch(address)

    serve_walk(
        model, file_of(model), out, ready, class_name=class_name, truncation=truncation, port=port
    )
