"""What hangs in the embedded gallery: every work and watch, before a single pixel is painted.

A catalogue is a pure function of a seed and a size. It knows what the replicas of the sites say
about each item (`scrapers.gallery.wikiart`, `scrapers.gallery.chrono24` render that) and how each
image is painted (`scrapers.gallery.paintings`, `scrapers.gallery.watches`) and spoilt
(`scrapers.gallery.defects`); bytes are only made when they are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Defect(StrEnum):
    """What was planted in an image."""

    EXACT_COPY = "exact_copy"
    """The same bytes as ``original`` under another address."""
    RE_ENCODED = "re_encoded"
    RESCALED = "rescaled"
    LIGHT_CROP = "light_crop"
    MIRRORED = "mirrored"
    THUMBNAIL = "thumbnail"
    BLURRED = "blurred"
    TONED = "toned"
    """Other brightness, contrast or colour temperature."""
    QUARTER_TURNED = "quarter_turned"
    MARKED_COPY = "marked_copy"
    """A copy over which somebody else has laid a mark."""
    TILTED = "tilted"
    BORDERED = "bordered"
    """Scanned with a white border."""
    COLOURWAY = "colourway"
    """No copy: another work of the same composition in other colours."""
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
class Version:
    """What tells the bytes of one file from all others that its address ever led to."""

    tag: str
    """32 hex digits."""
    revision: int
    """The revision of the gallery that touched the file last; the bytes may have stayed."""

    @classmethod
    def of(cls, revision: int, *parts: object) -> Version:
        """The version that follows from ``parts``."""
        text = " ".join(map(str, parts))
        return cls(hashlib.sha256(text.encode()).hexdigest()[:32], revision)


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


class PaintingCatalogue(Protocol):
    """The paintings of a gallery; items and bytes are made when they are asked for."""

    @property
    def creators(self) -> tuple[Creator, ...]:
        """All artists."""

    @property
    def shared(self) -> Mapping[str, str]:
        """The style and the genre that all works have."""

    @property
    def works(self) -> Sequence[Work]:
        """All works, in the order of the site; the items are not kept."""

    def works_of(self, artist: str) -> Sequence[Work]:
        """The works of the artist with that slug, in O(1); empty for an unknown one."""

    def work(self, artist: str, name: str) -> Work | None:
        """The work at ``/en/{artist}/{name}``, in O(1)."""

    def picture(self, key: str) -> Picture | None:
        """The picture with that key, in O(1)."""

    def version(self, picture: Picture, variant: str | None) -> Version:
        """What changes whenever the bytes of `image` do; nothing is painted for it."""

    def image(self, picture: Picture, variant: str | None) -> bytes | None:
        """What is served for a derivative (None: the original); None where it does not exist."""


class WatchCatalogue(Protocol):
    """The watches of a gallery; items and bytes are made when they are asked for."""

    @property
    def creators(self) -> tuple[Creator, ...]:
        """All brands."""

    @property
    def watches(self) -> Sequence[Watch]:
        """All watches, in the order of the site; the items are not kept."""

    def watches_of(self, brand: str) -> Sequence[Watch]:
        """The watches of the brand with that slug, in O(1); empty for an unknown one."""

    def watch(self, watch_id: str) -> Watch | None:
        """The watch with that id, in O(1)."""

    def picture(self, key: str) -> Picture | None:
        """The picture with that key, in O(1)."""

    def version(self, picture: Picture, variant: str) -> Version:
        """What changes whenever the bytes of `image` do; nothing is drawn for it."""

    def image(self, picture: Picture, variant: str) -> bytes | None:
        """What is served as ``ExtraLarge`` or ``Square280``; None where it does not exist."""


def paintings(seed: int, works: int, creators: int, revision: int = 0) -> PaintingCatalogue:
    """The gallery of ``works`` paintings by ``creators`` artists that ``seed`` names.

    ``revision`` says how often it has changed since it opened.
    """
    from scrapers.gallery.paintings import Paintings

    return Paintings(seed, works, creators, revision)


def watches(
    seed: int, watches: int, creators: int, revision: int = 0, kind: str = "site"
) -> WatchCatalogue:
    """The gallery of ``watches`` watches by ``creators`` brands that ``seed`` names.

    ``revision`` says how often it has changed since it opened; of ``kind`` "shop", all watches are
    shown as one shop shows them.
    """
    if kind == "shop":
        from scrapers.gallery.shop.catalogue import Shop

        return Shop(seed, watches, creators, revision)
    from scrapers.gallery.watches import Watches

    return Watches(seed, watches, creators, revision)
