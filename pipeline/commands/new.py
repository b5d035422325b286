"""`salon new`: a collection of your own in params.yaml."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.core.sites import SiteDeclaration


@click.command("new")
@click.argument("name")
@click.option(
    "--folder", type=click.Path(path_type=Path), metavar="PATH",
    help="Pictures of your own: a folder, a zip or tar, a parquet file.",
)  # fmt: skip
@click.option(
    "--addresses", type=click.Path(path_type=Path), metavar="LIST",
    help="A list of addresses of pictures: txt, csv, tsv, jsonl, parquet.",
)  # fmt: skip
@click.option(
    "--saved", type=click.Path(path_type=Path), metavar="PATH",
    help="A folder of pages saved from a browser; name their --site, too.",
)  # fmt: skip
@click.option("--site", metavar="SITE", help="A site, such as wikiart; most ask where to --start.")
@click.option(
    "--start", multiple=True, metavar="KEY=SLUG",
    help="Where the site's listings start, such as styles=color-field-painting; may be repeated.",
)  # fmt: skip
@click.option("--contact", help="Your address, for the hosts that are asked.")
@click.option("--as-of", help="Date that names the capture; today, if not given.")
@click.option("--only", is_flag=True, help="Leave the other collections out of params.yaml.")
def new(
    name: str,
    folder: Path | None,
    addresses: Path | None,
    saved: Path | None,
    site: str | None,
    start: tuple[str, ...],
    contact: str | None,
    as_of: str | None,
    only: bool,
) -> None:
    """Put a collection called NAME into params.yaml, with the usual values explained.

    What stands there already is left as it is.

    \b
    Example:
      salon new mine --folder ~/pictures --only
      salon new lamps --addresses lamps.csv --contact ana@example.org
      salon new fields --site wikiart --start styles=color-field-painting
      salon new logos --site carlogos
      salon new kept --saved pages --site wikiart
    """
    # Imported here: a help page should not wait for pydantic.
    from pipeline import new_collection as make
    from pipeline.core.errors import ParamsError
    from pipeline.core.files import write_bytes
    from pipeline.core.params.file import content
    from pipeline.core.params.load import load_params

    root, file = Path.cwd(), Path("params.yaml")
    held = content(file) if file.exists() else None
    there = list((held or {}).get("collections") or {})
    make.check_name(name, [] if only else there)
    day = as_of or dt.date.today().isoformat()  # noqa: DTZ011 - the person's own day
    block = _block(root, folder, addresses, saved, site, start, contact, day)
    before = file.read_text(encoding="utf-8") if file.exists() else None
    write_bytes(file, make.with_collection(before, name, block, only=only).encode())
    try:
        load_params(file, only=name)
    except ParamsError:
        file.unlink() if before is None else write_bytes(file, before.encode())
        raise
    _tell(name, block, [other for other in there if only and other != name])


def _block(
    root: Path,
    folder: Path | None,
    addresses: Path | None,
    saved: Path | None,
    site: str | None,
    start: tuple[str, ...],
    contact: str | None,
    day: str,
) -> str:
    """The collection's block of params.yaml, of whichever it comes from."""
    from pipeline import new_collection as make
    from pipeline.core.errors import UsageError

    match folder, addresses, saved, site:
        case Path(), None, None, None:
            return make.files_block(make.path_from(root, folder), day)
        case None, Path(), None, None:
            return make.addresses_block(make.path_from(root, addresses), day, contact)
        case None, None, Path(), str():
            size = _declared(site).image_sizes[0]
            return make.saved_block(make.path_from(root, saved), site, size, day)
        case None, None, None, str():
            declared = _declared(site)
            lists = _start(site, declared.start_lists, start)
            return make.site_block(
                site, declared.image_sizes[0], lists, day, contact, declared.needs_permission
            )
        case _:
            raise UsageError("name one of --folder, --addresses, --site, or --saved with --site")


def _declared(site: str) -> SiteDeclaration:
    """The site of that name."""
    from pipeline.core.errors import UsageError, nearest
    from pipeline.core.sites import OWN, SITES

    known = [name for name in SITES if name not in OWN]
    if site not in known:
        raise UsageError(
            f"--site {site}: no such site{nearest(site, known)}; there are: {', '.join(known)}"
        )
    return SITES[site]


def _start(site: str, known: tuple[str, ...], starts: tuple[str, ...]) -> dict[str, list[str]]:
    """Where the listings start, by the name of the param; a site may say so itself."""
    from pipeline.core.errors import UsageError

    if starts and not known:
        raise UsageError(f"--start {starts[0]}: {site} says itself where it starts; leave it out")
    lists: dict[str, list[str]] = {}
    for each in starts:
        key, equals, slug = each.partition("=")
        if key not in known or not equals or not slug:
            raise UsageError(f"--start {each}: write KEY=SLUG with one of {', '.join(known)}")
        lists.setdefault(key, []).append(slug)
    if known and not lists:
        raise UsageError(f"--site {site}: say where to --start, as {known[0]}=SLUG")
    return lists


def _tell(name: str, block: str, left_out: list[str]) -> None:
    from pipeline.core.log import say

    say(f"params.yaml: {name} is there, with the usual values and what they mean")
    if left_out:
        say(f"left out of it: {', '.join(left_out)} (`git diff params.yaml` shows them)")
    if "<" in block:
        say('fill in what stands in "<...>" first: others are told by it who asks, and why')
    say(f"next: `dvc repro report@{name}` (or `salon scrape {name}` alone, to see what comes)")
