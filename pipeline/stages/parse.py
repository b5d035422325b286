"""`parse`: read the captured pages into the history of every listing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core import log, tables
from pipeline.core.errors import CaptureError, GoneError, LayoutChangedError
from pipeline.core.params.parse import Parse
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, Fetch
from scrapers.capture import Capture, list_captures
from scrapers.capture.capture_description import walked_again
from scrapers.capture.file_names import IMAGE, PAGE
from scrapers.files.file_records import Records
from scrapers.parsing.listing_facts import FACTS, Fact, facts_table
from scrapers.parsing.listings import OF_MANIFEST, Captured, ListingHistory
from scrapers.site_registry import SITES
from scrapers.sites.site import Site

_MOST_UNREADABLE: Final = 0.5
"""Share of own pages of listings that may be unreadable (sold, withdrawn) before it is an error."""


def run(paths: Paths, params: Parse) -> None:
    """Parse every finished capture of the collection into ``listings.parquet``.

    One capture at a time is in memory, and what the earlier ones showed.

    Raises:
        CaptureError: there is no capture, or one is incomplete or torn.
        LayoutChangedError: a listing, or most of the listings' own pages, cannot be read.
    """
    captures = list_captures(paths.captures, strict=True)
    if not captures:
        raise CaptureError(
            f"{paths.captures}: no capture here; run `salon scrape {paths.collection}` first"
        )
    histories: dict[str, ListingHistory] = {}
    outcomes, without = Counter[str](), 0
    with tables.appending(paths.table(LISTINGS.name), LISTINGS, tables.ROW_GROUP_ROWS) as append:
        for number, capture in enumerate(captures):
            site = SITES.get(capture.site)
            key = str if site is None else site.image_key
            history = histories.setdefault(capture.site, ListingHistory(capture.site, key))
            rows = history.rows(
                _own(capture, captures[:number], params)
                if site is None
                else _captured(capture, captures[:number], site, params)
            )
            append(rows)
            pictures = rows.filter(pc.not_equal(rows["image_key"], ""))
            outcomes.update(_outcomes(pictures))
            without += rows.num_rows - pictures.num_rows
    _say(outcomes, without, sum(each.listings for each in histories.values()), len(captures))


def _captured(capture: Capture, earlier: Sequence[Capture], site: Site, params: Parse) -> Captured:
    page_fetch: dict[str, Fetch] = {}
    facts = _without_description(facts_table(_facts(capture, site, page_fetch)), params)
    met = pc.count_distinct(facts["key"]).as_py()
    again = {
        each.as_of
        for each in earlier
        if walked_again(
            capture.description, each.description, listings=met, most_listed=site.most_listed
        )
    }
    manifest = capture.manifest().select(OF_MANIFEST)
    return Captured(capture.as_of, facts, manifest, page_fetch, again)


def _own(capture: Capture, earlier: Sequence[Capture], params: Parse) -> Captured:
    """What the tables say of one's own files or addresses; they are each listing's own page."""
    manifest = capture.manifest().select(OF_MANIFEST)
    requests = manifest.filter(pc.equal(manifest["kind"], IMAGE))["url"].to_pylist()
    documents = ((page.url, page.body) for page in capture.pages())
    mapping = {**capture.description.selection.get("columns", {}), **params.columns}
    records = Records(documents, requests, mapping)
    facts = _without_description(facts_table(records.facts()), params)
    log.say(f"parse: {capture.as_of}: {records.words()}")
    again = {
        each.as_of
        for each in earlier
        if walked_again(capture.description, each.description, listings=0, most_listed=None)
    }
    page_urls = pc.unique(facts["page_url"])
    pages = {"kind": pa.repeat(PAGE, len(page_urls)), "url": page_urls}
    pages |= {"fetch": pa.repeat(str(Fetch.FETCHED), len(page_urls))}
    pages |= {"sha256": pa.nulls(len(page_urls), pa.string())}
    manifest = pa.concat_tables([manifest, pa.table(pages).cast(manifest.schema)])
    return Captured(capture.as_of, facts, manifest, {}, again)


def _without_description(facts: pa.Table, params: Parse) -> pa.Table:
    if params.description:
        return facts
    at = facts.column_names.index("description")
    return facts.set_column(at, FACTS.field(at), pa.nulls(facts.num_rows, pa.string()))


def _facts(capture: Capture, site: Site, page_fetch: dict[str, Fetch]) -> Iterator[Fact]:
    """The facts of all pages; a listing that left the site may have lost its own page.

    ``page_fetch`` takes up the pages that say so, and those that cannot be read.
    """
    read, unreadable, gone = Counter[str](), list[str](), 0
    with log.progress(f"pages of {capture.as_of}") as bar:
        for page in capture.pages():
            kind = site.page_kind(page.url)
            try:
                yield from site.facts(page.body, page.url, capture.canonical)
            except GoneError:
                gone += 1
                page_fetch[page.url] = Fetch.GONE
            except LayoutChangedError as error:
                if kind != "detail":
                    raise
                unreadable.append(str(error))
                page_fetch[page.url] = Fetch.FAILED
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


def _outcomes(pictures: pa.Table) -> Counter[str]:
    """How many images of one capture there are of each outcome."""
    counts = Counter(tables.counts(pictures, "fetch"))
    counts["not asked for"] = pictures["fetch"].null_count
    return +counts


def _say(outcomes: Counter[str], without: int, listings: int, captures: int) -> None:
    """One line that adds up: every row of the table is in exactly one of its parts."""
    parts = [f"{n:,} {outcome}" for outcome, n in outcomes.most_common()]
    line = (
        f"parse: {log.counted(outcomes.total(), 'image')} of {log.counted(listings, 'listing')} "
        f"from {log.counted(captures, 'capture')}: {', '.join(parts) or 'none'}"
    )
    log.say(line + (f"; {without:,} times a listing without one" if without else ""))
