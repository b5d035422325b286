"""Addresses of WikiArt's images: the original, its derivatives, and the stand-in picture.

``https://uploads8.wikiart.org/images/{artist}/{file}.jpg`` is the original as uploaded;
``...jpg!Large.jpg`` is the same picture scaled down to fit a box. A derivative exists only where
the original reaches its box; host and file name cannot be guessed and are always taken from data.
"""

from __future__ import annotations

from posixpath import splitext
from typing import Final
from urllib.parse import urlsplit

from scrapers.sites.wikiart.work import Work

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
_FOLDERS: Final = ("/images/", "/temp/", "/Content/")


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
    suffix = splitext(urlsplit(key).path)[1].lower()
    return f"{key}!{size}{suffix if suffix in {'.jpg', '.jpeg'} else '.jpg'}"


def is_picture(url: str) -> bool:
    """Whether ``url`` leads into one of the folders in which the site keeps pictures."""
    return any(folder in urlsplit(url).path for folder in _FOLDERS)


def is_placeholder(url: str) -> bool:
    """Whether ``url`` is the frame shown for a withheld image, or a picture not yet loaded."""
    return url.startswith("data:") or url.endswith(_NO_PICTURE)


def sizes_in_map(text: str) -> tuple[str, ...]:
    """Derivatives that the ``map`` of a listing row announces: digit i where the i-th exists.

    >>> sizes_in_map("0123**67*")
    ('Blog', 'Large', 'PortraitSmall', 'Portrait', 'PinterestSmall', 'PinterestLarge')
    """
    return tuple(name for i, name in enumerate(_IN_MAP) if str(i) in text)


def addresses(work: Work, size: str) -> tuple[str, ...]:
    """Where to look for the picture of ``work`` in ``size``, best first; empty without a picture.

    What the page lists is believed before what a listing's ``map`` announces. A derivative is
    missing where the original does not reach its box, so the original stands in for it.
    """
    if work.image_url is None:
        return ()
    if is_placeholder(work.image_url):
        return (work.image_url,)
    original, derivative = image_key(work.image_url), image_of_size(work.image_url, size)
    listed = {entry.name.lower(): entry.url for entry in work.sizes}
    original, absent = listed.get(ORIGINAL, original), derivative == original
    if listed:
        derivative, absent = listed.get(size.lower(), derivative), size.lower() not in listed
    elif work.derivatives is not None:
        absent = size not in work.derivatives
    order = (original, derivative) if absent else (derivative, original)
    return tuple(dict.fromkeys(order))
