"""Listings of the replica of Chrono24: which watches stand on which page, and their JSON-LD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrapers.gallery.catalogue.watches import LARGEST
from scrapers.gallery.items import Picture, Watch

PAGE_SIZE: Final = 60
PROMOTED_ON_A_PAGE: Final = 2
PROMOTED_IN_TURN: Final = 5


@dataclass(frozen=True)
class ListingCard:
    """One place of a listing page."""

    watch: Watch
    promoted: bool


@dataclass(frozen=True)
class WatchListing:
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

    def cards(self, number: int) -> list[ListingCard]:
        """The cards of page ``number``: promoted watches, in turn, before the others."""
        start = (number - 1) * self.organic
        turns = range(number - 1, number - 1 + PAGE_SIZE - self.organic)
        promoted = [
            ListingCard(self.promoted[t % len(self.promoted)], promoted=True) for t in turns
        ]
        others = self.watches[start : start + self.organic]
        return promoted + [ListingCard(watch, promoted=False) for watch in others]


_CONTEXT = "http://schema.org"
_IN_STOCK = "http://schema.org/InStock"


@dataclass(frozen=True)
class LinkedData:
    """Writes it with the addresses that the replica gives it."""

    page_url: Callable[[Watch], str]
    model_url: Callable[[Watch], str]
    front_url: str
    brand_url: Callable[[str], str]
    """Of a brand's listing, by its slug."""
    image_url: Callable[[Picture, str], str]
    """Of a picture in a size."""

    def listing(self, heading: str, url: str, watches: Sequence[Watch]) -> dict[str, Any]:
        """A page of a listing: where it stands, and the offers on it."""
        prices = [watch.price_usd for watch in watches if watch.price_usd is not None]
        offers = {
            "@type": "AggregateOffer",
            "lowPrice": str(min(prices, default=0)),
            "highPrice": str(max(prices, default=0)),
            "priceCurrency": "USD",
            "offerCount": str(len(watches)),  # of this page, as the site counts
            "offers": [self._offer(watch) for watch in watches],
        }
        crumbs = _crumbs([("Watches", self.front_url), (f"{heading} watches", url)])
        return {"@context": _CONTEXT, "@graph": [crumbs, offers] if watches else [crumbs]}

    def product(self, watch: Watch, *, whole: bool) -> dict[str, Any]:
        """A watch's own page; not ``whole``: as in 2024, with bare words and without the case."""
        product = {
            "@type": "Product",
            "name": f"{watch.brand.name} {watch.model} {watch.title}",
            "image": [self._image(picture) for picture in watch.pictures],
            "productID": watch.id,
            "sku": watch.reference,
            "brand": watch.brand.name,
            "offers": self._offer_of_page(watch, watch.country),
        }
        if whole:
            product |= {
                "brand": {"@type": "Brand", "name": watch.brand.name},
                "model": watch.model,
                "caseMaterial": watch.case_material,
                "caseDiameter": f"{watch.diameter_mm} mm",
                "offers": self._offer_of_page(watch, {"addressCountry": watch.country}),
            }
        crumbs = _crumbs(
            [
                ("Watches", self.front_url),
                (f"{watch.brand.name} watches", self.brand_url(watch.brand.slug)),
                (f"{watch.model} watches", self.model_url(watch)),
            ]
        )
        return {"@context": _CONTEXT, "@graph": [crumbs, product]}

    def _offer(self, watch: Watch) -> dict[str, Any]:
        offer = {
            "@type": "Offer",
            "availability": _IN_STOCK,
            "name": f"{watch.brand.name} {watch.model} {watch.title}",
            "url": self.page_url(watch),
            "image": [
                {"@type": "ImageObject", "contentUrl": self.image_url(picture, LARGEST)}
                for picture in watch.pictures[:1]
            ],
        }
        return offer if watch.price_usd is None else {**offer, "price": str(watch.price_usd)}

    def _offer_of_page(self, watch: Watch, address: str | dict[str, str]) -> dict[str, Any]:
        offer = {
            "@type": "Offer",
            "availability": _IN_STOCK,
            "itemCondition": "http://schema.org/UsedCondition",
            "availableAtOrFrom": {"@type": "Place", "address": address},
            "url": self.page_url(watch),
        }
        if watch.price_usd is not None:
            offer |= {"price": str(watch.price_usd), "priceCurrency": "USD"}
        return offer

    def _image(self, picture: Picture) -> dict[str, Any]:
        return {
            "@type": "ImageObject",
            "contentUrl": self.image_url(picture, LARGEST),
            "thumbnail": {
                "@type": "ImageObject",
                "contentUrl": self.image_url(picture, "Square140"),
            },
        }


def _crumbs(steps: Sequence[tuple[str, str]]) -> dict[str, Any]:
    items = [
        {"@type": "ListItem", "position": i, "item": {"@id": url, "name": name}}
        for i, (name, url) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
