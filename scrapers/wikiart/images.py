"""Addresses of WikiArt's images: the original, its derivatives, and the stand-in picture.

``https://uploads8.wikiart.org/images/{artist}/{file}.jpg`` is the original as uploaded;
``...jpg!Large.jpg`` is the same picture scaled down to fit a box. A derivative exists only where
the original reaches its box; host and file name cannot be guessed and are always taken from data.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

ORIGINAL: Final = "original"


@dataclass(frozen=True)
class Variant:
    """A derivative: the box it fits, and from which size of the original on it is made."""

    name: str
    box: tuple[int, int]
    """Largest width and height, in pixels; 0 leaves that side free."""
    min_width: int
    min_height: int
    digit: int
    """Its place in the ``map`` of a listing row."""

    def exists_for(self, width: int, height: int) -> bool:
        """Whether an original of this size has the derivative: either side reaches its bound."""
        return width >= self.min_width or height >= self.min_height


VARIANTS: Final = (
    Variant("HD", (1920, 1200), 1920, 1200, 5),
    Variant("HalfHD", (1280, 800), 1280, 800, 4),
    Variant("Large", (750, 600), 750, 600, 1),
    Variant("Blog", (500, 500), 500, 500, 0),
    Variant("Portrait", (400, 400), 400, 335, 3),
    Variant("PinterestLarge", (280, 0), 0, 0, 7),
    Variant("PinterestSmall", (210, 0), 0, 0, 6),
)
"""Largest first. The bounds are inferred from the ``map`` of several hundred rows."""

_ALWAYS_IN_MAP: Final = 2
_MAP_LENGTH: Final = 9
_NO_PICTURE: Final = ("FRAME-600x480.jpg", "lazy-load-placeholder.png")


def image_key(url: str) -> str:
    """The address of the original: what all derivatives of one picture share."""
    return url.partition("!")[0]


def image_of_size(url: str, size: str) -> str:
    """The address of the picture at ``url`` in another size: a variant's name or ``original``.

    >>> image_of_size("https://uploads8.wikiart.org/images/a/b.jpeg!Blog.jpeg", "Large")
    'https://uploads8.wikiart.org/images/a/b.jpeg!Large.jpeg'
    """
    key = image_key(url)
    if size == ORIGINAL:
        return key
    suffix = PurePosixPath(urlsplit(key).path).suffix.lower()
    return f"{key}!{size}{suffix if suffix in {'.jpg', '.jpeg'} else '.jpg'}"


def is_placeholder(url: str) -> bool:
    """Whether ``url`` is the frame shown for a withheld image, or a picture not yet loaded."""
    return url.startswith("data:") or url.endswith(_NO_PICTURE)


def sizes_for(width: int, height: int) -> tuple[str, ...]:
    """Names of the derivatives that an original of ``width`` x ``height`` pixels has."""
    return tuple(v.name for v in VARIANTS if v.exists_for(width, height))


def size_map(sizes: tuple[str, ...]) -> str:
    """The ``map`` of a listing row: a digit for each derivative that exists, else ``*``.

    >>> size_map(("Large", "Blog", "PinterestLarge", "PinterestSmall"))
    '012***67*'
    """
    present = {v.digit for v in VARIANTS if v.name in sizes} | {_ALWAYS_IN_MAP}
    return "".join(str(i) if i in present else "*" for i in range(_MAP_LENGTH))


def sizes_in_map(text: str) -> tuple[str, ...]:
    """Names of the derivatives that the ``map`` of a listing row announces, largest first."""
    return tuple(v.name for v in VARIANTS if str(v.digit) in text)
