"""`salon train`: the stage, a look at the networks before it, and a look at it in progress."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.stage_command import run_stage

if TYPE_CHECKING:
    from pipeline.core.params.train import Train
    from train.data.variants import Variants
    from train.networks.conditions import ConditionShape

_NICE = 10
"""Who watches steps back behind the training, on the cores that both share."""


@click.command("train")
@click.argument("collection")
@click.option("--summary", is_flag=True, help="Print the layers and their parameters; no training.")
@click.option(
    "--watch", "watches", is_flag=True,
    help="Serve a page that shows the training in progress in another shell; no training.",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0,
    help="Of the page; 0 takes any free port.",
)  # fmt: skip
@click.option("--open", "opens", is_flag=True, help="Open the page in the default browser.")
def train(collection: str, summary: bool, watches: bool, port: int, opens: bool) -> None:
    """Train the GAN; goes on where a stopped run left off.

    \b
    Example:
      salon train paintings
      salon train paintings --summary
      salon train paintings --watch
    """
    root = Path.cwd()
    if summary and watches:
        raise click.UsageError("--summary and --watch exclude each other")
    if (port or opens) and not watches:
        raise click.UsageError("--port and --open are of the page; add --watch")
    if watches:
        _watch(root, collection, port, opens)
        return
    if not summary:
        run_stage("train", collection, root)
        return
    # Imported here: a help page should not wait for torch.
    from pipeline.core.params.load import load_params
    from train.network_summary import summary_text

    params = load_params(root / "params.yaml", only=collection).collection(collection).train
    click.echo(summary_text(params, _shape(root, collection, params)))


def _shape(root: Path, collection: str, params: Train) -> ConditionShape:
    """Of the conditions that the networks of a collection take; no table is read for none."""
    from pipeline.core.paths import Paths
    from train.conditions.condition_table import read_conditions
    from train.loop.subject import shape_of
    from train.networks.conditions import UNCONDITIONAL

    if not params.tells_classes and params.vectors_of is None:
        return UNCONDITIONAL
    conditions = read_conditions(Paths(root, collection), params)
    return shape_of(params, _variants(root, collection).with_vectors(conditions))


def _variants(root: Path, collection: str) -> Variants:
    """What the collection has to train on."""
    from pipeline.core import tables
    from pipeline.core.paths import Paths
    from pipeline.core.schema import VARIANTS, Split
    from train.data.variants import Variants

    table = tables.read(Paths(root, collection).table("variants"), VARIANTS)
    return Variants.of(table, Split.TRAIN)


def _watch(root: Path, collection: str, port: int, opens: bool) -> None:
    """Serve the page until the training is over."""
    from pipeline.core.params.file import check_collection, collection_names
    from pipeline.core.paths import Paths
    from train.watch.watch_judges import Judging
    from train.watch.watch_page import Watched, serve_watch_page

    check_collection(collection, collection_names(root / "params.yaml"))
    paths = Paths(root, collection)
    judging = Judging(paths.pixels, lambda: _variants(root, collection))
    watched = Watched(collection, paths.work("train"), judging)
    if not watched.is_training():
        click.echo(
            f"No training of {collection} is in progress. Start one in another shell by `salon "
            f"train {collection}` or `dvc repro`; what the last one came to: `salon status`.",
            err=True,
        )
        return

    def ready(address: str) -> None:
        click.echo(f"Open {address}\nIt ends with the training; Ctrl-C ends it before.")
        if opens:
            click.launch(address)

    os.nice(_NICE)
    # Not raised where the signal is ignored, as in a background job of a shell.
    with suppress(KeyboardInterrupt):
        serve_watch_page(watched, port, ready)
        click.echo(f"The training of {collection} is over.")
