"""`salon train`: the stage, and a look at the networks before it."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.stage_command import run_stage


@click.command("train")
@click.argument("collection")
@click.option("--summary", is_flag=True, help="Print the layers and their parameters; no training.")
def train(collection: str, summary: bool) -> None:
    """Train the GAN; goes on where a stopped run left off.

    \b
    Example:
      salon train paintings
      salon train paintings --summary
    """
    root = Path.cwd()
    if not summary:
        run_stage("train", collection, root)
        return
    # Imported here: a help page should not wait for torch.
    from pipeline.core.params.load import load
    from train.summary import text

    params = load(root / "params.yaml", only=collection).collection(collection).train
    click.echo(text(params, _classes(root, collection) if params.is_conditional else 0))


def _classes(root: Path, collection: str) -> int:
    """How many classes the collection's variants have."""
    from pipeline.core import tables
    from pipeline.core.paths import Paths
    from pipeline.core.schema import VARIANTS, Split
    from train.data.variants import Variants

    table = tables.read(Paths(root, collection).table("variants"), VARIANTS)
    return len(Variants.of(table, Split.TRAIN).classes)
