"""WikiArt's listings, read from bytes: JSON listings, text lists and rendered gallery pages.

Pure functions of a body and of the address it came from. Addresses inside the results are as the
page gave them, made absolute; works' own pages are read in `scrapers.sites.wikiart.detail`.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from parsel import Selector

from pipeline.core.errors import LayoutChangedError
from scrapers.parsing.embedded import json_document
from scrapers.parsing.markup import attribute, first, first_attribute, text_of, tree
from scrapers.parsing.page_layers import DOM, JSON, merge
from scrapers.parsing.text import absolute, first_count, plain
from scrapers.sites.wikiart.images import is_picture
from scrapers.sites.wikiart.pages import artist_at, artist_of, same_site
from scrapers.sites.wikiart.work import MOST_ROWS, WikiArtWork, WorkList
from scrapers.sites.wikiart.work_json import is_record, of_record

ROWS_PER_PAGE: Final = 60
_ADVICE: Final = "the site's layout has changed and its parser needs mending"


def parse_listing_json(body: bytes, url: str) -> WorkList:
    """Rows of a JSON listing: the wrapper with ``Paintings``, API 2's ``data``, or a plain list.

    Raises:
        NotJsonError: the body is no JSON.
        QuotaError: the site says that its limit is used up.
        LayoutChangedError: neither shape, or no rows without the proof that there are none.
    """
    document = json_document(body, url)
    entries, total, page_size = _entries(document, url)
    asked_for = parse_qs(urlsplit(url).query).get("artistUrl", [None])[0]
    rows = tuple(_row(entry, url, asked_for) for entry in entries if is_record(entry))
    if not rows and (entries or not _proven_empty(document, url, total, page_size)):
        raise LayoutChangedError(
            f"{url}: no work with title and image in Paintings although AllPaintingsCount is "
            f"{total}; {_ADVICE}"
        )
    return WorkList(rows, total, page_size)


def _entries(document: Any, url: str) -> tuple[list[Any], int | None, int | None]:
    if isinstance(document, list):
        return document, len(document), None
    if isinstance(document, dict):
        if isinstance(document.get("data"), list):
            return document["data"], None, None
        paintings = document.get("Paintings", document)
        if paintings is None or isinstance(paintings, list):
            total = _count(document.get("AllPaintingsCount"))
            return paintings or [], total, _count(document.get("PageSize"))
    raise LayoutChangedError(f"{url}: JSON without the list named Paintings; {_ADVICE}")


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _proven_empty(document: Any, url: str, total: int | None, page_size: int | None) -> bool:
    """Whether the site says itself that this page of the listing can hold nothing."""
    if isinstance(document, dict) and document.get("hasMore") is False:
        return True
    page = first_count(parse_qs(urlsplit(url).query).get("page", ["1"])[0]) or 1
    if total is None:  # past the end of a listing, Paintings is null or empty
        return page > 1 and isinstance(document, dict) and not document.get("Paintings", True)
    return (page - 1) * (page_size or ROWS_PER_PAGE) >= min(total, MOST_ROWS)


def _row(entry: dict[str, Any], url: str, asked_for: str | None) -> WikiArtWork:
    values = of_record(entry, url)
    if values["artist_slug"] is None:
        values["artist_slug"] = asked_for
    merged = merge({JSON: values})
    return WikiArtWork(layer=merged.layer, sources=merged.sources, **merged.values)


def parse_record_json(body: bytes, url: str) -> WikiArtWork:
    """One work from ``App/Painting/ImageJson`` or from API 2.

    Raises:
        NotJsonError: the body is no JSON.
        QuotaError: the site says that its limit is used up.
        LayoutChangedError: JSON that describes no work.
    """
    document = json_document(body, url)
    if not is_record(document):
        raise LayoutChangedError(f"{url}: JSON without title and image of a work; {_ADVICE}")
    return _row(document, url, None)


def parse_text_list(body: bytes, url: str) -> WorkList:
    """Every work of an artist from ``/en/{artist}/all-works/text-list``.

    Raises:
        LayoutChangedError: no row of the text list was found.
    """
    page = tree(body)
    items = page.css("li.painting-list-text-row") or page.css(".masonry-text-view li")
    rows = tuple(row for item in items if (row := _text_row(item, url)) is not None)
    if not rows:
        raise LayoutChangedError(
            f"{url}: no li.painting-list-text-row leads to a work; {_ADVICE}, "
            f"or the artist's works are withheld"
        )
    return WorkList(rows, len(rows))


def parse_artist_list(body: bytes, url: str) -> tuple[str, ...]:
    """Slugs of the artists that a text list names, each once, in its order.

    Raises:
        LayoutChangedError: no row of the text list leads to an artist.
    """
    links = tree(body).css("li.painting-list-text-row a[href], .masonry-text-view li a[href]")
    named = (artist_at(same_site(url, attribute(link, "href"))) for link in links)
    slugs = tuple(dict.fromkeys(slug for slug in named if slug is not None))
    if not slugs:
        raise LayoutChangedError(
            f"{url}: no li.painting-list-text-row leads to an artist; {_ADVICE}"
        )
    return slugs


def _text_row(item: Selector, url: str) -> WikiArtWork | None:
    link = first(item, "a[href]")
    page_url = same_site(url, attribute(link, "href"))
    if artist_of(page_url) is None:
        return None
    return _shown(
        page_url=page_url,
        title=text_of(link),
        year_text=(text_of(first(item, "span")) or "").lstrip(", "),
    )


def _shown(**values: Any) -> WikiArtWork:
    merged = merge({DOM: {**values, "artist_slug": artist_of(values["page_url"])}})
    return WikiArtWork(layer=merged.layer, sources=merged.sources, **merged.values)


def parse_gallery_dom(body: bytes, url: str) -> WorkList:
    """The works that a gallery page shows once its script has run, as far as it has run.

    Raises:
        LayoutChangedError: nothing is shown, and the page does not say that there is nothing.
    """
    page = tree(body)
    items = page.css("ul.wiki-masonry-container > li") or page.css(".masonry-content li")
    shown = (row for item in items if (row := _gallery_row(item, url)) is not None)
    rows = tuple({row.page_url: row for row in shown}.values())
    counts = re.findall(r"[0-9][0-9.,]*", text_of(first(page, "span.count")) or "")
    total = first_count(counts[-1]) if counts else None
    if not rows and total != 0:
        raise LayoutChangedError(
            f"{url}: ul.wiki-masonry-container lists no work and span.count says {total}; {_ADVICE}"
        )
    return WorkList(rows, total)


def _gallery_row(item: Selector, url: str) -> WikiArtWork | None:
    link = first(item, "a.artwork-name[href]") or first(item, ".title-block a[href]")
    page_url = same_site(url, attribute(link, "href"))
    if artist_of(page_url) is None:
        return None
    return _shown(
        page_url=page_url,
        title=text_of(link),
        artist_name=text_of(first(item, ".artist-name")),
        year_text=(text_of(first(item, ".artwork-year")) or "").lstrip(", "),
        image_url=_picture(item, url),
    )


def _picture(item: Selector, url: str) -> str | None:
    """``img-source`` holds the address in quotes of its own; ``src`` is a stand-in at first."""
    for image in item.css("img"):
        for name in ("img-source", "lazy-load", "data-src", "src"):
            source = plain(first_attribute([image], name) or "").strip("'\" ")
            address = absolute(url, source) if source else None
            if address is not None and is_picture(address, url):
                return address
    return None
