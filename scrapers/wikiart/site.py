"""Walking WikiArt: galleries by style and by artist, each work's own page, its picture.

Rows come as JSON, requested from inside the gallery page as the page's own script does it. Where
the site sends HTML instead, the gallery's load-more button is pressed to the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.errors import CappedError, LayoutChangedError, NotJsonError, ScrapeError
from pipeline.core.log import say
from pipeline.core.params.scrape import Scrape
from scrapers.image_fetch import ImageRequest
from scrapers.walk import Visit
from scrapers.wikiart.parse import (
    MOST_ROWS,
    ListingPage,
    ListingRow,
    image_key,
    image_of_size,
    is_placeholder,
    parse_gallery_dom,
    parse_listing_json,
)

WWW: Final = "https://www.wikiart.org"
_JSON: Final = "{gallery}?json=2&layout=new&page={page}&resultType=masonry"
_LOAD_MORE: Final = "a.masonry-load-more-button"
_ITEM: Final = "ul.wiki-masonry-container > li"


def walk(visit: Visit, params: Scrape) -> None:
    """Visit the galleries that ``params`` names, in that order.

    Raises:
        CappedError: a gallery lists more works than the site hands out.
        ScrapeError: the site cannot be read any further.
    """
    seen: set[str] = set()
    for gallery in _galleries(params):
        left = None if params.max_listings is None else params.max_listings - len(seen)
        if left == 0:
            return
        rows = [row for row in _rows(visit, gallery, left) if row.page_url not in seen]
        seen.update(row.page_url for row in rows)
        visit.expect(len(rows) * (1 + params.details))
        for row in rows:
            _work(visit, params, row, gallery)


def _galleries(params: Scrape) -> Iterator[str]:
    yield from (f"{WWW}/en/paintings-by-style/{style}" for style in params.styles)
    yield from (f"{WWW}/en/{artist}/mode/all-paintings" for artist in params.artists)


def _work(visit: Visit, params: Scrape, row: ListingRow, gallery: str) -> None:
    page_url = visit.canonical(row.page_url)
    if params.details:
        visit.page(page_url)
    if row.image_url is None:
        return
    shown = visit.canonical(row.image_url)
    # A derivative is missing where the original is small; that is no fault of the work.
    wanted = dict.fromkeys((image_of_size(shown, params.image_size), image_key(shown)))
    request = ImageRequest(tuple(wanted), referer=page_url if params.details else gallery)
    if is_placeholder(shown):
        request = ImageRequest((shown,), request.referer)
    visit.image(request, is_placeholder=is_placeholder(shown))


def _rows(visit: Visit, gallery: str, most: int | None) -> list[ListingRow]:
    """The works of a gallery, each once, in the order of the site; ``most`` of them at most."""
    try:
        pages = list(_json_pages(visit, gallery, most))
    except NotJsonError as error:
        say(f"{error}; reading the gallery page instead")
        pages = [_gallery_page(visit, gallery, error)]
    rows = list({row.page_url: row for page in pages for row in page.rows}.values())
    _check_whole(gallery, pages[0].total, rows, most)
    return rows[:most]


def _json_pages(visit: Visit, gallery: str, most: int | None) -> Iterator[ListingPage]:
    received, number = 0, 1
    while True:
        url = _JSON.format(gallery=gallery, page=number)
        visit.expect(1)
        page = parse_listing_json(visit.json(url, within=gallery), url)
        yield page
        received, number = received + len(page.rows), number + 1
        is_last = not page.rows or (page.total is not None and received >= page.total)
        if is_last or received >= MOST_ROWS or (most is not None and received >= most):
            return


def _gallery_page(visit: Visit, gallery: str, no_json: NotJsonError) -> ListingPage:
    body = visit.whole_page(gallery, _LOAD_MORE, _ITEM)
    if body is None:
        raise no_json
    try:
        return parse_gallery_dom(body, gallery)
    except LayoutChangedError as error:
        raise NotJsonError(f"{no_json}; and the gallery page shows nothing either") from error


def _check_whole(gallery: str, total: int | None, rows: list[ListingRow], most: int | None) -> None:
    if not rows:
        raise ScrapeError(
            f"{gallery}: lists no works; the slug is unknown or the works are withheld, correct "
            f"styles or artists in params.yaml"
        )
    if total is None or len(rows) >= min(total, most or total):
        return
    if total > MOST_ROWS:
        raise CappedError(
            f"{gallery}: announces {total:,} works and hands out {len(rows):,}; name their artists "
            f"in params.yaml (artists: [...]) in place of the style, or set max_listings"
        )
    say(f"{gallery}: announces {total:,} works and hands out {len(rows):,}")
