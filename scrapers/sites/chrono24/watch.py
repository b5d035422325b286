"""One watch of Chrono24, as a card, an offer or its own page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from scrapers.parsing.text import first_year


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrono24Watch:
    """What a page does not tell is None or empty."""

    layer: str
    sources: str
    id: str
    page_url: str
    title: str | None = None
    """Brand and model, as the site writes them."""
    subtitle: str | None = None
    """The seller's own line."""
    brand_slug: str | None = None
    brand_name: str | None = None
    model: str | None = None
    reference: str | None = None
    year_text: str | None = None
    image_urls: tuple[str, ...] = ()
    """Whole photographs (ExtraLarge), in the order of the page."""
    price: str | None = None
    price_amount: float | None = None
    currency: str | None = None
    condition: str | None = None
    dimensions: str | None = None
    """Of the case."""
    country: str | None = None
    private_seller: bool | None = None
    promoted: bool = False
    sheet: tuple[tuple[str, str], ...] = ()
    """Everything that the page labels, by ``section / label``."""
    description: str | None = None
    """The seller's text."""

    @property
    def year(self) -> int | None:
        """The first year that the date names."""
        return first_year(self.year_text or "")


@dataclass(frozen=True, slots=True)
class WatchList:
    """The watches of one page of a listing, each once, in the site's order."""

    cards: tuple[Chrono24Watch, ...]
    total: int | None
    """Watches in the whole listing, promoted ones among them."""
    last_page: int
    next_url: str | None


@dataclass(frozen=True, slots=True)
class BrandLink:
    """A brand that a page leads to."""

    slug: str
    name: str
    url: str
