"""`salon funnel`: what became of every listed image, as bars in the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.text import Text

    from pipeline.card.funnel_bars import Funnel, Level, Loss
    from pipeline.core.paths import Paths

# What the command needs is imported in it: a help page should not wait for pyarrow.

BAR = 48
"""Characters of the longest bar."""
LEFT, TAKEN = "\u2588", "\u2591"
"""Drawn for what is still there, and for what a step takes away."""


@click.command("funnel")
@click.argument("collection", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def funnel(collection: str | None, as_json: bool) -> None:
    """Draw what became of every listed image, step by step, down to what is trained on.

    \b
    Example:
      salon funnel
      salon funnel paintings
      salon funnel --json | jq .paintings.rejected
    """
    from pipeline.core.params.file import check_collection, collection_names
    from pipeline.core.paths import Paths

    root = Path.cwd()
    names = collection_names(root / "params.yaml")
    if collection is not None:
        check_collection(collection, names)
    chosen = [Paths(root, name) for name in ([collection] if collection else names)]
    if as_json:
        click.echo(json.dumps({paths.collection: as_object(paths) for paths in chosen}, indent=2))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for paths in chosen:
        console.print(Text(paths.collection, style="bold"))
        for bars in funnels(paths):
            for line in bar_lines(bars):
                console.print(line, no_wrap=True, crop=False, soft_wrap=True)
            console.print()


def funnels(paths: Paths) -> list[Funnel]:
    """From listed images to kept ones, and from their variants to those that stay.

    Raises:
        TableError: a file is missing, torn or of another shape.
    """
    from pipeline.card.funnel_bars import image_funnel, variant_funnel
    from pipeline.core.schema import VARIANTS
    from pipeline.core.tables import read

    variants = read(paths.table("variants"), VARIANTS, ["status", "reason", "split"])
    return [image_funnel(paths.funnel), variant_funnel(variants)]


def as_object(paths: Paths) -> dict[str, Any]:
    """The funnel of one collection as `select` counted it, and the variants by status and reason.

    Raises:
        TableError: a file is missing, torn or of another shape.
    """
    from pipeline.core.files import read_object
    from pipeline.core.schema import VARIANTS, Status
    from pipeline.core.tables import counts, read

    variants = read(paths.table("variants"), VARIANTS, ["status", "reason"])
    kept = counts(variants, "status").get(Status.KEEP, 0)
    return {
        **read_object(paths.funnel),
        "variants": {"kept": kept, "rejected": counts(variants, "reason")},
    }


def bar_lines(funnel: Funnel) -> list[Text]:
    """A line a row: its name, its bar on the scale of the longest, and its number."""
    from rich.text import Text

    width = max((len(row.label) for row in funnel.rows), default=0)
    digits = len(f"{funnel.longest:,}") + 1
    rows = []
    for row in funnel.rows:
        number, left, taken = _numbers(row)
        rows.append(
            Text.assemble(
                f"  {row.label:{width}} ",
                (f"{number:>{digits}} ", "" if taken else "bold"),
                (LEFT * _cells(left, funnel.longest), "dim green" if taken else "green"),
                (TAKEN * _cells(taken, funnel.longest), "red"),
                _split_words(row),
            )
        )
    return rows


def _numbers(row: Level | Loss) -> tuple[str, int, int]:
    """The number of a row, how many are left after it, and how many it takes away."""
    from pipeline.card.funnel_bars import Loss

    if isinstance(row, Loss):
        return f"-{row.count:,}", row.after, row.count
    return f"{row.count:,}", row.count, 0


def _split_words(row: Level | Loss) -> str:
    """Of what is left, how much is trained on and how much held out, where that is known."""
    from pipeline.card.funnel_bars import Loss

    if isinstance(row, Loss) or len(row.parts) < 2:
        return ""
    (_, trained), (_, held) = row.parts
    return f" {trained:,} to train on, {held:,} held out"


def _cells(count: int, longest: int) -> int:
    """Characters for ``count``; one at least, so that nothing disappears."""
    return max(round(BAR * count / longest), 1 if count else 0)
