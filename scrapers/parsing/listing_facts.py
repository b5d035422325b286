"""What one page says about one image of one listing: the common ground of both sites' parsers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import pyarrow as pa

from scrapers.parsing.text import first_year

_RANGE = re.compile(
    r"(?<![0-9])([0-9]{3,4})s?\s*(?:[-\u2010-\u2015/]|to)\s*(?:c\.\s*)?([0-9]{1,4})(?![0-9])"
)
_DECADE = re.compile(r"(?<![0-9])([0-9]{2,3}0)s\b")
_CENTURIES = re.compile(
    r"\b([IVX]{1,5})(?:\s*[-\u2010-\u2015/]\s*([IVX]{1,5}))?\s*(?:th\s*)?(?:cent|c\.)",
    re.IGNORECASE,
)
_ROMAN: Final = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10,
    "XI": 11, "XII": 12, "XIII": 13, "XIV": 14, "XV": 15, "XVI": 16, "XVII": 17, "XVIII": 18,
    "XIX": 19, "XX": 20, "XXI": 21,
}  # fmt: skip
_BEFORE = re.compile(r"\b(?:BCE?\b|B\.\s?C\.)")


def year_span(text: str) -> tuple[int, int] | None:
    """The earliest and the latest year that ``text`` allows; None where it names no time.

    >>> [year_span(t) for t in ("1916", "1920-1930", "1904-5", "1960s", "XX cent.", "?")]
    [(1916, 1916), (1920, 1930), (1904, 1905), (1960, 1969), (1901, 2000), None]
    """
    centuries = _CENTURIES.search(text)
    year = first_year(text)
    if year is None:
        return None if centuries is None else _of_centuries(centuries, bool(_BEFORE.search(text)))
    written = _RANGE.search(text)
    if written is not None and not _BEFORE.search(text):
        first, last = int(written[1]), _full_year(written[1], written[2])
        if first == year and first <= last:
            return first, last
    decade = _DECADE.search(text)
    if decade is not None and int(decade[1]) == year:
        return year, year + 9
    return year, year


def _full_year(first: str, last: str) -> int:
    """The end of a range whose first digits may be left out: 1904-5, 1904-05."""
    return int(first[: max(0, len(first) - len(last))] + last)


def _of_centuries(centuries: re.Match[str], before: bool) -> tuple[int, int] | None:
    first = _ROMAN.get(centuries[1].upper())
    last = _ROMAN.get((centuries[2] or centuries[1]).upper())
    if first is None or last is None:
        return None
    if before:
        first, last = 1 - first, 1 - last
    return (100 * (first - 1) + (not before), 100 * last - before) if first <= last else None


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
    sources: str | None = None
    listing_id: str | None = None
    image_key: str | None = None
    """The image whatever its size; see the site's ``image_key``."""
    image_url: str | None = None
    """The image in the size that the page happens to name."""
    title: str | None = None
    original_title: str | None = None
    creator: str | None = None
    creator_name: str | None = None
    model: str | None = None
    reference: str | None = None
    year_text: str | None = None
    year: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    style: str | None = None
    genre: str | None = None
    media: str | None = None
    tags: str | None = None
    period: str | None = None
    series: str | None = None
    location: str | None = None
    gallery: str | None = None
    dimensions: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    price: str | None = None
    price_amount: float | None = None
    currency: str | None = None
    condition: str | None = None
    seller: str | None = None
    rights: str | None = None
    sheet: str | None = None
    description: str | None = None


_TYPES: Final = {
    "position": pa.int32(),
    "rank": pa.int32(),
    "year": pa.int32(),
    "year_from": pa.int32(),
    "year_to": pa.int32(),
    "width_px": pa.int32(),
    "height_px": pa.int32(),
    "price_amount": pa.float64(),
}
FACTS: Final = pa.schema([(f.name, _TYPES.get(f.name, pa.string())) for f in fields(Fact)])
"""The same as a table."""

_ROWS_AT_ONCE: Final = 16_384


def facts_table(facts: Iterable[Fact]) -> pa.Table:
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


def sheet_of(labelled: Iterable[tuple[str, str]]) -> str | None:
    """What a page labels, in its order, as the text of one JSON object."""
    pairs = dict(labelled)
    return json.dumps(pairs, ensure_ascii=False) if pairs else None


class Dated(NamedTuple):
    """A date as the site writes it, in numbers."""

    year: int | None
    first: int | None
    last: int | None


def dated(year_text: str | None) -> Dated:
    """The columns ``year``, ``year_from`` and ``year_to`` of a date as the site writes it."""
    first, last = year_span(year_text or "") or (None, None)
    return Dated(first_year(year_text or ""), first, last)
