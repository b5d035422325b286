"""What WikiArt's pages say about each work's image."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from scrapers.facts import DETAIL, LISTING, Canonical, Fact, joined
from scrapers.wikiart import images
from scrapers.wikiart.parse import (
    Detail,
    ListingRow,
    page_kind,
    parse_detail,
    parse_gallery_dom,
    parse_listing_json,
    parse_text_list,
)

__all__ = ["facts", "image_key", "page_kind"]

_LISTINGS = {
    "listing-json": parse_listing_json,
    "text-list": parse_text_list,
    "gallery": parse_gallery_dom,
}


def image_key(url: str) -> str:
    """The original's address, unescaped: pages write names with accents in either form."""
    return unquote(images.image_key(url))


def facts(body: bytes, url: str, canonical: Canonical) -> Iterator[Fact]:
    """One fact a work; see `scrapers.facts.Site`."""
    kind = page_kind(url)
    if kind == "detail":
        yield _of_detail(parse_detail(body, url), canonical)
    elif kind in _LISTINGS:
        for row in _LISTINGS[kind](body, url).rows:
            yield _of_row(row, canonical)


def _work(page_url: str) -> str:
    """``artist/work``: some listings give no id, all of them lead to the work's own page."""
    return urlsplit(page_url).path.removeprefix("/en/")


def _of_row(row: ListingRow, canonical: Canonical) -> Fact:
    page_url = canonical(row.page_url)
    return Fact(
        key=_work(page_url),
        position=0,
        rank=LISTING,
        page_url=page_url,
        layer=row.layer,
        listing_id=row.id,
        image_key=image_key(canonical(row.image_url)) if row.image_url else None,
        title=row.title,
        creator=row.artist_slug,
        creator_name=row.artist_name,
        year_text=row.year_text,
        year=row.year,
    )


def _of_detail(detail: Detail, canonical: Canonical) -> Fact:
    return Fact(
        key=_work(detail.page_url),
        position=0,
        rank=DETAIL,
        page_url=detail.page_url,
        layer=detail.layer,
        listing_id=detail.id,
        image_key=image_key(canonical(detail.image_url)) if detail.image_url else None,
        title=detail.title,
        creator=detail.artist_slug,
        creator_name=detail.artist_name,
        year_text=detail.year_text,
        year=detail.year,
        style=joined(detail.styles),
        genre=detail.genre,
        media=joined(detail.media),
        tags=joined(detail.tags),
        rights=detail.rights,
    )
