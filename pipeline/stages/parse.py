"""`parse`: read the captured pages into one row a listed image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from pipeline.core import log, tables
from pipeline.core.errors import CaptureError, GoneError, LayoutChangedError
from pipeline.core.params.parse import Parse
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS
from scrapers.capture import Capture, list_captures
from scrapers.parsing.facts import FACTS, Fact, table_of
from scrapers.parsing.listings import listings_of, newest
from scrapers.registry import SITES
from scrapers.sites.site import Site

_MOST_UNREADABLE: Final = 0.5
"""Share of own pages of listings that may be unreadable (sold, withdrawn) before it is an error."""


def run(paths: Paths, params: Parse) -> None:
    """Parse every finished capture of the collection into ``listings.parquet``.

    Raises:
        CaptureError: there is no capture, or one is incomplete or torn.
        LayoutChangedError: a listing, or most of the listings' own pages, cannot be read.
    """
    captures = list_captures(paths.captures, strict=True)
    if not captures:
        raise CaptureError(
            f"{paths.captures}: no capture here; run `salon scrape {paths.collection}` first"
        )
    listings = newest([_listings(capture, params) for capture in captures])
    tables.write(paths.table(LISTINGS.name), LISTINGS, listings)
    _say(listings, len(captures))


def _listings(capture: Capture, params: Parse) -> pa.Table:
    site = SITES[capture.site]
    facts = table_of(_facts(capture, site))
    if not params.description:
        at = facts.column_names.index("description")
        facts = facts.set_column(at, FACTS.field(at), pa.nulls(facts.num_rows, pa.string()))
    manifest = capture.manifest()
    return listings_of(capture.site, capture.as_of, facts, manifest, site.image_key)


def _facts(capture: Capture, site: Site) -> Iterator[Fact]:
    """The facts of all pages; a listing that left the site may have lost its own page."""
    read, unreadable, gone = Counter[str](), list[str](), 0
    with log.progress(f"pages of {capture.as_of}") as bar:
        for page in capture.pages():
            kind = site.page_kind(page.url)
            try:
                yield from site.facts(page.body, page.url, capture.canonical)
            except GoneError:
                gone += 1
            except LayoutChangedError as error:
                if kind != "detail":
                    raise
                unreadable.append(str(error))
            read[kind] += 1
            bar.advance()
    if len(unreadable) > _MOST_UNREADABLE * read["detail"]:
        raise LayoutChangedError(
            f"{len(unreadable):,} of {read['detail']:,} pages: {unreadable[0]}"
        )
    if gone:
        log.say(f"{gone:,} pages say that their listing has left the site")
    if unreadable:
        log.say(f"{len(unreadable):,} pages could not be read, the first: {unreadable[0]}")


def _say(listings: pa.Table, captures: int) -> None:
    """One line that adds up: every row of the table is in exactly one of its parts."""
    parts = ", ".join(f"{n:,} {fetch}" for fetch, n in tables.counts(listings, "fetch").items())
    works = listings.group_by(["source", "listing_id"]).aggregate([]).num_rows
    log.say(
        f"parse: {log.counted(listings.num_rows, 'image')} of {log.counted(works, 'listing')} "
        f"from {log.counted(captures, 'capture')}: {parts or 'none'}"
    )
