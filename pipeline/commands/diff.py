"""`salon diff`: what differs between two versions, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.versions.difference import Difference
    from pipeline.versions.revision import Version

# What comparing needs is imported when it is asked for: a help page should not wait for pyarrow.


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "collections",
    "--collection",
    "-c",
    metavar="NAME",
    multiple=True,
    help="Compare only this collection. May be repeated; all of NEW if not given.",
)
@click.option("--was", metavar="NAME", help="What OLD calls the collection, if it was renamed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page that shows what left and what came; it loads nothing from anywhere.",
)
@click.option(
    "--pictures",
    type=click.IntRange(min=0),
    default=24,
    show_default=True,
    help="With --html: images shown of each reason.",
)
@click.pass_context
def diff(
    ctx: click.Context,
    old: str,
    new: str | None,
    collections: tuple[str, ...],
    was: str | None,
    as_json: bool,
    html: Path | None,
    pictures: int,
) -> None:
    """Tell what differs between the versions OLD and NEW, and what made the difference.

    A version is a commit: name it by a tag, a branch or a hash. Without NEW, the workspace is
    compared as it lies in the folder. What is not in DVC's cache is fetched from the remote.

    Leaves with 16 if images were trained on in one version and are held out in the other.

    \b
    Example:
      salon diff v1
      salon diff v1 v2 --collection paintings --html v2.html
      salon diff v1 v2 --json | jq '.differences[].counts'
      salon diff v1 v2 --collection watches --was chronographs
    """
    from pipeline.core.errors import LeakError
    from pipeline.stage_command import without_pandas

    root = Path.cwd()
    with without_pandas():
        from pipeline.versions.revision import open_version
        from pipeline.versions.telling import as_object, leak

        before = open_version(root, old)
        after = open_version(root, new, before.store)
        differences = _compared(before, after, collections, was)
    if html is not None:
        _write_page(html, before, after, differences, pictures)
    if as_json:
        click.echo(json.dumps({"differences": [*map(as_object, differences)]}, indent=2))
    else:
        for difference in differences:
            _show(difference)
    leaks = [words for difference in differences if (words := leak(difference))]
    for words in leaks:
        click.secho(f"salon: {words}", fg="red", bold=True, err=True)
    ctx.exit(LeakError.exit_code if leaks else 0)


def _compared(
    before: Version, after: Version, collections: tuple[str, ...], was: str | None
) -> list[Difference]:
    from pipeline.core.errors import UsageError
    from pipeline.versions.difference import differ

    names = collections or after.collections
    if was and len(names) != 1:
        raise UsageError("--was goes with one --collection, the one that was renamed")
    if not names:
        raise UsageError(f"{after.name} has no collection yet; run `dvc repro`")
    return [differ(before, after, name, was) for name in names]


def _write_page(
    path: Path, before: Version, after: Version, differences: list[Difference], pictures: int
) -> None:
    from pipeline.core.errors import UsageError
    from pipeline.core.files import write_bytes
    from pipeline.core.log import say
    from pipeline.versions.difference_page import render, write_page

    if len(differences) != 1:
        listed = ", ".join(difference.collection for difference in differences)
        raise UsageError(f"--html shows one collection; name it with --collection: {listed}")
    write_bytes(path, render(write_page(before, after, differences[0], pictures)).encode())
    say(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def _show(difference: Difference) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from pipeline.versions.telling import headline, lines

    console = Console(highlight=False)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    last = ""
    for label, text in lines(difference):
        grid.add_row("" if label == last else label, Text(text))
        last = label
    console.print(Text(headline(difference), style="bold"))
    console.print(Padding(grid, (0, 0, 1, 2)))
