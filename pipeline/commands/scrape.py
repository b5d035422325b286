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
@click.option("--verify", is_flag=True, help="Read the capture once it is finished: every digest.")
def scrape(collection: str, workers: int | None, dry_run: bool, verify: bool) -> None:
    """Capture a site's pages and images (or the embedded gallery's).

    With --dry-run only the pages that list works or watches are opened, at the usual pace; every
    address that a capture would ask for is printed, and then how long it would take.

    A finished capture is left alone once its files are all there, each as long as it was; with
    --verify, every byte of it is read and held against its digest, so that a damaged capture never
    becomes a version. Leaves with 13 if anything is wrong.

    \b
    Example:
      salon scrape paintings
      salon scrape paintings --verify
      salon scrape paintings --dry-run > addresses.txt
    """
    os.environ.setdefault(*MEMORY_POOL)
    if dry_run and verify:
        raise click.UsageError("--dry-run makes no capture that --verify could read")
    if not dry_run:
        run_stage("scrape", collection, Path.cwd(), workers)
        if verify:
            _verify(collection)
        return
    # Imported here: a help page should not wait for selenium.
    from pipeline.commands.captures import printable
    from pipeline.core.params.load import load_params
    from pipeline.core.paths import Paths
    from pipeline.stages.scrape import dry_run as dry_run_stage

    params = load_params(Path.cwd() / "params.yaml", only=collection).collection(collection).scrape
    dry_run_stage(
        Paths(Path.cwd(), collection),
        params,
        lambda kind, url: click.echo(f"{kind}  {printable(url)}"),
    )


def _verify(collection: str) -> None:
    """Hold the capture that params.yaml names against the digests of its manifest."""
    from pipeline.commands.captures import printable
    from pipeline.core.errors import CaptureError
    from pipeline.core.log import counted, progress, say
    from pipeline.core.params.load import load_params
    from pipeline.core.paths import Paths
    from scrapers.capture import Capture
    from scrapers.capture.capture_checks import problems

    params = load_params(Path.cwd() / "params.yaml").collection(collection).scrape
    folder = Paths(Path.cwd(), collection).capture(params.as_of)
    with progress(f"verify {collection} {params.as_of}", None) as bar:
        faults = list(problems(Capture(folder), bar.advance))
    for fault in faults:
        say(printable(fault))
    if faults:
        raise CaptureError(
            f"{folder}: {counted(len(faults), 'fault')}, as listed above; restore it "
            f"(`dvc checkout`, `dvc pull`), or delete it to capture again"
        )
    say(f"{folder}: every length and every digest is as recorded")
