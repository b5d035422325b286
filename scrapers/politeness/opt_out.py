"""The words by which a site keeps its works out of training sets: ``noai`` and ``noimageai``.

They come as X-Robots-Tag with an answer, or as ``<meta name="robots">`` in a page; either may be
addressed to one robot (``somebot: noai``), and Salon takes everything as addressed to itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_WORD: Final = re.compile(r"(?<![\w-])no(?:image)?ai(?![\w-])", re.IGNORECASE)
_META: Final = re.compile(r"<meta\b[^>]{0,2000}>", re.IGNORECASE)
_FOR_ROBOTS: Final = re.compile(
    r"""\bname\s*=\s*["']?\s*(?:robots|salon|ai)\b""",
    re.IGNORECASE,
)
_HEAD: Final = 200_000
"""Characters of a page in which its meta elements are looked for."""


def header_opts_out(headers: Mapping[str, str]) -> bool:
    """Whether the answer with these ``headers`` (names in lower case) is opted out.

    >>> header_opts_out({"x-robots-tag": "noindex, noimageai"})
    True
    """
    return _WORD.search(headers.get("x-robots-tag", "")) is not None


def page_opts_out(page: str) -> bool:
    """Whether a page opts out what it shows.

    >>> page_opts_out('<head><meta content="noai" name="robots">')
    True
    >>> page_opts_out('<p>noai</p><meta name="description" content="noai">')
    False
    """
    return any(
        _FOR_ROBOTS.search(meta[0]) and _WORD.search(meta[0])
        for meta in _META.finditer(page[:_HEAD])
    )
