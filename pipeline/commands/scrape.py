"""`salon scrape`: the stage of that name, or what it would request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from pipeline.stage_command import STAGES, run_stage

MEMORY_POOL: Final = ("ARROW_DEFAULT_MEMORY_POOL", "system")
"""Arrow reads this when it is first imported. Its own pool keeps what it frees: a capture of any
size peaks 20 MiB lower without it (`make bench-memory`), while a comparison of a million rows is
none the smaller."""


@click.command("scrape", short_help=STAGES["scrape"])
@click.argument("collection")
@click.option("--workers", type=click.IntRange(min=1), help="Accepted by every stage; unused here.")
@click.option("--dry-run", is_flag=True, help="List what would be fetched, and how long it takes.")
def scrape(collection: str, workers: int | None, dry_run: bool) -> None:
    """Capture a site's pages and images (or the embedded gallery's).

    With --dry-run only the pages that list works or watches are opened, at the usual pace; every
    address that a capture would ask for is printed, and then how long it would take.

    \b
    Example:
      salon scrape paintings
      salon scrape paintings --dry-run > addresses.txt
    """
    os.environ.setdefault(*MEMORY_POOL)
    if not dry_run:
        run_stage("scrape", collection, Path.cwd(), workers)
        return
    # Imported here: a help page should not wait for selenium.
    from pipeline.commands.captures import printable
    from pipeline.core.params.load import load
    from pipeline.core.paths import Paths
    from pipeline.stages.scrape import dry_run as dry_run_stage

    params = load(Path.cwd() / "params.yaml", only=collection).collection(collection).scrape
    dry_run_stage(
        Paths(Path.cwd(), collection),
        params,
        lambda kind, url: click.echo(f"{kind}  {printable(url)}"),
    )
