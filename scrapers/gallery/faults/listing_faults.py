"""Listings that say less than they should or the same again, and all the words of an opt-out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from scrapers.gallery.faults.fault_rules import SiteFault
from scrapers.gallery.web.messages import Request, Response
from scrapers.gallery.web.responses import JSON

Ask = Callable[[Request], Response]
"""What the replica says to a request."""

_ROWS: Final = "Paintings"
_COUNT: Final = "AllPaintingsCount"
_PAGE: Final = "page"
_MAP: Final = re.compile(rb'("|&#34;)map\1: \1[0-9*]*\1, ')


def shifted(ask: Ask, request: Request) -> Response:
    """The page of a JSON listing after a work was put in front of all others."""
    number = request.query.get(_PAGE, "1")
    answer = ask(request)
    if number == "1" or answer.content_type != JSON:
        return answer
    before = ask(_of_page(request, str(int(number) - 1)))
    listing, previous = json.loads(answer.body), json.loads(before.body)
    rows = [*(previous[_ROWS] or [])[-1:], *(listing[_ROWS] or [])]
    return _with(answer, listing | {_ROWS: rows})


def without_count(ask: Ask, request: Request) -> Response:
    """The first page of a JSON listing, whichever was asked for, without the count."""
    if _PAGE not in request.query:
        return ask(request)
    answer = ask(_of_page(request, "1"))
    if answer.content_type != JSON:
        return answer
    return _with(answer, json.loads(answer.body) | {_COUNT: None})


def without_map(answer: Response) -> Response:
    """Rows or a page that do not tell which sizes of a picture exist."""
    return replace(answer, body=_MAP.sub(b"", answer.body))


def _of_page(request: Request, number: str) -> Request:
    return replace(request, query={**request.query, _PAGE: number})


def _with(answer: Response, document: object) -> Response:
    return replace(answer, body=json.dumps(document, ensure_ascii=False).encode())


HEADERS: Final[dict[SiteFault, tuple[str, str]]] = {
    SiteFault.OPT_OUT: ("X-Robots-Tag", "noai"),
    SiteFault.OPT_OUT_IMAGES: ("X-Robots-Tag", "noimageai"),
    SiteFault.OPT_OUT_LEARNING: ("X-Robots-Tag", "noml"),
    SiteFault.OPT_OUT_ROBOT: ("X-Robots-Tag", "googlebot: noimageai"),
    SiteFault.OPT_OUT_SIGNAL: ("Content-Signal", "search=yes, ai-train=no"),
    SiteFault.OPT_OUT_TDM: ("tdm-reservation", "1"),
}
"""Come with every answer, 304 included."""

METAS: Final[dict[SiteFault, tuple[str, str]]] = {
    SiteFault.OPT_OUT_META: ("robots", "noai, noimageai"),
    SiteFault.OPT_OUT_META_LEARNING: ("robots", "noml"),
    SiteFault.OPT_OUT_META_ROBOT: ("googlebot", "noimageai"),
    SiteFault.OPT_OUT_META_TDM: ("tdm-reservation", "1"),
}

_HEAD: Final = b"<head>"
_SIGNAL: Final = b"\nContent-Signal: search=yes, ai-train=no"
_ALL_ROBOTS: Final = b"User-agent: *"


def by_header(answer: Response, name: str, value: str) -> Response:
    """``answer`` with the word in a header."""
    return replace(answer, headers={**answer.headers, name: value})


def by_meta(answer: Response, name: str, content: str) -> Response:
    """``answer`` with the word in its head, or in front of whatever has none."""
    meta = f'<meta name="{name}" content="{content}">'.encode()
    head, tag, rest = answer.body.partition(_HEAD)
    body = head + tag + meta + rest if tag else meta + answer.body
    return replace(answer, body=body)


def by_robots_txt(answer: Response, request: Request) -> Response:
    """robots.txt with the word for all robots; any other answer as it is."""
    if request.path != "/robots.txt":
        return answer
    head, group, rest = answer.body.partition(_ALL_ROBOTS)
    return replace(answer, body=head + (group or _ALL_ROBOTS) + _SIGNAL + (rest or b"\n"))
