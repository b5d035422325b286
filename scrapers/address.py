"""Addresses: how a site names its pages, and where they are really fetched from.

Walks, plans and tables speak *canonical* URLs only (``https://www.wikiart.org/...``). The *wire*
origin is the one that answers: the same for the live site, ``http://127.0.0.1:<port>`` for the
embedded gallery, whose pages hold links with that port.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

FILE_SCHEME: Final = "file:"
"""How addresses of people's own files begin."""


def origin_of(url: str) -> str:
    """Scheme, host and port of ``url``.

    >>> origin_of("https://www.wikiart.org/en/some-artist?json=2")
    'https://www.wikiart.org'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def file_url(name: str) -> str:
    """The address of a file of one's own called ``name``, in ASCII whatever the name is made of.

    >>> file_url("Zürich/a b.jpg")
    'file:Z%C3%BCrich/a%20b.jpg'
    """
    return FILE_SCHEME + quote(os.fsencode(name))


def file_name(url: str) -> str:
    """The name that `file_url` was given."""
    return unquote_to_bytes(url.removeprefix(FILE_SCHEME)).decode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class AddressBook:
    """Canonical origins and the wire origins that stand for them; empty for a live site."""

    wire_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether requests go to the sites themselves."""
        return not self.wire_of

    def to_wire(self, url: str) -> str:
        """Where the canonical ``url`` is fetched from.

        >>> AddressBook({"https://a.org": "http://127.0.0.1:8000"}).to_wire("https://a.org/x?y=1")
        'http://127.0.0.1:8000/x?y=1'
        """
        return _with_origin(url, self.wire_of)

    def to_canonical(self, url: str) -> str:
        """The site's own name for what was fetched from (or linked as) ``url``."""
        return _with_origin(url, {wire: canonical for canonical, wire in self.wire_of.items()})

    def contradicts(self, other: AddressBook) -> bool:
        """Whether a wire origin means one site here and another there."""
        mine = {wire: canonical for canonical, wire in self.wire_of.items()}
        return any(
            mine.get(wire, canonical) != canonical for canonical, wire in other.wire_of.items()
        )


def _with_origin(url: str, origins: Mapping[str, str]) -> str:
    origin = origin_of(url)
    replacement = origins.get(origin)
    return url if replacement is None else replacement + url[len(origin) :]
