"""What stands at an address of WikiArt, told from the address alone."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from scrapers.parsing.text import absolute, path_segments

WWW: Final = "https://www.wikiart.org"

_LANGUAGE = re.compile(r"[a-z]{2}$")
_WORKS: Final = {"all-works", "mode"}
_APP: Final = {"app", "api", "alphabet", "search", "autocomplete", "login"}
_ONE_WORK = re.compile(r"/(?:app/painting/imagejson/|api/2/painting$)", re.IGNORECASE)


def is_page_of(url: str) -> bool:
    """Whether ``url`` is an address of the site."""
    host = urlsplit(url).hostname or ""
    return host == "wikiart.org" or host.endswith(".wikiart.org")


def page_kind(url: str) -> str:
    """What stands at an address of the site.

    One of ``listing-json``, ``record-json`` (one work), ``artist-json``, ``text-list``,
    ``artist-list``, ``gallery``, ``detail``, ``sitemap``, ``robots`` and ``other``.
    """
    path = urlsplit(url).path
    segments = path_segments(url)
    if segments == ["robots.txt"]:
        return "robots"
    if segments[:1] == ["sitemap"] and path.endswith(".xml"):
        return "sitemap"
    if not segments or not _LANGUAGE.match(segments[0]):
        return "other"
    if _ONE_WORK.search(path):
        return "record-json"
    query = parse_qs(urlsplit(url).query)
    if "json" in query or segments[1:2] == ["api"]:
        return _json_kind(segments[1:], query)
    return _html_kind(segments[1:])


def _json_kind(segments: list[str], query: dict[str, list[str]]) -> str:
    names = [segment.lower() for segment in segments]
    if names[:1] == ["app"]:
        of_works = names[1:2] == ["painting"] or names[-1].startswith("painting")
        return "listing-json" if of_works else "other"
    if names[:1] == ["api"]:
        return "listing-json" if names[-1].startswith("painting") else "other"
    if names[:1] in (["alphabet"], ["autocomplete"]) or _is_index_of_artists(names):
        return "other"
    one_name = len(names) == 1 and not names[0].startswith("popular-")
    return "artist-json" if one_name and "page" not in query else "listing-json"


def _html_kind(segments: list[str]) -> str:
    if not segments:
        return "other"
    if segments[-1] == "text-list":
        return "text-list" if segments[1:2] == ["all-works"] else "artist-list"
    if segments[0].lower() in _APP or _is_index_of_artists(segments):
        return "other"
    of_works = segments[0].startswith("paintings-by-")
    if of_works:
        return "gallery" if len(segments) > 1 else "other"
    if len(segments) == 1 or segments[1] in _WORKS:
        return "gallery"
    return "detail" if len(segments) == 2 else "other"


def _is_index_of_artists(segments: list[str]) -> bool:
    return segments[0].startswith("artists-by-") if segments else False


def work_path(url: str) -> str:
    """``artist/work`` of the address of a work's own page, whatever its language."""
    return "/".join(unquote(segment) for segment in path_segments(url)[1:])


def artist_of(url: str | None) -> str | None:
    """The slug of the artist in the address of a work's own page; None for other addresses."""
    if url is None or page_kind(url) != "detail":
        return None
    return unquote(path_segments(url)[1])


def artist_at(url: str | None) -> str | None:
    """The slug of the artist whose page stands at ``url``; None for other addresses.

    >>> artist_at("https://www.wikiart.org/en/orla-venn")
    'orla-venn'
    """
    segments = [] if url is None else path_segments(url)
    if url is None or len(segments) != 2 or page_kind(url) != "gallery":
        return None
    return unquote(segments[1])


def same_site(url: str, href: object) -> str | None:
    """``href`` as an address of the host that served ``url``; None when it leads elsewhere."""
    target = absolute(url, href) if isinstance(href, str) else None
    if target is None or urlsplit(target).netloc != urlsplit(url).netloc:
        return None
    return target.partition("#")[0]
