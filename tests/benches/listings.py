"""What the history of many listings costs: ``python -m tests.benches.listings [LISTINGS]``.

Three captures of the same lists, each listing in a list and on a page of its own: first `parse`
without the reading of pages (facts and manifests are made up), then what `lists` and `select` make
of the history. One in fifty listings leaves, one in fifty shows another picture, each time.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console

from curation.selection.listing_state import HISTORY, newest_state
from pipeline.core import tables
from pipeline.core.schema import LISTINGS, MANIFEST, Fetch
from scrapers.parsing.listing_facts import DETAIL, FACTS, LISTING
from scrapers.parsing.listings import OF_MANIFEST, Captured, ListingHistory

DAYS = ("2026-05-04", "2026-06-01", "2026-07-01")
LEAVES = 50
CONSOLE = Console(highlight=False)


def captured(day: int, count: int) -> Captured:
    """What that capture would say of ``count`` listings."""
    number = np.arange(count)
    number = number[(number + 7 * day) % LEAVES != 0]
    keys = pa.array([f"/images/orla-venn/field-{n}-{n % LEAVES == day}.jpg" for n in number])
    pages = pa.array([f"https://www.wikiart.org/en/orla-venn/field-{n}" for n in number])
    facts = pa.concat_tables([_facts(number, keys, pages, rank) for rank in (LISTING, DETAIL)])
    urls = pc.binary_join_element_wise("https://uploads4.wikiart.org", keys, "!Large.jpg", "")
    digests = [f"{n:06d}{n % LEAVES == day:d}".ljust(64, "0") for n in number]
    requests = [_requests("page", pages, None), _requests("image", urls, pa.array(digests))]
    manifest = pa.concat_tables(requests).select(OF_MANIFEST)
    return Captured(DAYS[day], facts, manifest, {}, set(DAYS[:day]))


def _facts(number: npt.NDArray[np.int64], keys: pa.Array, pages: pa.Array, rank: int) -> pa.Table:
    size = len(number)
    columns = {
        "key": pa.array([f"orla-venn/field-{n}" for n in number]),
        "listing_id": pa.array([f"{n:024x}" for n in number]),
        "position": pa.repeat(pa.scalar(0, pa.int32()), size),
        "rank": pa.repeat(pa.scalar(rank, pa.int32()), size),
        "page_url": pages,
        "layer": pa.repeat("json", size),
        "image_key": keys,
        "title": pa.array([f"Field no. {n}" for n in number]),
        "creator": pa.array([f"artist-{n % 1000}" for n in number]),
        "creator_name": pa.array([f"Artist {n % 1000}" for n in number]),
        "year_text": pa.repeat("1961", size),
    }
    if rank == DETAIL:
        columns["rights"] = pa.repeat("Public domain", size)
        columns["sheet"] = pa.repeat('{"Dimensions": "100 x 120 cm", "Medium": "oil"}', size)
    filled = [columns.get(each.name, pa.nulls(size, each.type)) for each in FACTS]
    return pa.table(filled, schema=FACTS)


def _requests(kind: str, urls: pa.Array, digests: pa.Array | None) -> pa.Table:
    schema = pa.schema([each.with_nullable(True) for each in MANIFEST.arrow])
    columns = {
        "kind": pa.repeat(kind, len(urls)),
        "url": urls,
        "fetch": pa.repeat(Fetch.FETCHED.value, len(urls)),
        "sha256": digests,
    }
    filled = [columns.get(each.name) for each in schema]
    made = [
        pa.nulls(len(urls), each.type) if column is None else column
        for column, each in zip(filled, schema, strict=True)
    ]
    return pa.table(made, schema=schema)


def peak_mb() -> int:
    """Largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Print what each step took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        _read(Path(sys.argv[2]))
        return
    path = Path(tempfile.mkdtemp()) / "listings.parquet"
    history = ListingHistory("wikiart", lambda url: url[28:].partition("!")[0])
    with tables.appending(path, LISTINGS, tables.ROW_GROUP_ROWS) as append:
        for day, date in enumerate(DAYS):
            capture = captured(day, count)
            before, start = peak_mb(), time.process_time()
            rows = history.rows(capture)
            append(rows)
            took = time.process_time() - start
            CONSOLE.print(
                f"{date}: {rows.num_rows:,} rows in {took:.1f} s of CPU, {before} -> {peak_mb()} MB"
            )
    CONSOLE.print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")


def _read(path: Path) -> None:
    start = time.process_time()
    history = tables.read(path, LISTINGS, [*HISTORY, "creator", "rights"])
    read = time.process_time() - start
    state = newest_state(history)
    took = time.process_time() - start - read
    CONSOLE.print(f"read {history.num_rows:,} rows in {read:.1f} s of CPU, {peak_mb()} MB")
    CONSOLE.print(f"{state.num_rows:,} listed images in {took:.1f} s of CPU, {peak_mb()} MB in all")
    for column in ("shown", "opted_out"):
        CONSOLE.print(column, state[column].to_pylist().count(True))


if __name__ == "__main__":
    main()
