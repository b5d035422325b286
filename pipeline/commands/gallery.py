"""`salon gallery`: look at the embedded replicas in a browser."""

from __future__ import annotations

import signal
from contextlib import ExitStack

import click

from pipeline.core.sites import SITES

_ALL = "all"
_REPLICATED = [name for name, declared in SITES.items() if declared.gallery_kinds]


@click.command("gallery")
@click.argument("site", type=click.Choice([*_REPLICATED, _ALL]), default=_ALL)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--works", type=click.IntRange(60, 1_000_000), default=240, show_default=True)
@click.option("--creators", type=click.IntRange(1, 500), default=30, show_default=True)
@click.option(
    "--revision",
    type=click.IntRange(0, 1000),
    default=0,
    show_default=True,
    help="How often a hundredth of the works has changed.",
)
@click.option(
    "--port",
    type=click.IntRange(1024, 65_000),
    default=8300,
    show_default=True,
    help="First of the ports used, one for each host of a site.",
)
@click.option(
    "--misbehave",
    "rules",
    multiple=True,
    metavar="FAULT[:PATTERN[:TIMES]]",
    help="Let the addresses that match fail, the first TIMES requests of each; see docs/faults.md.",
)
def gallery(
    site: str,
    seed: int,
    works: int,
    creators: int,
    revision: int,
    port: int,
    rules: tuple[str, ...],
) -> None:
    """Serve the embedded gallery on 127.0.0.1 until Ctrl-C.

    The same seed and size always show the same works; they are the keys of `scrape.gallery` in
    params.yaml.

    \b
    Example:
      salon gallery
      salon gallery wikiart --works 1000 --creators 60
      salon gallery wikiart --misbehave 'too_many:/images/*:2' --misbehave 'slow:/en/*'
    """
    # Imported here: painters and pydantic would slow down every help page.
    from pipeline.core.params.scrape import Gallery
    from scrapers.gallery.faults.fault_rules import rule
    from scrapers.gallery.replica_registry import REPLICAS
    from scrapers.gallery.server import running

    size = Gallery(seed=seed, works=works, creators=creators, revision=revision)
    plan = [rule(text) for text in rules]
    with ExitStack() as stack:
        for name, replica in REPLICAS.items():
            if site in {name, _ALL}:
                origins = stack.enter_context(running(name, size, port, rules=plan))
                port += len(origins)
                click.echo(f"{name:<9} {origins[replica.hosts[0]]}/")
        click.echo("Open an address in a browser; Ctrl-C stops.")
        _wait_for_interrupt()


def _wait_for_interrupt() -> None:
    """Sleep until Ctrl-C, which is the way this command is meant to end."""
    # A shell that starts it in the background has it ignore the signal; `kill -INT` should do.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        click.echo("Stopped.")
