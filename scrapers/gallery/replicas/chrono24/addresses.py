"""The addresses of Chrono24: its hosts, its photographs, and where pages stand."""

from __future__ import annotations

import re
from typing import Final

from scrapers.gallery.catalogue.watches import LARGEST, SQUARES
from scrapers.gallery.items import Picture, Watch
from scrapers.gallery.web.messages import PageLayout
from scrapers.parsing.text import slug

WWW: Final = "https://www.chrono24.com"
IMG: Final = "https://img.chrono24.com"
CDN2: Final = "https://cdn2.chrono24.com"
HOSTS: Final[tuple[str, ...]] = (WWW, IMG, CDN2)

_SIZES = "|".join([LARGEST, *(f"Square{side}" for side in SQUARES)])
_IMAGE = re.compile(rf"/images/uhren/(?P<key>[^/]+)-(?P<size>{_SIZES})\.jpg")


IMAGE_HOSTS: Final = {PageLayout.OF_2024: CDN2, PageLayout.OF_2026: IMG}
"""That pages name: older ones the second. Either host has every photograph."""


def image_path(picture: Picture, size: str) -> str:
    """Path of a photograph on an image host."""
    return f"/images/uhren/{picture.key}-{size}.jpg"


def image_named(path: str) -> tuple[str, str] | None:
    """The key of the photograph and the size that ``path`` names; None where it names none."""
    named = _IMAGE.fullmatch(path)
    return None if named is None else (named["key"], named["size"])


def page_path(watch: Watch) -> str:
    """Path of a watch's own page."""
    return f"/{watch.brand.slug}/{watch.slug}--id{watch.id}.htm"


def model_path(watch: Watch) -> str:
    """Path of the listing of all watches of the same model."""
    return f"/{watch.brand.slug}/{slug(watch.model)}--mod{watch.model_id}.htm"


def reference_path(watch: Watch) -> str:
    """Path of the listing of all watches of the same reference."""
    return f"/{watch.brand.slug}/ref-{slug(watch.reference)}.htm"
