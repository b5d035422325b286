"""What hangs in the embedded gallery: every work and watch, before a single pixel is painted.

A catalogue is a pure function of a seed and a size. It knows what the replicas of the sites say
about each item (`scrapers.gallery.wikiart`, `scrapers.gallery.chrono24` render that) and how each
image is painted (`scrapers.gallery.paintings`, `scrapers.gallery.watches`) and spoilt
(`scrapers.gallery.defects`); bytes are only made when they are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Defect(StrEnum):
    """What was planted in an image."""

    EXACT_COPY = "exact_copy"
    """The same bytes as ``original`` under another address."""
    RE_ENCODED = "re_encoded"
    RESCALED = "rescaled"
    LIGHT_CROP = "light_crop"
    MIRRORED = "mirrored"
    WATERMARK = "watermark"
    TALL_STRIP = "tall_strip"
    BLANK = "blank"
    TRUNCATED = "truncated"
    HTML_PAGE = "html_page"
    TINY = "tiny"
    MISSING = "missing"
    """404 in every size."""
    PLACEHOLDER = "placeholder"
    """The listing points to the site's stand-in picture."""


@dataclass(frozen=True)
class Creator:
    """An artist or a brand; all of them are invented."""

    slug: str
    name: str


@dataclass(frozen=True)
class Picture:
    """One image file of the gallery."""

    key: str
    """Unique in the catalogue, stable under its seed; the path on the image host holds it."""
    width: int
    height: int
    defects: tuple[Defect, ...]
    original: str | None
    """Key of the picture of which this one is a copy."""


@dataclass(frozen=True)
class Work:
    """A painting as WikiArt lists it."""

    id: str
    """24 hex digits."""
    slug: str
    title: str
    artist: Creator
    year_text: str
    styles: tuple[str, ...]
    genre: str
    media: tuple[str, ...]
    tags: tuple[str, ...]
    rights: str
    picture: Picture

    @property
    def image_path(self) -> str:
        """Path of the original on the image host."""
        return f"/images/{self.artist.slug}/{self.picture.key}.jpg"


@dataclass(frozen=True)
class Watch:
    """A watch as Chrono24 lists it."""

    id: str
    """Eight digits."""
    slug: str
    title: str
    brand: Creator
    model: str
    model_id: str
    reference: str
    year_text: str
    price_usd: int | None
    """None where the price is on request."""
    condition: str
    case_material: str
    bracelet: str
    dial: str
    diameter_mm: int
    country: str
    private_seller: bool
    promoted: bool
    pictures: tuple[Picture, ...]
