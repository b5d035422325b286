"""Listings and pages that say less than they should, or the same again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from scrapers.gallery.web.messages import Request, Response
from scrapers.gallery.web.pages import JSON

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
