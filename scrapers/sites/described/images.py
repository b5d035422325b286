"""Addresses of images: which of those that an element names, in which size, and of which image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from scrapers.parsing.text import absolute
from scrapers.sites.described import bounded
from scrapers.sites.described.description_schema import Image
from scrapers.sites.described.field_rule import Rewriting

_SETS: Final = ("data-srcset", "data-lazy-srcset", "srcset")
_LAZY: Final = (
    "data-zoom-image", "data-full", "data-large", "data-original", "data-lazy-src", "data-lazy",
    "data-src",
)  # fmt: skip
"""Where lazy images keep what they will show, the largest first."""
_PICTURE: Final = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)(?:[?#]\S*)?\Z", re.IGNORECASE)
_LONGEST: Final = 2_000
"""Characters of an address."""
_BACKGROUND: Final = re.compile(r"url\(\s*['\"]?([^'\")]+)")
_DESCRIPTOR: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([wx])")
_NOTHING: Final = ("data:", "about:", "javascript:", "blob:")


def srcset(text: str) -> str | None:
    """The address of the largest candidate of a ``srcset``; commas may stand inside addresses.

    >>> srcset("/i/w_300,h_300/a.jpg 300w, /i/w_900,h_900/a.jpg 900w")
    '/i/w_900,h_900/a.jpg'
    """
    best: tuple[float, str] | None = None
    address, weight = "", 0.0
    words = text.split()[::-1]
    while words:
        word = words.pop()
        ends = word.endswith(",")
        if not address:
            address = word.strip(",")
        else:
            word, comma, behind = word.partition(",")
            if behind:
                words.append(behind)
            ends = bool(comma)
        weight = max(weight, _weight(word))
        if address and (ends or not words) and (best is None or weight > best[0]):
            best = (weight, address)
        address, weight = ("", 0.0) if ends else (address, weight)
    return None if best is None else best[1]


def _weight(descriptor: str) -> float:
    """Width, or a density far below any width: the two do not mix in one set."""
    written = _DESCRIPTOR.fullmatch(descriptor)
    if written is None:
        return 0.001
    return float(written[1]) * (1.0 if written[2] == "w" else 0.001)


def named_by(element: Any) -> Iterator[str]:
    """Every address that an image element names, the best first; of other elements those below."""
    if element.tag == "picture" or (element.tag not in _SELF and not _style(element)):
        for image in element.iter("img", "amp-img"):
            yield from named_by(image)
        return
    around = next(element.iterancestors("picture"), None)  # its sources are read as around the img
    sources = [] if around is None else [*around.iter("source")]
    for holder in (element, *sources):
        for name in _SETS:
            largest = srcset(holder.get(name) or "")
            if largest is not None:
                yield largest
    yield from _lazy(element)
    for name in ("src", "href", "content"):
        if element.get(name):
            yield element.get(name)
    yield from _style(element)


_SELF: Final = frozenset({"img", "source", "a", "link", "meta", "amp-img", "video"})


def _lazy(element: Any) -> Iterator[str]:
    for name in _LAZY:
        if element.get(name):
            yield element.get(name)
    for name, value in element.attrib.items():
        is_other = name.startswith("data-") and name not in (*_LAZY, *_SETS)
        if is_other and len(value) <= _LONGEST and _is_picture(value.strip()):
            yield value


def _is_picture(text: str) -> bool:
    return not any(c.isspace() or c in "{}" for c in text) and bool(_PICTURE.search(text))


def _style(element: Any) -> list[str]:
    return _BACKGROUND.findall(element.get("style") or "")[:1]


def best_address(addresses: Iterator[str], base: str, image: Image) -> str | None:
    """The first address of a picture of the site; its stand-in only where there is no other."""
    stand_in = None
    for address in addresses:
        text = address.strip()
        url = None if text.lower().startswith(_NOTHING) else absolute(base, text)
        if url is None:
            continue
        if is_placeholder(url, image):
            stand_in = stand_in or url
        elif image.only is None or bounded.regex(image.only).search(url):
            return url
    return stand_in


def is_placeholder(url: str, image: Image) -> bool:
    """Whether the address is the site's stand-in for a picture."""
    return image.placeholder is not None and bool(bounded.regex(image.placeholder).search(url))


def rewritten(text: str, rewriting: Rewriting | None) -> str:
    """``text`` with what the regex matches first replaced; unchanged where it matches nothing."""
    if rewriting is None:
        return text
    match = bounded.regex(rewriting.re).search(text)
    if match is None:
        return text
    made: str = match.expand(bounded.replacement(rewriting.to))
    return text[: match.start()] + made + text[match.end() :]


def of_size(url: str, size: str, image: Image) -> str:
    """The address of the image at ``url`` in a size that the description names."""
    return rewritten(url, image.sizes.get(size))


def image_key(url: str, image: Image) -> str:
    """What the addresses of all sizes of one image share, whichever host serves it."""
    usual = rewritten(url, next(iter(image.sizes.values()), None))
    if image.key is not None:
        return rewritten(unquote(_path(url)), image.key)
    return unquote(_path(usual))


def _path(url: str) -> str:
    """Without host and query: a file that was saved has neither in its name."""
    return urlsplit(url).path.lstrip("/")
