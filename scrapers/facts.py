"""What one page says about one image of one listing: the common ground of both sites' parsers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Final, Protocol

import pyarrow as pa

Canonical = Callable[[str], str]
"""The site's own address for a link found in a page."""

DETAIL, LISTING = 0, 1
"""Ranks of the two kinds of pages: where both speak, the listing's own page is believed."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One image of one listing, as one page shows it; the columns of `LISTINGS` explain most."""

    key: str
    """The listing: the same on every page that shows it."""
    position: int
    rank: int
    """`DETAIL` or `LISTING`."""
    page_url: str
    layer: str
    listing_id: str | None = None
    image_key: str | None = None
    """The image whatever its size; see the site's ``image_key``."""
    title: str | None = None
    creator: str | None = None
    creator_name: str | None = None
    model: str | None = None
    reference: str | None = None
    year_text: str | None = None
    year: int | None = None
    style: str | None = None
    genre: str | None = None
    media: str | None = None
    tags: str | None = None
    price: str | None = None
    seller: str | None = None
    rights: str | None = None


_WHOLE_NUMBERS: Final = {"position", "rank", "year"}
FACTS: Final = pa.schema(
    [(f.name, pa.int32() if f.name in _WHOLE_NUMBERS else pa.string()) for f in fields(Fact)]
)
"""The same as a table."""

_ROWS_AT_ONCE: Final = 16_384


class Site(Protocol):
    """What `parse` needs to know of a site; ``scrapers.<site>.facts`` provides it."""

    def page_kind(self, url: str) -> str:
        """What stands at a canonical address."""

    def facts(self, body: bytes, url: str, canonical: Canonical) -> Iterator[Fact]:
        """Everything one page tells; nothing for a page that lists no images."""

    def image_key(self, url: str) -> str:
        """What all sizes of one image share."""


def table_of(facts: Iterable[Fact]) -> pa.Table:
    """The facts as a table of `FACTS`; only a few thousand at a time exist as Python objects."""
    batches, columns = [], _empty()
    for fact in facts:
        for name, values in columns.items():
            values.append(getattr(fact, name))
        if len(columns["key"]) == _ROWS_AT_ONCE:
            batches.append(pa.record_batch(columns, FACTS))
            columns = _empty()
    return pa.Table.from_batches([*batches, pa.record_batch(columns, FACTS)], FACTS)


def _empty() -> dict[str, list[object]]:
    return {name: [] for name in FACTS.names}


def joined(values: Iterable[str]) -> str | None:
    """Several values as one cell."""
    return ", ".join(values) or None
