"""`salon log`: the versions of the data, and what each of them is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.versions.version_history import Entry, Release

# What listing needs is imported when it is asked for: a help page should not wait for pyarrow.

NOTHING_YET = "No version yet: `dvc repro`, then commit dvc.lock; the commit is the version."
NOT_HERE = (
    "What is shown as - was never made, or is not in DVC's cache; `salon log --fetch` brings it."
)


@click.command("log")
@click.argument("collection", required=False)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Most versions shown.",
)
@click.option("--fetch", is_flag=True, help="Fetch tables that are not in DVC's cache.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def log(collection: str | None, limit: int, fetch: bool, as_json: bool) -> None:
    """List the versions of the data: commits in which dvc.lock changed.

    Those with a tag come first, then those without, each the newest first. The last column tells
    what was done since the version before.

    \b
    Example:
      salon log
      salon log paintings --limit 5
    """
    from pipeline.versions.version_history import releases

    told = releases(Path.cwd(), collection, limit, fetch=fetch)
    if as_json:
        versions = [{"name": release.name, **asdict(release)} for release in told]
        click.echo(json.dumps({"versions": versions}, indent=2))
    elif told:
        _show(told)
    else:
        click.echo(NOTHING_YET)


def _show(releases: Sequence[Release]) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from pipeline.versions.telling import printable

    console = Console(highlight=False)
    for release in releases:
        names = " ".join(release.tags) or release.commit[:8]
        who, what = printable(release.author), printable(release.subject)
        head = f"{names}  {release.date[:10]}  {who}  {what}"
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for entry in release.entries:
            grid.add_row(entry.collection, Text(entry_words(entry)))
            grid.add_row("", Text(f"since the one before: {entry.changed}"))
        console.print(Text(head, style="bold"))
        console.print(Padding(grid, (0, 0, 1, 2)))
    if any(entry.kept is None for release in releases for entry in release.entries):
        console.print(Text(NOT_HERE))


def entry_words(entry: Entry) -> str:
    """One collection of one version in a line."""
    captures = "-" if entry.captures is None else ", ".join(entry.captures) or "none"
    parts = [
        f"captures {captures}",
        f"{_number(entry.kept)} kept",
        f"{_number(entry.variants)} variants",
        f"model {'-' if entry.model is None else entry.model or 'none'}",
        f"KID {'-' if entry.kid is None else f'{entry.kid:.4f}'}",
    ]
    return "; ".join(parts)


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
