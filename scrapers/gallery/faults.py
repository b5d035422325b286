"""A gallery that misbehaves on request, as sites, lines and people in between do.

A rule says which addresses fail, how, and how often: ``too_many:/images/*:2`` answers the first
two requests for each image with 429. Whatever no rule claims is answered as ever.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import quote, urlencode

from pipeline.core.errors import UsageError
from scrapers.gallery.response import HTML, JSON, Delivery, Replica, Request, Response

_CHALLENGE: Final = b"<!doctype html><title>Just a moment...</title><form id=challenge-form></form>"
_OTHER_PAGE: Final = "<!doctype html><title>New</title><main>{}</main>".format(
    "<p>Nothing of this page is where it was last year.</p>" * 60
).encode()
_QUOTA: Final = b'{"Exception": {"Message": "Free API limit exceeded"}}'
_ROWS: Final = "Paintings"
_MB: Final = 1_000_000
_BOMB_MB: Final = 200
_GZIP: Final = 16 + zlib.MAX_WBITS


class Fault(StrEnum):
    """What goes wrong, and what it stands for."""

    SERVER_ERROR = "server_error"
    """500."""
    BUSY = "busy"
    """503 with Retry-After: 1."""
    TOO_MANY = "too_many"
    """429 with Retry-After: 1."""
    COME_TOMORROW = "come_tomorrow"
    """429 with a Retry-After of a day."""
    QUOTA = "quota"
    """500 with the words of a used-up quota."""
    GONE = "gone"
    """404."""
    FORBIDDEN = "forbidden"
    """403."""
    UNAUTHORIZED = "unauthorized"
    """401."""
    LOGIN = "login"
    """302 to a login form."""
    CHALLENGE = "challenge"
    """403 with a page that asks for proof of being human."""
    CHALLENGE_200 = "challenge_200"
    """The same page with status 200."""
    DEAD_ID = "dead_id"
    """302 to a page of errors that answers 500."""
    REDIRECT_LOOP = "redirect_loop"
    """302 to itself."""
    REDIRECT_AWAY = "redirect_away"
    """302 to another host."""
    REDIRECT_PRIVATE = "redirect_private"
    """302 into a private network."""
    RESET = "reset"
    """The connection is reset in place of an answer."""
    HANG_UP = "hang_up"
    """The connection is closed in place of an answer."""
    SILENT = "silent"
    """No answer comes."""
    SLOW = "slow"
    """A byte now and then."""
    TORN = "torn"
    """The connection ends in the middle of the body."""
    WRONG_LENGTH = "wrong_length"
    """More is announced than there is; the connection stays open."""
    EMPTY = "empty"
    """200 without a body."""
    HTML_PAGE = "html_page"
    """An ordinary page in place of whatever was asked for."""
    NEW_LAYOUT = "new_layout"
    """A page of full size with none of the known marks."""
    BOMB = "bomb"
    """A few kilobytes that unpack to hundreds of megabytes."""
    OPT_OUT = "opt_out"
    """X-Robots-Tag: noai."""
    OPT_OUT_META = "opt_out_meta"
    """``<meta name="robots" content="noai">`` in a page."""
    SHIFTED = "shifted"
    """A work was added in front between two pages of a listing: one row comes twice."""


@dataclass(frozen=True)
class Rule:
    """One line of a plan."""

    fault: Fault
    pattern: str = "*"
    """Of path and query (``?`` and ``*`` are wildcards, and so is the ``?`` before a query)."""
    times: int | None = None
    """Requests of each address that fail, from the first one on; None: all."""


def rule(text: str) -> Rule:
    """The rule that ``text`` spells: a fault, then a pattern, then a number, colons in between.

    >>> rule("too_many:/images/*:2")
    Rule(fault=<Fault.TOO_MANY: 'too_many'>, pattern='/images/*', times=2)

    Raises:
        UsageError: it spells none.
    """
    name, _, rest = text.partition(":")
    pattern, _, times = rest.rpartition(":")
    if not times.isdecimal():
        pattern, times = rest, ""
    try:
        return Rule(Fault(name), pattern or "*", int(times) if times else None)
    except ValueError:
        raise UsageError(f"{name!r} is no fault; choose one of {', '.join(Fault)}") from None


class Misbehaving:
    """A replica that follows a plan; the first rule that claims a request decides."""

    def __init__(self, replica: Replica, rules: Sequence[Rule]) -> None:
        """Answer as ``replica`` does where no rule of ``rules`` (it may change) says otherwise."""
        self._replica, self.rules = replica, rules
        self._seen: Counter[tuple[Rule, str]] = Counter()
        self._lock = threading.Lock()

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says, or what goes wrong."""
        query = f"?{urlencode(request.query)}" if request.query else ""
        fault = self._fault(host, f"{request.path}{query}")
        if fault is Fault.SHIFTED:
            return _shifted(lambda asked: self._replica.answer(host, asked), request)
        if fault is None:
            return self._replica.answer(host, request)
        made = _MADE.get(fault)
        return made(request) if made else _SPOILT[fault](self._replica.answer(host, request))

    def _fault(self, host: str, target: str) -> Fault | None:
        for candidate in tuple(self.rules):
            if not fnmatchcase(target, candidate.pattern):
                continue
            with self._lock:
                self._seen[candidate, host + target] += 1
                seen = self._seen[candidate, host + target]
            if candidate.times is None or seen <= candidate.times:
                return candidate.fault
        return None


