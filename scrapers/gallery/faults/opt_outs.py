"""The words by which sites keep their works out of training sets, in every place they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from scrapers.gallery.faults.rules import Fault
from scrapers.gallery.web.messages import Request, Response

HEADERS: Final[dict[Fault, tuple[str, str]]] = {
    Fault.OPT_OUT: ("X-Robots-Tag", "noai"),
    Fault.OPT_OUT_IMAGES: ("X-Robots-Tag", "noimageai"),
    Fault.OPT_OUT_LEARNING: ("X-Robots-Tag", "noml"),
    Fault.OPT_OUT_ROBOT: ("X-Robots-Tag", "googlebot: noimageai"),
    Fault.OPT_OUT_SIGNAL: ("Content-Signal", "search=yes, ai-train=no"),
    Fault.OPT_OUT_TDM: ("tdm-reservation", "1"),
}
"""Come with every answer, 304 included."""

METAS: Final[dict[Fault, tuple[str, str]]] = {
    Fault.OPT_OUT_META: ("robots", "noai, noimageai"),
    Fault.OPT_OUT_META_LEARNING: ("robots", "noml"),
    Fault.OPT_OUT_META_ROBOT: ("googlebot", "noimageai"),
    Fault.OPT_OUT_META_TDM: ("tdm-reservation", "1"),
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
