"""`salon review`: the local page on which a curator culls a collection."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from curation.review.app_state import Services
    from pipeline.core.params.select import Select

# What the command needs is imported in it: a help page should not wait for pyarrow.

_LAST_STAGE = "augment"
"""Up to here a decision is applied within seconds, from tables alone."""


@click.command("review")
@click.argument("collection")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0 takes any free port.")
@click.option("--by", default="", help="Who decides; git's user.name if not given.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the default browser.")
def review(collection: str, port: int, by: str, opens: bool) -> None:
    """Serve the page on which a COLLECTION is culled by keyboard, until Ctrl-C.

    Only this machine can reach it, and only with the address it prints. Every decision is written
    to curation/lists/ at once.

    \b
    Example:
      salon review paintings
    """
    from curation.review.local_server import serve
    from pipeline.core.params.load import load_params
    from pipeline.versions.git import signature

    root = Path.cwd()
    load_params(root / "params.yaml", only=collection)

    def ready(address: str) -> None:
        click.echo(f"Open {address}\nCtrl-C stops; every decision is in curation/lists/ already.")
        if opens:
            click.launch(address)

    # Not raised where the signal is ignored, as in a background job of a shell.
    with suppress(KeyboardInterrupt):
        serve(
            root,
            _services(root),
            collection=collection,
            curator=signature(root, by),
            port=port,
            ready=ready,
        )
    click.echo("Stopped.")


def _services(root: Path) -> Services:
    from curation.review.app_state import Services
    from pipeline.core.params.file import collection_names
    from pipeline.originals import Originals

    return Services(
        names=collection_names(root / "params.yaml"),
        params=lambda name: _select(root, name),
        fetch=Originals(root).fetch,
        stale=lambda name: _stale(root, name),
        effect=lambda name: _effect(root, name),
        repro=lambda name: [sys.executable, "-m", "dvc", "repro", f"{_LAST_STAGE}@{name}"],
    )


def _select(root: Path, name: str) -> Select:
    """The thresholds of one collection; what is wrong in another does not count here."""
    from pipeline.core.params.load import load_params

    return load_params(root / "params.yaml", only=name).collection(name).select


def _stale(root: Path, name: str) -> list[dict[str, str]]:
    """What `dvc repro` would do, stage by stage; one row without a stage when DVC cannot tell."""
    from pipeline.core.params.file import content
    from pipeline.freshness import DvcUnavailableError, ask_dvc, verdicts
    from pipeline.stage_command import STAGES

    try:
        view = ask_dvc(root)
    except DvcUnavailableError as error:
        return [{"stage": "", "status": "unknown", "because": str(error)}]
    of_stages = verdicts(
        view, [f"{stage}@{name}" for stage in STAGES], content(root / "params.yaml")
    )
    return [
        {
            "stage": verdict.stage,
            "status": verdict.status.value,
            "because": "; ".join(verdict.because),
        }
        for verdict in of_stages
    ]


def _effect(root: Path, name: str) -> str:
    """What the lists would change, or the first thing that is wrong with them."""
    from curation.decisions.list_files import read_lists
    from curation.decisions.other_collections import collections
    from curation.editing.list_check import check_lists, effect, indices_of
    from pipeline.core.paths import Paths

    paths = Paths(root, name)
    result = check_lists(read_lists(paths.lists, root), indices_of(root, collections(root)))
    if result.problems:
        return str(result.problems[0])
    change = effect(paths, result.resolved[name], _select(root, name))
    return "" if change is None else str(change)
