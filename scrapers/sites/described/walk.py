"""Walking a described site: its listings page after page, each item's own page, its images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.errors import DescriptionError, GoneError, LayoutChangedError
from pipeline.core.log import say
from pipeline.core.params.scrape import Scrape
from scrapers.crawl.crawl import Crawl
from scrapers.sites.described import bounded
from scrapers.sites.described.description_schema import PAGE, QUERY
from scrapers.sites.described.images import image_key, is_placeholder, of_size
from scrapers.sites.described.records import (
    Described,
    ItemList,
    ListedItem,
    read_detail,
    read_listing,
)

_UNREADABLE_IN_A_ROW: Final = 8
"""So many own pages that cannot be read, one behind the other, mean that the site has changed."""
# An index of indexes of listings; a sitemap that names itself ends here.
_DEEPEST_INDEX: Final = 3


def walk(site: Described, crawl: Crawl, params: Scrape) -> None:
    """Visit every listing that the description starts at, for each of the params' queries.

    Raises:
        GoneError: a listing that does not exist, or lists nothing.
        LayoutChangedError: a page that lists has lost its marks, or one item's page after another.
        ScrapeError: the site cannot be read any further.
    """
    walking = _Walk(site, crawl, params)
    for start in starts(site, params):
        for page, url in walking.pages(start):
            walking.take(page, url)
            if walking.is_full:
                return


def starts(site: Described, params: Scrape) -> Iterator[str]:
    """The addresses at which listings start, ``{page}`` left open."""
    for start in site.listing.start:
        if QUERY in start:
            yield from (start.replace(QUERY, query) for query in params.queries)
        else:
            yield start


class _Walk:
    """One walk: what has been seen of it so far."""

    def __init__(self, site: Described, crawl: Crawl, params: Scrape) -> None:
        self._site, self._crawl, self._params = site, crawl, params
        self._taken, self._unreadable = 0, 0

    @property
    def is_full(self) -> bool:
        """Whether as many items were taken as the params allow."""
        return self._params.max_listings is not None and self._taken >= self._params.max_listings

    def pages(self, start: str, depth: int = 0) -> Iterator[tuple[ItemList, str]]:
        """The pages of the listing that starts at ``start``, with their addresses.

        Where it is an index, those of the lists that it names, too; ``depth`` is below how many.
        """
        listing = self._site.listing
        number, met, visited, is_index = listing.first_page, 0, set[str](), depth > 0
        url: str | None = start.replace(PAGE, str(number))
        while url is not None and url not in visited:
            page = self._listing(url, is_first=not visited)
            if page is None:
                return
            visited.add(url)
            yield from self._lists(page, depth)
            is_index |= bool(page.lists)
            new = sum(self._crawl.is_new(f"{start} lists {item.key}") for item in page.items)
            if page.items and not new:
                say(f"{url}: lists only what earlier pages list; the listing ends here")
                return
            yield page, url
            met, number = met + new, number + listing.page_step
            if not page.items or (page.total is not None and met >= page.total):
                break
            url = start.replace(PAGE, str(number)) if PAGE in start else self._next_url(page)
        if not met and not is_index and listing.format != "sitemap":
            raise GoneError(f"{start}: lists nothing; correct queries in params.yaml")

    def _next_url(self, page: ItemList) -> str | None:
        return None if page.next_url is None else self._crawl.canonical(page.next_url)

    def _lists(self, page: ItemList, depth: int) -> Iterator[tuple[ItemList, str]]:
        """The pages of all lists that an index names."""
        for url in page.lists if depth < _DEEPEST_INDEX else ():
            if self._crawl.is_new(f"list {url}"):
                yield from self.pages(url, depth + 1)

    def _listing(self, url: str, *, is_first: bool) -> ItemList | None:
        """A page that lists; None behind the last one of those that are counted up."""
        self._crawl.expect(1)
        body = self._crawl.page(url)
        if body is not None:
            return read_listing(self._site, body, url, self._crawl.canonical)
        if is_first:
            raise GoneError(
                f"{url}: not found; correct queries in params.yaml, or listing.start in "
                f"{self._site.file}"
            )
        return None

    def take(self, page: ItemList, url: str) -> None:
        """Have the items of a page fetched that were not met before."""
        self._check_links(page, url)
        for item in page.items:
            if self.is_full:
                return
            if self._crawl.is_new(item.key):
                self._taken += 1
                self._take(item, url)

    def _take(self, item: ListedItem, listing_url: str) -> None:
        params, link = self._params, item.link
        own_page = link if params.details and link is not None and self._is_detail(link) else None
        self._crawl.expect((own_page is not None) + params.images_per_listing)
        listed = (*item.images.values(),)
        shown = listed if own_page is None else self._shown(listed, own_page)
        for image_url in shown[: params.images_per_listing]:
            stand_in = is_placeholder(image_url, self._site.description.image)
            urls = [image_url] if stand_in else self._addresses(image_url)
            self._crawl.image(urls, referer=own_page or listing_url, is_placeholder=stand_in)

    def _is_detail(self, url: str) -> bool:
        detail = self._site.detail
        return detail is not None and bounded.regex(detail.match).search(url) is not None

    def _shown(self, listed: tuple[str, ...], own_page: str) -> tuple[str, ...]:
        """The images of an item's own page, or those of the listing where it tells none.

        Raises:
            LayoutChangedError: one page after the other cannot be read.
        """
        body = self._crawl.detail(own_page)
        if body is None:
            return listed
        try:
            own = read_detail(self._site, body, own_page, self._crawl.canonical)
        except GoneError:
            return ()
        except LayoutChangedError:
            self._unreadable += 1
            if self._unreadable >= _UNREADABLE_IN_A_ROW:
                raise
            return listed
        self._unreadable = 0
        return (*own.images.values(),) or listed

    def _addresses(self, url: str) -> list[str]:
        """Where an image may be: in the size that the params name, else as the page names it."""
        image = self._site.description.image
        sized = of_size(url, self._params.image_size, image)
        if image_key(sized, image) != image_key(url, image):
            raise DescriptionError(
                f"{self._site.file}: image: {url} and {sized} are one image in two sizes, and "
                f"their keys differ ({image_key(url, image)}, {image_key(sized, image)}); write "
                f"image.key, which leaves the size out"
            )
        return list(dict.fromkeys((sized, url)))

    def _check_links(self, page: ItemList, url: str) -> None:
        """Refuse a page none of whose links leads to an own page as the description knows it.

        Raises:
            LayoutChangedError: it names the pattern.
        """
        links = [item.link for item in page.items if item.link is not None]
        detail = self._site.detail
        if links and detail is not None and not any(map(self._is_detail, links)):
            raise LayoutChangedError(
                f"{url}: `{detail.match}` (detail.match in {self._site.file}) matches none of its "
                f"{len(links):,} links, such as {links[0]}; the site's addresses have changed, or "
                f"the regex was never right"
            )
