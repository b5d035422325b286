"""What the gallery lists, before a pixel is painted: works, watches, creators, pictures."""

from __future__ import annotations

import hashlib
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
    born: int | None = None
    """The year; None for a brand."""
    died: int | None = None
    """The year; None for a living artist, too."""


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
class FileVersion:
    """What tells the bytes of one file from all others that its address ever led to."""

    tag: str
    """32 hex digits."""
    revision: int
    """The revision of the gallery that touched the file last; the bytes may have stayed."""

    @classmethod
    def of(cls, revision: int, *parts: object) -> FileVersion:
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
    place: str | None
    """Where it was painted, as in "Brussels, Belgium"."""
    styles: tuple[str, ...]
    genre: str
    media: tuple[str, ...]
    tags: tuple[str, ...]
    rights: str
    folder: str
    """Of the image hosts, where its files lie, with a slash at both ends."""
    suffix: str
    """Of its files, as they were uploaded: ``.jpg`` mostly."""
    opted_out: bool
    """Whether the site says that it must not be used for training."""
    picture: Picture

    def image_path(self, variant: str | None = None) -> str:
        """Path on the image host: of a derivative, or of the original where None is asked."""
        derived = f"!{variant}{self.suffix}" if variant else ""
        return f"{self.folder}{self.picture.key}{self.suffix}{derived}"


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
    opted_out: bool
    """Whether the site says that it must not be used for training."""
    pictures: tuple[Picture, ...]
