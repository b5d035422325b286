"""The replica of Chrono24: same addresses and markup as in 2026, filled from a catalogue.

Brand, model and reference pages hold 60 cards with lazy images; promoted watches recur from page
to page, as they do on the site; ``/search`` exists and robots.txt forbids it. Pages can be had in
the markup of 2024, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.shop import Shop
from scrapers.gallery.catalogue.watches import SQUARES, Watches
from scrapers.gallery.items import Picture, Watch
from scrapers.gallery.replicas.chrono24.addresses import (
    HOSTS,
    IMAGE_HOSTS,
    WWW,
    image_named,
    image_path,
    model_path,
    page_path,
    reference_path,
)
from scrapers.gallery.replicas.chrono24.listing import PROMOTED_IN_TURN, LinkedData, WatchListing
from scrapers.gallery.replicas.replica import Facet, ListedPicture, Replica, facets
from scrapers.gallery.web.messages import PageLayout, Request, Response
from scrapers.gallery.web.responses import Routes, image, opted_out, page, redirect

IMAGES_ON_A_CARD: Final = 5
_ROBOTS: Final = """\
User-agent: *
Disallow: /search
Disallow: /user
"""
_FOLDERS: Final = {PageLayout.OF_2024: "chrono24/2024", PageLayout.OF_2026: "chrono24"}
"""Of the templates."""


class Chrono24:
    """Chrono24 with the watches of one catalogue."""

    def __init__(self, catalogue: Watches, origins: Mapping[str, str]) -> None:
        """Serve ``catalogue``; absolute links name the address that ``origins`` gives a host."""
        self._catalogue = catalogue
        self._origins = origins
        self._brands = {brand.slug: brand for brand in catalogue.creators}
        self._promoted = lru_cache(maxsize=None)(self._first_promoted)
        self._facets = lru_cache(maxsize=None)(self._facets_of)
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
        return self._pages.answer(request) if host == WWW else self._upload(request)

    def _upload(self, request: Request) -> Response:
        named = image_named(request.path)
        watch = self._catalogue.watch_showing(named[0]) if named else None
        if named is None or watch is None:
            return self._pages.not_found()
        picture, size = next(p for p in watch.pictures if p.key == named[0]), named[1]
        version = self._catalogue.version(picture, size)
        answer = image(version, request, lambda: self._catalogue.image(picture, size))
        if answer is None:
            return self._pages.not_found()
        return opted_out(answer) if watch.opted_out else answer

    def _home(self, request: Request) -> Response:
        del request
        watches_of = self._catalogue.watches_of
        brands = [(brand, len(watches_of(brand.slug))) for brand in self._catalogue.creators]
        return page("chrono24/home.html", brands=brands, total=len(self._catalogue.watches))

    def _search(self, request: Request) -> Response:
        listing = WatchListing("/search/index", "All watches", self._catalogue.watches)
        return self._listing(request, listing, 1)

    def _brand(self, request: Request, brand: str, number: str | None) -> Response:
        known = self._brands.get(brand)
        if known is None:
            return self._pages.not_found()
        watches, promoted = self._catalogue.watches_of(brand), self._promoted(brand)
        listing = WatchListing(f"/{brand}/index", known.name, watches, promoted)
        return self._listing(request, listing, int(number or 1))

    def _first_promoted(self, brand: str) -> tuple[Watch, ...]:
        """The few watches of the brand that take turns in the promoted places."""
        paid = (watch for watch in self._catalogue.watches_of(brand) if watch.promoted)
        return tuple(islice(paid, PROMOTED_IN_TURN))

    def _facets_of(self, brand: str) -> list[dict[str, Facet]]:
        """The watches of the brand by model id and by reference."""
        watches = self._catalogue.watches_of(brand)
        return facets(watches, [lambda w: (w.model_id,), lambda w: (w.reference,)])

    def _model(self, request: Request, brand: str, model: str, number: str | None) -> Response:
        facet = self._facets(brand)[0].get(model)
        if facet is None:
            return self._pages.not_found()
        watches = facet.of(self._catalogue.watches_of(brand))
        first = watches[0]
        heading = f"{first.brand.name} {first.model}"
        base = model_path(first).removesuffix(".htm")
        return self._listing(request, WatchListing(base, heading, watches), int(number or 1))

    def _reference(self, request: Request, brand: str, reference: str) -> Response:
        facet = self._facets(brand)[1].get(reference)
        if facet is None:
            return self._pages.not_found()
        heading = f"{self._brands[brand].name} {facet.name}"
        watches = facet.of(self._catalogue.watches_of(brand))
        listing = WatchListing(f"/{brand}/ref-{reference}", heading, watches)
        return self._listing(request, listing, 1)

    def _listing(self, request: Request, listing: WatchListing, number: int) -> Response:
        if not 1 <= number <= listing.pages:
            return self._pages.not_found()
        cards = listing.cards(number)
        linked = self._linked(request.layout)
        return page(
            f"{_FOLDERS[request.layout]}/listing.html",
            listing=listing,
            number=number,
            cards=cards,
            most_images=IMAGES_ON_A_CARD,
            offers=linked.listing(
                listing.heading,
                self._origins[WWW] + listing.path(1),
                [card.watch for card in cards],
            ),
            **self._helpers(request.layout),
        )

    def _detail(self, request: Request, brand: str, slug: str, id_: str) -> Response:
        watch = self._catalogue.watch(id_)
        if watch is None:
            return self._pages.not_found()
        if (brand, slug) != (watch.brand.slug, watch.slug):
            return redirect(page_path(watch))
        linked = self._linked(request.layout)
        answer = page(
            f"{_FOLDERS[request.layout]}/detail.html",
            watch=watch,
            product=linked.product(watch, whole=request.layout is PageLayout.OF_2026),
            **self._helpers(request.layout),
        )
        return opted_out(answer) if watch.opted_out else answer

    def _helpers(self, layout: PageLayout) -> dict[str, Any]:
        return {
            "www": self._origins[WWW],
            "widths": ",".join(str(side) for side in SQUARES),
            "page_path": page_path,
            "model_path": model_path,
            "reference_path": reference_path,
            "price": price,
            "image_url": partial(self._image_url, layout),
        }

    def _linked(self, layout: PageLayout) -> LinkedData:
        www = self._origins[WWW]
        return LinkedData(
            page_url=lambda watch: www + page_path(watch),
            model_url=lambda watch: www + model_path(watch),
            front_url=f"{www}/",
            brand_url=lambda slug: f"{www}/{slug}/index.htm",
            image_url=partial(self._image_url, layout),
        )

    def _image_url(self, layout: PageLayout, picture: Picture, size: str) -> str:
        return self._origins[IMAGE_HOSTS[layout]] + image_path(picture, size)


def price(watch: Watch) -> str:
    """What the card and the page show."""
    return "Price on request" if watch.price_usd is None else f"${watch.price_usd:,}"


def _catalogue(gallery: Gallery) -> Watches:
    kind = Shop if gallery.kind == "shop" else Watches
    return kind(gallery.seed, gallery.works, gallery.creators, gallery.revision)


def _pictures(catalogue: Watches) -> Iterator[ListedPicture]:
    for watch in catalogue.watches:
        for position, picture in enumerate(watch.pictures):
            yield ListedPicture(watch.id, position, picture)


REPLICA: Final = Replica(
    site="chrono24",
    hosts=HOSTS,
    catalogue=_catalogue,
    app=Chrono24,
    pictures=_pictures,
    marks_pictures=lambda gallery: gallery.kind == "site",
)
