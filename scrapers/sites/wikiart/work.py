"""One work of WikiArt, as one page or one JSON record shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scrapers.parsing.text import first_year

MOST_ROWS: Final = 3600
"""A listing by style, genre or media hands out no more than this, whatever it announces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size in which the picture can be fetched."""

    name: str
    """``Original``, ``HD``, ``Large``, ..."""
    url: str
    width: int | None = None
    """Pixels."""
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiArtWork:
    """What a page does not tell is None or empty."""

    layer: str
    sources: str
    page_url: str | None = None
    """Address of the work's own page."""
    id: str | None = None
    title: str | None = None
    original_title: str | None = None
    artist_slug: str | None = None
    artist_name: str | None = None
    year_text: str | None = None
    styles: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    """Paths of the listings by style, genre and media that the work's own page leads to, such as
    ``paintings-by-style/color-field-painting``."""
    period: str | None = None
    series: str | None = None
    location: str | None = None
    """Where it was made."""
    gallery: str | None = None
    """Where it hangs."""
    dimensions: str | None = None
    rights: str | None = None
    """The site's label, such as "Public domain" or "Fair Use"."""
    description: str | None = None
    image_url: str | None = None
    """The size that the page happens to name first: the original in JSON, a small one in lists."""
    width: int | None = None
    """Pixels of the original."""
    height: int | None = None
    derivatives: tuple[str, ...] | None = None
    """Names of the derivatives that exist, where a listing row announces them in its ``map``."""
    sizes: tuple[Size, ...] = ()
    """Every size with its address, where the work's own page lists them."""
    sheet: tuple[tuple[str, str], ...] = ()
    """Everything else that is labelled."""

    @property
    def name(self) -> str | None:
        """What tells it from the other works of a listing; None where nothing does."""
        return self.page_url or self.id or self.image_url

    @property
    def year(self) -> int | None:
        """The first year that the date names."""
        return first_year(self.year_text or "")


@dataclass(frozen=True, slots=True)
class WorkList:
    """The works of one page of a listing, in the site's order."""

    rows: tuple[WikiArtWork, ...]
    total: int | None
    """Works in the whole listing, where the page says so."""
    page_size: int | None = None
