"""Addresses of WikiArt's images: the original, its derivatives, and the stand-in picture.

``https://uploads8.wikiart.org/images/{artist}/{file}.jpg`` is the original as uploaded;
``...jpg!Large.jpg`` is the same picture scaled down to fit a box. A derivative exists only where
the original reaches its box; host and file name cannot be guessed and are always taken from data.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

ORIGINAL: Final = "original"


_IN_MAP: Final = (
    "Blog",
    "Large",
    "PortraitSmall",
    "Portrait",
    "HalfHD",
    "HD",
    "PinterestSmall",
    "PinterestLarge",
)
"""Derivatives in the order in which the ``map`` of a listing row counts them (inferred)."""
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


def sizes_in_map(text: str) -> tuple[str, ...]:
    """Derivatives that the ``map`` of a listing row announces: digit i where the i-th exists.

    >>> sizes_in_map("0123**67*")
    ('Blog', 'Large', 'PortraitSmall', 'Portrait', 'PinterestSmall', 'PinterestLarge')
    """
    return tuple(name for i, name in enumerate(_IN_MAP) if str(i) in text)
