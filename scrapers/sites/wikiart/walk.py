"""Walking WikiArt: listings, each work's own page, its picture.

Artists' works can be taken from their galleries, from text lists or from the sitemap. A page of a
listing is worked off before the next one is asked for, so that memory does not grow with the
listing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from pipeline.core.errors import CappedError, GoneError, LayoutChangedError
from pipeline.core.log import say
from pipeline.core.params.scrape import Scrape
from scrapers.crawl.crawl import Crawl
from scrapers.sites.wikiart.detail import parse_detail
from scrapers.sites.wikiart.galleries import INDEX, pages_of, parse_sitemap
from scrapers.sites.wikiart.images import addresses, is_placeholder
from scrapers.sites.wikiart.listing import parse_artist_list, parse_text_list
from scrapers.sites.wikiart.pages import WWW, artist_of
from scrapers.sites.wikiart.work import MOST_ROWS, WikiArtWork

_SHARD: Final = "/paintings"
_ARTISTS_BY: Final = {
    "paintings-by-style": "artists-by-art-movement",
    "paintings-by-genre": "artists-by-genre",
}
# A few works have broken pages of their own; so many in a row mean that the layout changed.
_UNREADABLE_IN_A_ROW: Final = 8


def walk(crawl: Crawl, params: Scrape) -> None:
    """Visit what ``params`` names, in that order.

    Raises:
        CappedError: a listing holds more works than the site hands out, and cannot be split.
        GoneError: a listing that does not exist, or lists nothing.
        ScrapeError: the site cannot be read any further.
    """
    walking = _WikiArtWalk(crawl, params)
    for path in _facet_paths(params):
        walking.facet(path)
    if params.list_by == "sitemap":
        walking.sitemap()
    else:
        for artist in params.artists:
            walking.artist(artist)


def _facet_paths(params: Scrape) -> Iterator[str]:
    yield from (f"paintings-by-style/{slug}" for slug in params.styles)
    yield from (f"paintings-by-genre/{slug}" for slug in params.genres)
    yield from (f"paintings-by-media/{slug}" for slug in params.media)


class _WikiArtWalk:
    """One walk: what has been seen of it so far."""

    def __init__(self, crawl: Crawl, params: Scrape) -> None:
        self._crawl, self._params = crawl, params
        self._taken, self._unreadable = 0, 0

    def _full(self) -> bool:
        return self._params.max_listings is not None and self._taken >= self._params.max_listings

    def facet(self, path: str) -> None:
        """The works of one style, genre or medium; through their artists where the site caps it."""
        if self._full():
            return
        gallery = f"{WWW}/en/{path}"
        artists: dict[str, None] = {}
        received, total = 0, None
        for page in pages_of(self._crawl, gallery, most=MOST_ROWS):
            if total is None and page.total is not None:
                total = page.total
                self._check_splittable(gallery, total)
            received += len(page.rows)
            artists.update(dict.fromkeys(row.artist_slug for row in page.rows if row.artist_slug))
            self._take(page.rows, gallery)
            if self._full():
                return
        _check_some(gallery, received)
        if total is not None and total > max(received, MOST_ROWS):
            self._split(path, gallery, artists, received, total)
        elif total is not None and received < total:
            say(f"{gallery}: announces {total:,} works and hands out {received:,}")

    def artist(self, artist: str) -> None:
        """All works of one artist."""
        if self._full():
            return
        if self._params.list_by == "text-list":
            self._text_list(f"{WWW}/en/{artist}/all-works/text-list")
            return
        gallery = f"{WWW}/en/{artist}/mode/all-paintings"
        received, total = 0, None
        for page in pages_of(self._crawl, gallery):
            total = page.total if total is None else total
            received += len(page.rows)
            self._take(page.rows, gallery)
            if self._full():
                return
        _check_some(gallery, received)
        if total is not None and received < total:
            say(f"{gallery}: announces {total:,} works and hands out {received:,}")

    def sitemap(self) -> None:
        """Every work of the site's inventory, or those of the artists that the params name."""
        artists = set(self._params.artists)
        for shard in self._locations(INDEX):
            if self._full() or _SHARD not in shard:
                continue
            rows = (
                WikiArtWork(layer="sitemap", sources="", page_url=url)
                for url in self._locations(shard)
                if (artist := artist_of(url)) and (not artists or artist in artists)
            )
            self._take(rows, INDEX)

    def _locations(self, url: str) -> tuple[str, ...]:
        return parse_sitemap(self._page(url), url, self._crawl.canonical)

    def _text_list(self, url: str) -> None:
        self._take(parse_text_list(self._page(url), url).rows, url)

    def _page(self, url: str) -> bytes:
        self._crawl.expect(1)
        body = self._crawl.page(url)
        if body is None:
            raise GoneError(f"{url}: not found; correct artists in params.yaml")
        return body

    def _take(self, rows: Iterable[WikiArtWork], listing: str, only: str | None = None) -> int:
        """Have the works of ``rows`` fetched that were not seen before; returns how many."""
        taken = 0
        for row in rows:
            if self._full():
                break
            page_url = self._crawl.canonical(row.page_url) if row.page_url else None
            name = page_url or row.name
            if name is None or not self._crawl.is_new(name):
                continue
            self._crawl.expect(1 + self._params.details)
            belongs = self._work(row, page_url, listing, only)
            taken += belongs
            self._taken += belongs
        return taken

    def _work(self, row: WikiArtWork, page_url: str | None, listing: str, only: str | None) -> bool:
        """One work; with ``only``, its picture is fetched if its page leads to that listing."""
        known = row
        if page_url is not None and self._params.details:
            known = self._described(page_url, row, is_needed=bool(only) or row.derivatives is None)
        if only is not None and only not in known.facets:
            return False
        urls = addresses(self._with_canonical_images(known), self._params.image_size)
        if urls:
            shown_on = page_url if self._params.details else None
            stand_in = is_placeholder(urls[0])
            self._crawl.image(urls, referer=shown_on or listing, is_placeholder=stand_in)
        return True

    def _described(self, page_url: str, row: WikiArtWork, *, is_needed: bool) -> WikiArtWork:
        """The work of ``row`` as its own page tells it, which states every size with its address.

        A page that lost its marks is kept and passed over.

        Raises:
            LayoutChangedError: one page after the other has lost them, and they are needed to
                know of the pictures.
        """
        body = self._crawl.detail(page_url)
        if body is None:
            return row
        try:
            work = parse_detail(body, page_url)
        except LayoutChangedError:
            self._unreadable += is_needed
            if self._unreadable >= _UNREADABLE_IN_A_ROW:
                raise
            return row
        self._unreadable = 0
        announced = row.derivatives if work.derivatives is None else work.derivatives
        return replace(work, image_url=work.image_url or row.image_url, derivatives=announced)

    def _with_canonical_images(self, work: WikiArtWork) -> WikiArtWork:
        canonical = self._crawl.canonical
        sizes = tuple(replace(size, url=canonical(size.url)) for size in work.sizes)
        image_url = None if work.image_url is None else canonical(work.image_url)
        return replace(work, image_url=image_url, sizes=sizes)

    def _check_splittable(self, gallery: str, total: int) -> None:
        """Refuse a capped listing that cannot be split, before anything of it is fetched."""
        most = self._params.max_listings
        enough = most is not None and most - self._taken <= MOST_ROWS
        if total > MOST_ROWS and not (self._params.details or enough):
            raise CappedError(
                f"{gallery}: announces {total:,} works and hands out {MOST_ROWS:,}; only the "
                f"works' own pages tell which others belong to it, so set details: true, name "
                f"artists in place of it, or set max_listings"
            )

    def _split(
        self, path: str, gallery: str, artists: Mapping[str, None], received: int, total: int
    ) -> None:
        """Go on with a capped listing through the artists of the works that it did hand out.

        Where those do not lead to all of it, the artists that the site lists under the same style
        or genre are next.
        """
        say(
            f"{gallery}: announces {total:,} works and hands out {received:,}; going on through "
            f"the artists of those"
        )
        received += self._of_artists(artists, gallery, path)
        if received < total and not self._full():
            others = (each for each in self._artists_under(path) if each not in artists)
            received += self._of_artists(others, gallery, path)
        if received < total and not self._full():
            say(
                f"{gallery}: {received:,} of {total:,} works were found; name the artists of the "
                f"others in params.yaml (artists: [...])"
            )

    def _of_artists(self, artists: Iterable[str], listing: str, only: str) -> int:
        """Take the works of ``artists`` that belong to the listing; returns how many."""
        taken = 0
        for artist in artists:
            for page in pages_of(self._crawl, f"{WWW}/en/{artist}/mode/all-paintings"):
                taken += self._take(page.rows, listing, only=only)
                if self._full():
                    return taken
        return taken

    def _artists_under(self, path: str) -> tuple[str, ...]:
        """The artists that the site lists under a style or genre; none where it has no such list.

        A page that the walk can do without: what is missing then is said in the end.
        """
        facet, _, slug = path.partition("/")
        if facet not in _ARTISTS_BY:
            return ()
        url = f"{WWW}/en/{_ARTISTS_BY[facet]}/{slug}/text-list"
        self._crawl.expect(1)
        body = self._crawl.detail(url)
        try:
            return () if body is None else parse_artist_list(body, url)
        except LayoutChangedError as error:
            say(str(error))
            return ()


def _check_some(listing: str, received: int) -> None:
    if not received:
        raise GoneError(
            f"{listing}: lists no works; the slug is unknown or the works are withheld, correct "
            f"styles, genres, media or artists in params.yaml"
        )