def _status(status: int, body: bytes = b"<!doctype html><p>no", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, HTML, body, named)


def _address(request: Request, **more: str) -> str:
    return f"{quote(request.path)}?{urlencode({**request.query, **more})}"


def _moved(location: str) -> Response:
    return _status(302, Location=location)


def _bomb() -> Response:
    packer = zlib.compressobj(9, wbits=_GZIP)
    parts = [packer.compress(b"a" * _MB) for _ in range(_BOMB_MB)]
    return _status(200, b"".join(parts) + packer.flush(), Content_Encoding="gzip")


def _delivered(delivery: Delivery) -> Callable[[Response], Response]:
    return lambda answer: replace(answer, delivery=delivery)


def _opted_out(answer: Response) -> Response:
    return replace(answer, headers={**answer.headers, "X-Robots-Tag": "noai"})


def _opted_out_by_meta(answer: Response) -> Response:
    return replace(answer, body=b'<meta name="robots" content="noai, noimageai">' + answer.body)


def _shifted(ask: Callable[[Request], Response], request: Request) -> Response:
    """The page of a JSON listing after a work was put in front of all others."""
    number = request.query.get("page", "1")
    answer = ask(request)
    if number == "1" or answer.content_type != JSON:
        return answer
    before = ask(replace(request, query={**request.query, "page": str(int(number) - 1)}))
    listing, previous = json.loads(answer.body), json.loads(before.body)
    rows = [*(previous[_ROWS] or [])[-1:], *(listing[_ROWS] or [])]
    return replace(answer, body=json.dumps(listing | {_ROWS: rows}, ensure_ascii=False).encode())


_MADE: Final[dict[Fault, Callable[[Request], Response]]] = {
    Fault.SERVER_ERROR: lambda _: _status(500),
    Fault.BUSY: lambda _: _status(503, Retry_After="1"),
    Fault.TOO_MANY: lambda _: _status(429, Retry_After="1"),
    Fault.COME_TOMORROW: lambda _: _status(429, Retry_After="86400"),
    Fault.QUOTA: lambda _: Response(500, JSON, _QUOTA),
    Fault.GONE: lambda _: _status(404),
    Fault.FORBIDDEN: lambda _: _status(403),
    Fault.UNAUTHORIZED: lambda _: _status(401),
    Fault.LOGIN: lambda _: _moved("/login"),
    Fault.CHALLENGE: lambda _: _status(403, _CHALLENGE),
    Fault.CHALLENGE_200: lambda _: _status(200, _CHALLENGE),
    Fault.DEAD_ID: lambda r: _status(500) if "dead" in r.query else _moved(_address(r, dead="1")),
    Fault.REDIRECT_LOOP: lambda r: _moved(_address(r)),
    Fault.REDIRECT_AWAY: lambda _: _moved("https://elsewhere.example/"),
    Fault.REDIRECT_PRIVATE: lambda _: _moved("http://169.254.169.254/latest/meta-data/"),
    Fault.EMPTY: lambda _: Response(200, HTML, b""),
    Fault.HTML_PAGE: lambda _: Response(200, HTML, b"<!doctype html><title>News</title><p>Welcome"),
    Fault.NEW_LAYOUT: lambda _: Response(200, HTML, _OTHER_PAGE),
    Fault.BOMB: lambda _: _bomb(),
}
"""Answers that need nothing of the replica."""

_SPOILT: Final[dict[Fault, Callable[[Response], Response]]] = {
    Fault.RESET: _delivered(Delivery.RESET),
    Fault.HANG_UP: _delivered(Delivery.HANG_UP),
    Fault.SILENT: _delivered(Delivery.SILENT),
    Fault.SLOW: _delivered(Delivery.SLOW),
    Fault.TORN: _delivered(Delivery.TORN),
    Fault.WRONG_LENGTH: _delivered(Delivery.WRONG_LENGTH),
    Fault.OPT_OUT: _opted_out,
    Fault.OPT_OUT_META: _opted_out_by_meta,
}
"""The replica's own answers, made worse."""
