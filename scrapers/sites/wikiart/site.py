"""What WikiArt's pages say about each work's image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from scrapers.parsing.empty_page import unknown_page_error
from scrapers.parsing.listing_facts import DETAIL, LISTING, Canonical, Fact, dated, joined, sheet_of
from scrapers.sites.site import Site
from scrapers.sites.wikiart.artist import parse_artist
from scrapers.sites.wikiart.detail import parse_detail
from scrapers.sites.wikiart.galleries import parse_sitemap
from scrapers.sites.wikiart.images import image_key, image_saved_as
from scrapers.sites.wikiart.listing import (
    parse_artist_list,
    parse_gallery_dom,
    parse_listing_json,
    parse_record_json,
    parse_text_list,
)
from scrapers.sites.wikiart.pages import is_page_of, page_kind, work_path
from scrapers.sites.wikiart.walk import walk
from scrapers.sites.wikiart.work import MOST_ROWS, WikiArtWork

_LISTINGS: Final = {
    "listing-json": parse_listing_json,
    "text-list": parse_text_list,
    "gallery": parse_gallery_dom,
}
_WORKS: Final = {"detail": parse_detail, "record-json": parse_record_json}
_WITHOUT_WORKS: Final[dict[str, Callable[[bytes, str], object]]] = {
    "artist-json": parse_artist,
    "artist-list": parse_artist_list,
    "robots": lambda *_: None,
}
"""Read all the same: that nothing is listed here must be seen, not assumed."""


def facts(body: bytes, url: str, canonical: Canonical) -> Iterator[Fact]:
    """One fact a work; see `scrapers.sites.site.Site`."""
    kind = page_kind(url)
    if kind in _WORKS:
        yield _fact(_WORKS[kind](body, url), DETAIL, url, canonical)
    elif kind in _LISTINGS:
        for work in _LISTINGS[kind](body, url).rows:
            yield _fact(work, LISTING, url, canonical)
    elif kind == "sitemap":
        parse_sitemap(body, url, canonical)
    elif kind in _WITHOUT_WORKS:
        _WITHOUT_WORKS[kind](body, url)
    else:
        raise unknown_page_error(url)


def _fact(work: WikiArtWork, rank: int, url: str, canonical: Canonical) -> Fact:
    page_url = canonical(work.page_url or url)
    image_url = canonical(work.image_url) if work.image_url else None
    date = dated(work.year_text)
    return Fact(
        key=_key(work),
        position=0,
        rank=rank,
        page_url=page_url,
        layer=work.layer,
        sources=work.sources,
        listing_id=work.id,
        image_key=image_key(image_url) if image_url else None,
        image_url=image_url,
        title=work.title,
        original_title=work.original_title,
        creator=work.artist_slug,
        creator_name=work.artist_name,
        year_text=work.year_text,
        year=date.year,
        year_from=date.first,
        year_to=date.last,
        style=joined(work.styles),
        genre=joined(work.genres),
        media=joined(work.media),
        tags=joined(work.tags),
        period=work.period,
        series=work.series,
        location=work.location,
        gallery=work.gallery,
        dimensions=work.dimensions,
        width_px=work.width,
        height_px=work.height,
        rights=work.rights,
        sheet=sheet_of(work.sheet),
        description=work.description,
    )


def _key(work: WikiArtWork) -> str:
    """``artist/work``: some listings give no id, nearly all lead to the work's own page."""
    return work_path(work.page_url) if work.page_url else f"id:{work.id or work.image_url}"


SITE: Final = Site(
    name="wikiart",
    domains=("wikiart.org",),
    walk=walk,
    page_kind=page_kind,
    is_page_of=is_page_of,
    facts=facts,
    image_key=image_key,
    image_saved_as=image_saved_as,
    most_listed=MOST_ROWS,
)
