"""The replica of Chrono24: same addresses and markup as in 2026, filled from a catalogue.

Brand, model and reference pages hold 60 cards with lazy images; promoted watches recur from page
to page, as they do on the site; ``/search`` exists and robots.txt forbids it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from scrapers.gallery.catalogue import Picture, Watch, WatchCatalogue
from scrapers.gallery.chrono24_linked import LinkedData
from scrapers.gallery.facets import Facet, facets
from scrapers.gallery.names import slug as slug_of
from scrapers.gallery.response import Request, Response, image, page, redirect
from scrapers.gallery.routes import Routes
from scrapers.sites.chrono24.images import LARGEST, SQUARES

WWW: Final = "https://www.chrono24.com"
_IMAGE_HOSTS: Final[tuple[str, ...]] = ("https://img.chrono24.com", "https://cdn2.chrono24.com")
HOSTS: Final[tuple[str, ...]] = (WWW, *_IMAGE_HOSTS)
PAGE_SIZE: Final = 60
PROMOTED_ON_A_PAGE: Final = 2
PROMOTED_IN_TURN: Final = 5
IMAGES_ON_A_CARD: Final = 5

_ROBOTS: Final = """\
User-agent: *
Disallow: /search
Disallow: /user
"""
_SIZES = "|".join([LARGEST, *(f"Square{side}" for side in SQUARES)])
_IMAGE = re.compile(rf"/images/uhren/(?P<key>[^/]+)-(?P<size>{_SIZES})\.jpg$")


@dataclass(frozen=True)
class Card:
    """One place of a listing page."""

    watch: Watch
    promoted: bool


@dataclass(frozen=True)
class Listing:
    """A listing and its addresses: ``<base>.htm``, ``<base>-2.htm``, ..."""

    base: str
    heading: str
    watches: Sequence[Watch]
    promoted: Sequence[Watch] = ()

    @property
    def organic(self) -> int:
        """Cards of a page that nobody paid for."""
        return PAGE_SIZE - min(PROMOTED_ON_A_PAGE, len(self.promoted))

    @property
    def pages(self) -> int:
        """Number of the last page."""
        return max(1, -(-len(self.watches) // self.organic))

    def path(self, number: int) -> str:
        """Path of page ``number``, from 1."""
        return f"{self.base}.htm" if number == 1 else f"{self.base}-{number}.htm"

    def cards(self, number: int) -> list[Card]:
        """The cards of page ``number``: promoted watches, in turn, before the others."""
        start = (number - 1) * self.organic
        turns = range(number - 1, number - 1 + PAGE_SIZE - self.organic)
        promoted = [Card(self.promoted[t % len(self.promoted)], promoted=True) for t in turns]
        others = self.watches[start : start + self.organic]
        return promoted + [Card(watch, promoted=False) for watch in others]


class Chrono24:
    """Chrono24 with the watches of one catalogue."""

    def __init__(self, catalogue: WatchCatalogue, origins: Mapping[str, str]) -> None:
        """Serve ``catalogue``; absolute links name the address that ``origins`` gives a host."""
        self._catalogue = catalogue
        self._origins = origins
        self._brands = {brand.slug: brand for brand in catalogue.creators}
        self._promoted = lru_cache(maxsize=None)(self._first_promoted)
        self._facets = lru_cache(maxsize=None)(self._facets_of)
        www = origins[WWW]
        self._linked = LinkedData(
            page_url=lambda watch: www + page_path(watch),
            model_url=lambda watch: www + model_path(watch),
            front_url=f"{www}/",
            brand_url=lambda slug: f"{www}/{slug}/index.htm",
            image_url=self._image_url,
        )
        brand, number = r"/(?P<brand>[^/]+)", r"(?:-(?P<number>\d+))?"
        self._pages = Routes(
            "chrono24",
            _ROBOTS,
            {
                r"/": self._home,
                r"/search/browse\.htm": self._home,
                r"/search/index\.htm": self._search,
                rf"{brand}/index{number}\.htm": self._brand,
                rf"{brand}/[^/]+--mod(?P<model>\d+){number}\.htm": self._model,
                rf"{brand}/ref-(?P<reference>[^/]+?)\.htm": self._reference,
                rf"{brand}/(?P<slug>[^/]*)--id(?P<id_>\d+)\.htm": self._detail,
            },
        )

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says to ``request``."""
        return self._pages.answer(request) if host == WWW else self._upload(host, request)

    def _upload(self, host: str, request: Request) -> Response:
        found = _IMAGE.match(request.path)
        picture = self._catalogue.picture(found["key"]) if found else None
        if found is None or picture is None or image_host_of(picture) != host:
            return self._pages.not_found()
        asked = (picture, found["size"])
        version = self._catalogue.version(*asked)
        answer = image(version, request, lambda: self._catalogue.image(*asked))
        return self._pages.not_found() if answer is None else answer

    def _home(self, request: Request) -> Response:
        del request
        watches_of = self._catalogue.watches_of
        brands = [(brand, len(watches_of(brand.slug))) for brand in self._catalogue.creators]
        return page("chrono24/home.html", brands=brands, total=len(self._catalogue.watches))

    def _search(self, request: Request) -> Response:
        del request
        return self._listing(Listing("/search/index", "All watches", self._catalogue.watches), 1)

    def _brand(self, request: Request, brand: str, number: str | None) -> Response:
        del request
        known = self._brands.get(brand)
        if known is None:
            return self._pages.not_found()
        watches, promoted = self._catalogue.watches_of(brand), self._promoted(brand)
        return self._listing(
            Listing(f"/{brand}/index", known.name, watches, promoted), int(number or 1)
        )

    def _first_promoted(self, brand: str) -> tuple[Watch, ...]:
        """The few watches of the brand that take turns in the promoted places."""
        paid = (watch for watch in self._catalogue.watches_of(brand) if watch.promoted)
        return tuple(islice(paid, PROMOTED_IN_TURN))

    def _facets_of(self, brand: str) -> list[dict[str, Facet]]:
        """The watches of the brand by model id and by reference."""
        watches = self._catalogue.watches_of(brand)
        return facets(watches, [lambda w: (w.model_id,), lambda w: (w.reference,)])

    def _model(self, request: Request, brand: str, model: str, number: str | None) -> Response:
        del request
        facet = self._facets(brand)[0].get(model)
        if facet is None:
            return self._pages.not_found()
        watches = facet.of(self._catalogue.watches_of(brand))
        first = watches[0]
        heading = f"{first.brand.name} {first.model}"
        base = model_path(first).removesuffix(".htm")
        return self._listing(Listing(base, heading, watches), int(number or 1))

    def _reference(self, request: Request, brand: str, reference: str) -> Response:
        del request
        facet = self._facets(brand)[1].get(reference)
        if facet is None:
            return self._pages.not_found()
        heading = f"{self._brands[brand].name} {facet.name}"
        watches = facet.of(self._catalogue.watches_of(brand))
        return self._listing(Listing(f"/{brand}/ref-{reference}", heading, watches), 1)

    def _listing(self, listing: Listing, number: int) -> Response:
        if not 1 <= number <= listing.pages:
            return self._pages.not_found()
        cards = listing.cards(number)
        return page(
            "chrono24/listing.html",
            listing=listing,
            number=number,
            cards=cards,
            most_images=IMAGES_ON_A_CARD,
            offers=self._linked.listing(
                listing.heading,
                self._origins[WWW] + listing.path(1),
                [card.watch for card in cards],
            ),
            **self._helpers(),
        )

    def _detail(self, request: Request, brand: str, slug: str, id_: str) -> Response:
        del request
        watch = self._catalogue.watch(id_)
        if watch is None:
            return self._pages.not_found()
        if (brand, slug) != (watch.brand.slug, watch.slug):
            return redirect(page_path(watch))
        return page(
            "chrono24/detail.html",
            watch=watch,
            product=self._linked.product(watch),
            **self._helpers(),
        )

    def _helpers(self) -> dict[str, Any]:
        return {
            "www": self._origins[WWW],
            "widths": ",".join(str(side) for side in SQUARES),
            "page_path": page_path,
            "model_path": model_path,
            "reference_path": reference_path,
            "price": price,
            "image_url": self._image_url,
        }

    def _image_url(self, picture: Picture, size: str) -> str:
        host = self._origins[image_host_of(picture)]
        return f"{host}/images/uhren/{picture.key}-{size}.jpg"


def page_path(watch: Watch) -> str:
    """Path of a watch's own page."""
    return f"/{watch.brand.slug}/{watch.slug}--id{watch.id}.htm"


def model_path(watch: Watch) -> str:
    """Path of the listing of all watches of the same model."""
    return f"/{watch.brand.slug}/{slug_of(watch.model)}--mod{watch.model_id}.htm"


def reference_path(watch: Watch) -> str:
    """Path of the listing of all watches of the same reference."""
    return f"/{watch.brand.slug}/ref-{slug_of(watch.reference)}.htm"


def price(watch: Watch) -> str:
    """What the card and the page show."""
    return "Price on request" if watch.price_usd is None else f"${watch.price_usd:,}"


def image_host_of(picture: Picture) -> str:
    """The image host that serves a picture: one in four comes from the second."""
    return _IMAGE_HOSTS[zlib.crc32(picture.key.encode()) % 4 == 0]
