"""Addresses of WikiArt's images: the original, its derivatives, and the stand-in picture.

``https://uploads5.wikiart.org/images/raphael/vision-of-a-knight.jpg`` is the original as uploaded;
``https://uploads6.wikiart.org/images/raphael/vision-of-a-knight.jpg!Large.jpg`` is the same picture
scaled down to fit a box, on a host of its own. A derivative exists only where the original reaches
its box. Addresses that a page states are believed; one is made only of a size that no page states.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import splitext
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from scrapers.sites.wikiart.work import WikiArtWork

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
_PICTURE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|tiff?)$", re.IGNORECASE)
_VARIANT: Final = re.compile(
    r"(?P<original>.*\.\w{3,4})(?:!|%21)(?P<name>[A-Za-z]+)(?P<suffix>\.\w{3,4})?$", re.DOTALL
)
"""``mill.png!Large.png``; a file may have a ``!`` in its own name, such as ``help!.jpg``."""
_HOST: Final = re.compile(r"(?P<name>(?:use2-)?uploads)(?P<number>[0-9])(?P<domain>\.wikiart\.org)")
_HOSTS: Final = 9
"""``uploads0`` to ``uploads8``."""


class _Variant(NamedTuple):
    """What the path of an image says of its size."""

    original: str
    """The path of the original."""
    name: str
    suffix: str
    """What ends the address of a derivative; the site repeats there what ends the file."""


def image_key(url: str) -> str:
    """What the addresses of all sizes of one picture share: the original's path, unescaped.

    Neither scheme nor host: the host changes with the size. The five digits before some ``images``
    belong to it: artists have a ``1.jpg`` in more than one such folder.

    >>> image_key("https://uploads6.wikiart.org/00109/images/a/caf%C3%A9.jpg!Large.jpg")
    '00109/images/a/café.jpg'
    """
    return _variant(unquote(urlsplit(url).path)).original.lstrip("/")


def image_of_size(url: str, size: str) -> str:
    """The address of the picture at ``url`` in another size: a variant's name or ``original``.

    >>> image_of_size("https://uploads5.wikiart.org/images/raphael/vision-of-a-knight.jpg", "Large")
    'https://uploads6.wikiart.org/images/raphael/vision-of-a-knight.jpg!Large.jpg'
    """
    return next(_of_size(url, size))


def image_saved_as(url: str, name: str) -> str:
    """The address of the picture at ``url`` in the size that the file ``name`` has.

    >>> url = "https://uploads5.wikiart.org/images/raphael/vision-of-a-knight.jpg"
    >>> image_saved_as(url, "vision-of-a-knight.jpg!Large.jpg")
    'https://uploads6.wikiart.org/images/raphael/vision-of-a-knight.jpg!Large.jpg'
    """
    return image_of_size(url, _variant(name).name)


def _of_size(url: str, size: str) -> Iterator[str]:
    """The picture's addresses in another size: on the host it should have, then on that of ``url``.

    The address of the size that ``url`` itself has is the one stated.
    """
    parts = urlsplit(url)
    stated = _variant(parts.path)
    if size.lower() == stated.name.lower():
        yield url
        return
    path = stated.original if size == ORIGINAL else f"{stated.original}!{size}{stated.suffix}"
    yield urlunsplit((parts.scheme, _host_of(parts.netloc, parts.path, path), path, "", ""))
    yield urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _variant(path: str) -> _Variant:
    written = _VARIANT.match(path)
    if written is None:
        return _Variant(path, ORIGINAL, _suffix(path))
    original = written["original"]
    return _Variant(original, written["name"], written["suffix"] or _suffix(original))


def _suffix(path: str) -> str:
    """What ends a file's name, also of one that begins with dots, such as ``..jpg``."""
    return splitext(path.replace("/.", "/_"))[1]


def _host_of(host: str, stated: str, path: str) -> str:
    """The host of ``path``, a size of the picture that stands at the path ``stated`` of ``host``.

    The site picks a host by the length of the path. Below ``/images/`` the rule was compared with
    83,432 addresses and held for each. Elsewhere (numbered folders, the root) its start is not
    known, so it is counted from the host of the address that a page states.
    """
    known = _HOST.fullmatch(host)
    if known is None:
        return host
    if path.startswith("/images/"):
        number = host_number(path)
    else:
        number = (int(known["number"]) + len(unquote(path)) - len(unquote(stated))) % _HOSTS
    return f"{known['name']}{number}{known['domain']}"


def host_number(path: str) -> int:
    """Which of the image hosts serves a path below ``/images/``, the variant included.

    >>> host_number("/images/raphael/vision-of-a-knight.jpg!Portrait.jpg")
    0
    """
    return (len(unquote(path)) - 6) % _HOSTS


def is_picture(url: str, page_url: str) -> bool:
    """Whether ``url``, found in the page at ``page_url``, leads to a picture of the site.

    Pictures lie in a few folders, some in the root of an image host. A page that was saved may name
    its own copy, which then seems to lie beside the page.
    """
    parts = urlsplit(url)
    if any(folder in parts.path for folder in _FOLDERS):
        return True
    is_elsewhere = parts.netloc != urlsplit(page_url).netloc
    return is_elsewhere and _PICTURE.search(_variant(parts.path).original) is not None


def is_placeholder(url: str) -> bool:
    """Whether ``url`` is the frame shown for a withheld image, or a picture not yet loaded."""
    return url.startswith("data:") or image_key(url).endswith(_NO_PICTURE)


def sizes_in_map(text: str) -> tuple[str, ...]:
    """Derivatives that the ``map`` of a listing row announces: digit i where the i-th exists.

    >>> sizes_in_map("0123**67*")
    ('Blog', 'Large', 'PortraitSmall', 'Portrait', 'PinterestSmall', 'PinterestLarge')
    """
    return tuple(name for i, name in enumerate(_IN_MAP) if str(i) in text)


def addresses(work: WikiArtWork, size: str) -> tuple[str, ...]:
    """Where to look for the picture of ``work`` in ``size``, best first; empty without a picture.

    The addresses of ``work`` are canonical. What the page lists is believed before what a listing's
    ``map`` announces. A derivative is missing where the original does not reach its box, so the
    original stands in for it.
    """
    if work.image_url is None:
        return ()
    if is_placeholder(work.image_url):
        return (work.image_url,)
    stated = {entry.name.lower(): entry.url for entry in work.sizes}
    originals = [stated[ORIGINAL]] if ORIGINAL in stated else [*_of_size(work.image_url, ORIGINAL)]
    if size == ORIGINAL:
        return tuple(dict.fromkeys(originals))
    listed = stated.get(size.lower())
    derivatives = [*_of_size(work.image_url, size)] if listed is None else [listed]
    if _is_absent(work, size, stated):
        return tuple(dict.fromkeys([*originals, *derivatives]))
    return tuple(dict.fromkeys([*derivatives, *originals]))


def _is_absent(work: WikiArtWork, size: str, stated: dict[str, str]) -> bool:
    """Whether the page, or the listing, tells that the picture is not kept in that size."""
    if stated:
        return size.lower() not in stated
    return work.derivatives is not None and size not in work.derivatives
