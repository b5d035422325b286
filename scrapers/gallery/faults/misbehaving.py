"""A gallery that misbehaves on request, as sites, lines and people in between do."""

from __future__ import annotations

import threading
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import quote, urlencode

from scrapers.gallery.faults import listing_faults
from scrapers.gallery.faults.fault_rules import FaultRule, SiteFault
from scrapers.gallery.faults.listing_faults import Ask
from scrapers.gallery.web.messages import App, Delivery, PageLayout, Request, Response
from scrapers.gallery.web.responses import HTML, JSON

_CHALLENGE: Final = b"<!doctype html><title>Just a moment...</title><form id=challenge-form></form>"
_OTHER_PAGE: Final = "<!doctype html><title>New</title><main>{}</main>".format(
    "<p>Nothing of this page is where it was last year.</p>" * 60
).encode()
_QUOTA: Final = b'{"Exception": {"Message": "Free API limit exceeded"}}'
_MB: Final = 1_000_000
_BOMB_MB: Final = 200
_GZIP: Final = 16 + zlib.MAX_WBITS

Behaviour = Callable[[Ask, Request], Response]
"""What a fault makes of a request, with or without asking the replica."""


class Misbehaving:
    """A replica that follows a plan; the first rule that claims a request decides."""

    def __init__(self, app: App, rules: Sequence[FaultRule]) -> None:
        """Answer as ``app`` does where no rule of ``rules`` (it may change) says otherwise."""
        self._app, self.rules = app, rules
        self._seen: Counter[tuple[FaultRule, str]] = Counter()
        self._lock = threading.Lock()

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says, or what goes wrong."""
        query = f"?{urlencode(request.query)}" if request.query else ""
        fault = self._due_fault(host, f"{request.path}{query}")

        def ask(asked: Request) -> Response:
            return self._app.answer(host, asked)

        return ask(request) if fault is None else _BEHAVIOURS[fault](ask, request)

    def _due_fault(self, host: str, target: str) -> SiteFault | None:
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


def _of_2024(ask: Ask, request: Request) -> Response:
    return ask(replace(request, layout=PageLayout.OF_2024))


def _delivered(delivery: Delivery) -> Behaviour:
    return lambda ask, request: replace(ask(request), delivery=delivery)


_MADE: Final[dict[SiteFault, Callable[[Request], Response]]] = {
    SiteFault.SERVER_ERROR: lambda _: _status(500),
    SiteFault.BUSY: lambda _: _status(503, Retry_After="1"),
    SiteFault.TOO_MANY: lambda _: _status(429, Retry_After="1"),
    SiteFault.COME_TOMORROW: lambda _: _status(429, Retry_After="86400"),
    SiteFault.QUOTA: lambda _: Response(500, JSON, _QUOTA),
    SiteFault.GONE: lambda _: _status(404),
    SiteFault.FORBIDDEN: lambda _: _status(403),
    SiteFault.UNAUTHORIZED: lambda _: _status(401),
    SiteFault.LOGIN: lambda _: _moved("/login"),
    SiteFault.CHALLENGE: lambda _: _status(403, _CHALLENGE),
    SiteFault.CHALLENGE_200: lambda _: _status(200, _CHALLENGE),
    SiteFault.DEAD_ID: lambda r: (
        _status(500) if "dead" in r.query else _moved(_address(r, dead="1"))
    ),
    SiteFault.REDIRECT_LOOP: lambda r: _moved(_address(r)),
    SiteFault.REDIRECT_AWAY: lambda _: _moved("https://elsewhere.example/"),
    SiteFault.REDIRECT_PRIVATE: lambda _: _moved("http://169.254.169.254/latest/meta-data/"),
    SiteFault.EMPTY: lambda _: Response(200, HTML, b""),
    SiteFault.HTML_PAGE: lambda _: Response(
        200, HTML, b"<!doctype html><title>News</title><p>Welcome"
    ),
    SiteFault.NEW_LAYOUT: lambda _: Response(200, HTML, _OTHER_PAGE),
    SiteFault.BOMB: lambda _: _bomb(),
}
"""Answers that need nothing of the replica."""


def _without_asking(make: Callable[[Request], Response]) -> Behaviour:
    return lambda _, request: make(request)


def _with_header(name: str, value: str) -> Behaviour:
    return lambda ask, request: listing_faults.by_header(ask(request), name, value)


def _with_meta(name: str, content: str) -> Behaviour:
    return lambda ask, request: listing_faults.by_meta(ask(request), name, content)


_BEHAVIOURS: Final[dict[SiteFault, Behaviour]] = {
    **{fault: _without_asking(make) for fault, make in _MADE.items()},
    SiteFault.RESET: _delivered(Delivery.RESET),
    SiteFault.HANG_UP: _delivered(Delivery.HANG_UP),
    SiteFault.SILENT: _delivered(Delivery.SILENT),
    SiteFault.SLOW: _delivered(Delivery.SLOW),
    SiteFault.TORN: _delivered(Delivery.TORN),
    SiteFault.WRONG_LENGTH: _delivered(Delivery.WRONG_LENGTH),
    SiteFault.LAYOUT_2024: _of_2024,
    SiteFault.SHIFTED: listing_faults.shifted,
    SiteFault.NO_COUNT: listing_faults.without_count,
    SiteFault.NO_MAP: lambda ask, request: listing_faults.without_map(ask(request)),
    **{fault: _with_header(*header) for fault, header in listing_faults.HEADERS.items()},
    **{fault: _with_meta(*meta) for fault, meta in listing_faults.METAS.items()},
    SiteFault.OPT_OUT_ROBOTS_TXT: lambda ask, request: listing_faults.by_robots_txt(
        ask(request), request
    ),
}
