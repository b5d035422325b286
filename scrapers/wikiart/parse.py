"""WikiArt's listings, read from bytes: JSON listings, text lists and rendered gallery pages.

Pure functions of a body and of the address it came from. Addresses inside the results are as the
page gave them, made absolute; works' own pages are read in `scrapers.wikiart.detail`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from bs4 import Tag

from pipeline.core.errors import LayoutChangedError
from scrapers.markup import attribute, json_document, text_of, tree
from scrapers.pagetext import (
    absolute,
    first_count,
    first_year,
    path_segments,
    plain,
    plain_or_none,
    unescaped,
)
from scrapers.wikiart.detail import Detail, parse_detail
from scrapers.wikiart.images import image_key, image_of_size, is_placeholder, sizes_in_map

__all__ = [
    "Detail",
    "ListingPage",
    "ListingRow",
    "image_key",
    "image_of_size",
    "is_placeholder",
    "page_kind",
    "parse_detail",
    "parse_gallery_dom",
    "parse_listing_json",
    "parse_text_list",
]

ROWS_PER_PAGE: Final = 60
MOST_ROWS: Final = 3600
"""A listing by style, genre or media hands out no more than this, whatever it announces."""


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One work as a listing shows it; what the kind of page does not tell is None."""

    layer: str
    """``json`` or ``dom``."""
    page_url: str
    """Address of the work's own page."""
    title: str | None
    artist_slug: str | None
    artist_name: str | None
    year_text: str | None
    year: int | None
    id: str | None = None
    image_url: str | None = None
    """The size that the page happens to show: the original in JSON, a small one in the DOM."""
    width: int | None = None
    """Pixels of the original."""
    height: int | None = None
    sizes: tuple[str, ...] = ()
    """Derivatives announced besides the original."""


@dataclass(frozen=True, slots=True)
class ListingPage:
    """The works of one page of a listing, in the site's order."""

    rows: tuple[ListingRow, ...]
    total: int | None
    """Works in the whole listing, where the page says so."""
    page_size: int | None

    @property
    def capped(self) -> bool:
        """Whether the listing announces more works than the site hands out."""
        return self.total is not None and self.total > MOST_ROWS


_LISTS = {"all-works", "mode"}
_ENGLISH = "en"


def page_kind(url: str) -> str:
    """What stands at an address of the site, told from the address alone.

    One of ``listing-json``, ``artist-json``, ``text-list``, ``artist-list``, ``gallery``,
    ``detail``, ``robots`` and ``other``.
    """
    segments = path_segments(url)
    if segments == ["robots.txt"]:
        return "robots"
    if len(segments) < 2 or segments[0] != _ENGLISH:
        return "other"
    if segments[-1] == "text-list":
        return "artist-list" if segments[1] == "alphabet" else "text-list"
    query = parse_qs(urlsplit(url).query)
    works = len(segments) == 2 or segments[2] in _LISTS or segments[1].startswith("paintings-by-")
    if "json" in query:
        listing = len(segments) > 2 or "page" in query
        return "listing-json" if listing else "artist-json"
    if works:
        return "gallery"
    return "detail" if len(segments) == 3 and not _is_index(segments[1]) else "other"


def _is_index(segment: str) -> bool:
    return segment.startswith("artists-by-") or segment in {"App", "alphabet", "Alphabet", "Search"}


def parse_listing_json(body: bytes, url: str) -> ListingPage:
    """Rows of a ``json=2`` listing: the wrapper with ``Paintings``, or a plain list of works.

    Raises:
        NotJsonError: the body is no JSON.
        LayoutChangedError: neither shape, or no rows without the proof that there are none.
    """
    document = json_document(body, url)
    total: int | None
    if isinstance(document, list):
        entries, total, page_size = document, len(document), None
    elif isinstance(document, dict) and "Paintings" in document:
        entries = document["Paintings"] or []
        total, page_size = _whole(document, "AllPaintingsCount"), _whole(document, "PageSize")
    else:
        raise LayoutChangedError(f"{url}: JSON without the list named Paintings; {_ADVICE}")
    rows = tuple(row for entry in entries if (row := _json_row(entry, url)) is not None)
    if not rows and (entries or not _proven_empty(url, total, page_size)):
        raise LayoutChangedError(
            f"{url}: no works in Paintings although AllPaintingsCount is {total}; {_ADVICE}"
        )
    return ListingPage(rows, total, page_size)


_ADVICE: Final = "the site's layout has changed and its parser needs mending"


