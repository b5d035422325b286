"""What stands at an address of Chrono24, told from the address alone."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from scrapers.parsing.text import path_segments

WWW: Final = "https://www.chrono24.com"

BRAND_INDEX = re.compile(r"/(?P<brand>[^/]+)/index(-[0-9]+)?\.htm$")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)?chrono24\.(?:[a-z]{2,3}\.)?[a-z]{2,3}$")
"""The site has a mirror a country: the same pages in another language and currency."""
_FILTERED = re.compile(r"/[^/]+/(?:[^/]*--(?!id)[a-z]*[0-9]*(?:-[0-9]+)?|ref-[^/]+)\.htm$")
_ID = re.compile(r"--id([0-9]{1,19})\.htm$")
_PAGE = re.compile(r"-([0-9]{1,6})\.htm$")


def is_page_of(url: str) -> bool:
    """Whether ``url`` is an address of the site, or of one of its mirrors."""
    return _HOST.match(urlsplit(url).hostname or "") is not None


def page_kind(url: str) -> str:
    """What stands at an address of the site.

    One of ``detail``, ``listing``, ``search``, ``brands``, ``robots`` and ``other``.
    """
    path = urlsplit(url).path
    if path == "/robots.txt":
        return "robots"
    if path in {"", "/", "/search/browse.htm"}:
        return "brands"
    if listing_id(url) is not None:
        return "detail"
    if path.startswith("/search/"):
        return "search"
    return "listing" if BRAND_INDEX.match(path) or _FILTERED.match(path) else "other"


def listing_id(url: str) -> str | None:
    """The id in the address of a watch's page.

    >>> listing_id("https://www.chrono24.com/halden/polaris-ii--id30000017.htm")
    '30000017'
    """
    parts = urlsplit(url)
    in_path = _ID.search(parts.path)
    if in_path:
        return in_path[1]
    id_ = parse_qs(parts.query).get("id", [""])[0] if parts.path == "/search/detail.htm" else ""
    return id_ if id_.isascii() and id_.isdecimal() else None


def brand_of(page_url: str) -> str | None:
    """The brand's slug in the address of a watch's page; the neutral address names none."""
    segments = path_segments(page_url)
    named = len(segments) == 2 and segments[0] not in {"watches", "search"}
    return segments[0] if named else None


def page_number(url: str) -> int:
    """Which page of its listing stands at ``url``, from 1."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query).get("showpage", [""])[0]
    in_path = _PAGE.search(parts.path)
    number = asked if asked.isascii() and asked.isdecimal() else (in_path[1] if in_path else "1")
    return int(number[:6])