def _proven_empty(url: str, total: int | None, page_size: int | None) -> bool:
    """Whether the site says itself that this page of the listing can hold nothing."""
    if total is None:
        return False
    page = first_count(parse_qs(urlsplit(url).query).get("page", ["1"])[0]) or 1
    return (page - 1) * (page_size or ROWS_PER_PAGE) >= min(total, MOST_ROWS)


def _whole(record: dict[str, Any], name: str) -> int | None:
    value = record.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _json_row(entry: Any, url: str) -> ListingRow | None:
    if not isinstance(entry, dict) or "title" not in entry or "image" not in entry:
        return None
    year_text = unescaped(entry.get("year", entry.get("yearAsString")))
    page_url = _same_site(url, entry.get("paintingUrl"))
    asked_for = parse_qs(urlsplit(url).query).get("artistUrl", [None])[0]
    map_text = entry.get("map")
    return ListingRow(
        layer="json",
        id=plain_or_none(entry.get("id", entry.get("contentId"))),
        page_url=page_url or url,
        title=unescaped(entry["title"]),
        artist_slug=_artist_of(page_url) or asked_for,
        artist_name=unescaped(entry.get("artistName")),
        year_text=year_text,
        year=first_year(year_text or ""),
        image_url=absolute(url, str(entry["image"])) if entry["image"] else None,
        width=_whole(entry, "width"),
        height=_whole(entry, "height"),
        sizes=sizes_in_map(map_text) if isinstance(map_text, str) else (),
    )


def _same_site(url: str, href: object) -> str | None:
    """``href`` as an address of the host that served ``url``; None when it leads elsewhere."""
    target = absolute(url, href) if isinstance(href, str) else None
    if target is None or urlsplit(target).netloc != urlsplit(url).netloc:
        return None
    return target.partition("#")[0]


def _artist_of(page_url: str | None) -> str | None:
    segments = path_segments(page_url or "")
    return segments[1] if len(segments) == 3 and segments[0] == _ENGLISH else None


def parse_text_list(body: bytes, url: str) -> ListingPage:
    """Every work of an artist from ``/en/{artist}/all-works/text-list``.

    Raises:
        LayoutChangedError: no row of the text list was found.
    """
    items = tree(body).select("ul.painting-list-text li.painting-list-text-row")
    rows = tuple(row for item in items if (row := _text_row(item, url)) is not None)
    if not rows:
        raise LayoutChangedError(
            f"{url}: no li.painting-list-text-row leads to a work; {_ADVICE}, "
            f"or the artist's works are withheld"
        )
    return ListingPage(rows, len(rows), None)


def _text_row(item: Tag, url: str) -> ListingRow | None:
    link = item.select_one("a[href]")
    page_url = _same_site(url, attribute(link, "href"))
    artist = _artist_of(page_url)
    if page_url is None or artist is None:
        return None
    year_text = (text_of(item.select_one("span")) or "").lstrip(", ") or None
    return ListingRow("dom", page_url, text_of(link), artist, None, year_text, _year(year_text))


def _year(year_text: str | None) -> int | None:
    return first_year(year_text or "")


def parse_gallery_dom(body: bytes, url: str) -> ListingPage:
    """The works that a gallery page shows once its script has run, as far as it has run.

    Raises:
        LayoutChangedError: nothing is shown, and the page does not say that there is nothing.
    """
    soup = tree(body)
    items = soup.select("ul.wiki-masonry-container > li")
    rows = tuple(row for item in items if (row := _gallery_row(item, url)) is not None)
    counts = re.findall(r"[0-9][0-9.,]*", text_of(soup.select_one("span.count")) or "")
    total = first_count(counts[-1]) if counts else None
    if not rows and total != 0:
        raise LayoutChangedError(
            f"{url}: ul.wiki-masonry-container lists no work and span.count says {total}; {_ADVICE}"
        )
    return ListingPage(rows, total, None)


def _gallery_row(item: Tag, url: str) -> ListingRow | None:
    link = item.select_one("a.artwork-name[href]")
    page_url = _same_site(url, attribute(link, "href"))
    artist = _artist_of(page_url)
    if page_url is None or artist is None:
        return None
    year_text = text_of(item.select_one(".artwork-year"))
    source = plain(attribute(item.select_one("img[img-source]"), "img-source") or "").strip("'")
    return ListingRow(
        layer="dom",
        page_url=page_url,
        title=text_of(link),
        artist_slug=artist,
        artist_name=text_of(item.select_one(".artist-name")),
        year_text=year_text,
        year=_year(year_text),
        image_url=absolute(url, source) if source else None,
    )
